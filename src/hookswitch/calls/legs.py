"""Attempts to reach users: rung, ended once, and only when it is known whether they rang."""

from collections.abc import Callable

from msgspec.structs import replace

from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Leg
from hookswitch.model.facts import Fact, LegEnded, LegRang
from hookswitch.model.ids import LegId, Ms
from hookswitch.model.journal import JournalLine

CHANGED = Callable[[Leg], Leg | None]


def settle(call: CallState, leg: Leg) -> Folded:
    """End the leg if it is over and it is known whether it rang."""
    if leg.dial_over_at is not None and (leg.rang_at is not None or not leg.open_devices):
        return end(call, leg, leg.dial_over_at)
    return put(call, leg), ()


def end(call: CallState, leg: Leg, at: Ms) -> Folded:
    leg = replace(leg, ended_at=at, open_devices=frozenset())
    return put(call, leg), (LegEnded(info(call), leg, at),)


def rang(call: CallState, leg: Leg, at: Ms) -> Folded:
    if leg.rang_at is not None or leg.ended_at is not None:
        return call, ()
    leg = replace(leg, rang_at=at)
    return put(call, leg), (LegRang(info(call), leg, at),)


def is_awaited(leg: Leg) -> bool:
    """What came of it is known, but not yet how it ends; the caller's records wait."""
    return leg.ended_at is None and (leg.dial_over_at is not None or leg.returned_at is not None)


def put(call: CallState, leg: Leg) -> CallState:
    return replace(call, legs={**call.legs, leg.id: leg})


def of_device(call: CallState, uniqueid: str) -> Leg | None:
    """The attempt that dialled the channel."""
    return next((leg for leg in call.legs.values() if uniqueid in leg.devices), None)


def dialler(leg: Leg) -> str:
    """The channel that runs the attempt: a leg's id is its unique id, a dot and a counter."""
    return leg.id.rpartition(".")[0]


def named(call: CallState, line: JournalLine) -> LegId:
    """The id of the latest attempt under the name that the record gives.

    A channel that took over another's place in a transfer counts its attempts anew.
    """
    name = line.extra.get("leg", "")
    while LegId(f"{name}+") in call.legs:
        name += "+"
    return LegId(name)


def unused(call: CallState, name: str) -> LegId:
    """An id for another attempt under this name."""
    while LegId(name) in call.legs:
        name += "+"
    return LegId(name)


def each_open(call: CallState, change: CHANGED) -> Folded:
    """Change every leg that has not ended, and end those that are over by it."""
    facts: list[Fact] = []
    for leg in call.legs.values():
        changed = None if leg.ended_at is not None else change(leg)
        if changed is not None:
            call, found = settle(call, changed)
            facts += found
    return call, tuple(facts)
