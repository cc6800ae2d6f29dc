"""Calls that move: who transfers one leaves it at once, the others stay in theirs."""

from typing import Final

from msgspec.structs import replace

from hookswitch.calls import legs, outgoing, visits
from hookswitch.calls.info import Folded
from hookswitch.model.calls import CallState, Leg
from hookswitch.model.ids import Ms
from hookswitch.model.journal import JournalLine

CONSULTING: Final = "channel2_uniqueid"
"""The transferer's other channel."""


def blind(call: CallState, line: JournalLine) -> Folded:
    """The transferer is done; whom he had dialled himself goes on without him."""
    goes_on = line.extra.get("transferee_channel_uniqueid")
    call, _ = legs.each_open(
        call,
        lambda leg: (
            replace(leg, moved=True, returned_at=None)
            if goes_on and leg.answered_by == goes_on
            else None
        ),
    )
    return _leaves(call, frozenset({line.uniqueid}), line.at)


def attended(call: CallState, line: JournalLine) -> Folded:
    """Either of the two calls: the transferer is done with both.

    One that he began in an object goes on there with the other party of the first.
    """
    channels = frozenset({line.uniqueid, line.extra.get(CONSULTING, "")})
    if "app" in line.extra:
        call = visits.move(call, channels, line.extra.get("transferee_channel_uniqueid", ""))
    return _leaves(call, channels, line.at)


def in_order(one: CallState, other: CallState) -> tuple[CallState, CallState]:
    """The call that was there first, and the consultation, which is linked to it from here on."""
    first, second = sorted((one, other), key=lambda call: (call.started_at, call.id))
    if first.arrived and second.linked is None:
        second = replace(second, linked=first.id)
    return first, second


def _leaves(call: CallState, channels: frozenset[str], at: Ms) -> Folded:
    def without(leg: Leg) -> Leg | None:
        if leg.answered_by in channels:
            return replace(leg, dial_over_at=at)
        if legs.dialler(leg) in channels:
            return replace(leg, moved=True, returned_at=None)
        return None

    call, ended = legs.each_open(call, without)
    call, gone = outgoing.leave(call, channels, at)
    return call, ended + gone
