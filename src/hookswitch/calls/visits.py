"""Visits to queues and ring groups: entered, answered by a leg, left, or abandoned."""

from msgspec.structs import replace

from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Leg, Visit
from hookswitch.model.facts import Fact, VisitEnded
from hookswitch.model.ids import Ms
from hookswitch.model.journal import JournalLine


def enter(call: CallState, line: JournalLine) -> Folded:
    kind = line.extra.get("kind", "")
    if kind not in {"queue", "ring_group"}:
        return call, ()
    visit = Visit(
        id=line.extra.get("visit", ""),
        kind="queue" if kind == "queue" else "ring_group",
        name=line.extra.get("name", ""),
        entered_at=line.at,
    )
    return _put(call, visit), ()


def leave(call: CallState, line: JournalLine) -> Folded:
    """The dialplan went on; the members' own records may still follow."""
    visit = call.visits.get(line.extra.get("visit", ""))
    if visit is None or visit.left_at is not None:
        return call, ()
    call = replace(call, open_channels=call.open_channels - {visit.moved_to})
    return _put(call, replace(visit, left_at=line.at)), ()


def move(call: CallState, channels: frozenset[str], to: str) -> CallState:
    """Another call's channel has the place of one of these: ours lasts as long as it is there."""
    for visit in call.visits.values():
        if visit.left_at is None and to and holder(visit) in channels:
            call = _put(call, replace(visit, moved_to=to))
            call = replace(call, open_channels=call.open_channels | {to})
    return call


def holder(visit: Visit) -> str:
    """The channel that is in the object."""
    return visit.moved_to or visit.id.rpartition(".")[0]


def caller_gone(call: CallState, line: JournalLine) -> CallState:
    """The channel that is in the object ended."""
    for visit in call.visits.values():
        if visit.left_at is None and holder(visit) == line.uniqueid:
            call = _put(call, replace(visit, left_at=line.at, abandoned=True))
    return call


def answered(call: CallState, leg: Leg) -> CallState:
    visit = call.visits.get(leg.visit or "")
    if visit is None or visit.answered_leg is not None:
        return call
    return _put(call, replace(visit, answered_leg=leg.id))


def take(call: CallState, line: JournalLine) -> CallState:
    """Somebody outside has it."""
    visit = call.visits.get(line.extra.get("visit", ""))
    if visit is None or visit.answered_leg is not None or visit.taken_at is not None:
        return call
    return _put(call, replace(visit, taken_at=line.at))


def settle(call: CallState) -> Folded:
    """Give the summaries of visits that are over, once all their legs are."""
    facts: list[Fact] = []
    for visit in call.visits.values():
        ended_at = None if visit.told else _ended_at(call, visit)
        if ended_at is not None:
            call = _put(call, replace(visit, told=True))
            facts.append(_summary(call, visit, ended_at))
    return call, tuple(facts)


def lose(call: CallState, at: Ms) -> Folded:
    """The engine died: who was still in an object is counted as gone."""
    for visit in call.visits.values():
        if visit.left_at is None:
            call = _put(call, replace(visit, left_at=at, abandoned=True))
    return settle(call)


def _ended_at(call: CallState, visit: Visit) -> Ms | None:
    if visit.answered_leg is not None:
        return call.legs[visit.answered_leg].ended_at
    if visit.taken_at is not None:
        return visit.left_at
    own = (leg for leg in call.legs.values() if leg.visit == visit.id)
    return visit.left_at if all(leg.ended_at is not None for leg in own) else None


def _summary(call: CallState, visit: Visit, at: Ms) -> VisitEnded:
    if visit.answered_leg is not None:
        return VisitEnded(info(call), visit, call.legs[visit.answered_leg], "answered", at)
    if visit.taken_at is not None:
        return VisitEnded(info(call), visit, None, "answered", at)
    return VisitEnded(info(call), visit, None, "abandoned" if visit.abandoned else "timeout", at)


def _put(call: CallState, visit: Visit) -> CallState:
    return replace(call, visits={**call.visits, visit.id: visit})
