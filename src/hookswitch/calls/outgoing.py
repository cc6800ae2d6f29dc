"""A user's own call: begun, answered by whom he called, over for him."""

from typing import Final

from msgspec.structs import replace

from hookswitch.calls import clean
from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Outgoing, Refusal, User
from hookswitch.model.facts import CallRefused, OutgoingAnswered, OutgoingBegun, OutgoingEnded
from hookswitch.model.ids import Ms
from hookswitch.model.journal import JournalLine

MOST_REFUSALS: Final = 10
"""Kept of a call; a flow may go round External numbers that are refused."""


def begin(call: CallState, line: JournalLine) -> Folded:
    """The first to say so placed the call; who comes by a transfer did not."""
    user = User(line.extra.get("name", ""), line.extra.get("ext", ""))
    if call.outgoing is not None or not call.arrived or not user.extension:
        return call, ()
    withheld = line.extra.get("pres", "").startswith("prohib")
    outgoing = Outgoing(
        user=user,
        channel=line.uniqueid,
        caller_id="" if withheld else clean.number(line.num),
        called_at=line.at,
    )
    return replace(call, outgoing=outgoing), (OutgoingBegun(info(call), outgoing, line.at),)


def bind(call: CallState, line: JournalLine) -> CallState:
    """A channel was dialled that is no user's: whom he calls."""
    outgoing = call.outgoing
    if outgoing is None or outgoing.ended_at is not None or line.extra.get("leg"):
        return call
    devices = outgoing.devices | {line.uniqueid}
    return replace(call, outgoing=replace(outgoing, devices=devices))


def clicked(call: CallState, line: JournalLine) -> Folded:
    """A program asked for this call; what it calls it goes with each event."""
    return replace(call, client_ref=line.extra.get("ref") or None), ()


def refused(call: CallState, line: JournalLine) -> Folded:
    why = line.extra.get("why", "")
    refusals = (*call.refusals, Refusal(line.at, why))[-MOST_REFUSALS:]
    return replace(call, refusals=refusals), (CallRefused(info(call), why, line.at),)


def answer(call: CallState, at: Ms) -> Folded:
    outgoing = call.outgoing
    if outgoing is None or outgoing.answered_at is not None or outgoing.ended_at is not None:
        return call, ()
    outgoing = replace(outgoing, answered_at=at)
    return replace(call, outgoing=outgoing), (OutgoingAnswered(info(call), outgoing, at),)


def answered_for(call: CallState, line: JournalLine) -> Folded:
    """The engine tells the calling phone of an answer: a user's, an outside party's, a menu's."""
    outgoing = call.outgoing
    if outgoing is None or line.uniqueid not in {outgoing.channel, *outgoing.devices}:
        return call, ()
    return answer(call, line.at)


def leave(call: CallState, channels: frozenset[str], at: Ms) -> Folded:
    """The calling phone is one of `channels`, which hung up or were left by a transfer."""
    outgoing = call.outgoing
    return end(call, at) if outgoing and outgoing.channel in channels else (call, ())


def end(call: CallState, at: Ms) -> Folded:
    outgoing = call.outgoing
    if outgoing is None or outgoing.ended_at is not None:
        return call, ()
    outgoing = replace(outgoing, ended_at=at)
    return replace(call, outgoing=outgoing), (OutgoingEnded(info(call), outgoing, at),)
