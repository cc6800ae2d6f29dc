"""One call, one observation at a time: the new state and the facts it gave.

Legs are keyed by the id the dialplan gave the attempt; the channels it dialled are bound to it
by `hs.dialing`. Ringing is known from AMI, or at the latest from the leg's hangup handler. That
may come after the caller went on, so until then what the caller did is held back: the events of
a call have one order, with AMI and without.
"""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from hookswitch.calls import clean, legs, outgoing, pickup, recordings, transfers, visits
from hookswitch.calls.info import Folded, info
from hookswitch.model.calls import CallState, Leg, Party, User
from hookswitch.model.facts import (
    CallArrived,
    CallEnded,
    CallTurnedAway,
    Fact,
    FlowBroken,
    LegAnswered,
    LegTried,
    PromptRecorded,
    VoicemailLeft,
    WebhookReached,
)
from hookswitch.model.ids import CallId, Ms
from hookswitch.model.journal import JournalLine, RingingSeen


def begin(line: JournalLine) -> CallState:
    """Open the call of a first channel; its linked id is the call's id from here on."""
    return CallState(
        id=CallId(line.linkedid),
        started_at=line.at,
        caller=clean.party(line.num, line.name),
    )


def fold(call: CallState, line: JournalLine) -> Folded:
    """Apply one record of this call; records with no meaning here change nothing."""
    waits = _is_holding(call) and legs.of_device(call, line.uniqueid) is None
    if waits and line.event not in _NEVER_HELD:
        return replace(call, held=(*call.held, line)), ()
    return _release(_apply(call, line))


def fold_ringing(call: CallState, seen: RingingSeen) -> Folded:
    """Apply a ringing seen over AMI; too late, or for no user's device, it changes nothing."""
    leg = legs.of_device(call, seen.uniqueid)
    if leg is None or leg.ended_at is not None:
        return call, ()
    call, rang = legs.rang(call, leg, seen.at)
    call, ended = legs.settle(call, call.legs[leg.id])
    call, summaries = visits.settle(call)
    call, closed = recordings.settle(call)
    return _release((call, rang + ended + summaries + closed))


def lose(call: CallState, at: Ms) -> Folded:
    """Close a call whose engine died under it; nothing will follow."""
    facts: list[Fact] = []
    while call.held:
        call, found = _release(_end_open(call, at, legs.is_awaited))
        facts += found
    call, found = _end_open(call, at, lambda _leg: True)
    call, gone = outgoing.end(call, at)
    call, summaries = visits.lose(call, at)
    call, cut_off = recordings.end(call, at)
    call = replace(call, open_channels=frozenset(), ended_at=at)
    ended = (CallEnded(info(call), at, engine_lost=True),) if call.arrived else ()
    return call, (*facts, *found, *gone, *summaries, *cut_off, *ended)


def let_go(call: CallState, channels: frozenset[str], at: Ms) -> Folded:
    """Go on without channels that now belong to another call."""
    call = replace(
        call,
        channels=call.channels - channels,
        open_channels=call.open_channels - channels,
        seeker=None,
    )
    return _closed(call, (), at)


def _end_open(call: CallState, at: Ms, chosen: Callable[[Leg], bool]) -> Folded:
    """End the chosen legs; nothing will tell any more whether they rang."""
    facts: list[Fact] = []
    for leg in call.legs.values():
        if leg.ended_at is None and chosen(leg):
            call, found = legs.end(call, leg, leg.dial_over_at or leg.returned_at or at)
            facts += found
    return call, tuple(facts)


def _apply(call: CallState, line: JournalLine) -> Folded:
    rule = RULES.get(line.event)
    if rule is None:
        return call, ()
    call, facts = rule(call, line)
    call, summaries = visits.settle(call)
    call, closed = recordings.settle(call)
    facts += summaries + closed
    return _closed(call, facts, line.at) if line.event in _LAST else (call, facts)


def _closed(call: CallState, facts: tuple[Fact, ...], at: Ms) -> Folded:
    """End the call with its last channel, after everything else this record told."""
    if call.open_channels or call.held or call.ended_at is not None:
        return call, facts
    call, gone = outgoing.end(call, at)
    call, left_open = recordings.end(call, at)
    call = replace(call, ended_at=at)
    facts += gone + left_open
    return call, (*facts, CallEnded(info(call), at)) if call.arrived else facts


def _release(folded: Folded) -> Folded:
    """Apply what was held, as far as nothing holds it any more."""
    call, facts = folded
    while call.held and not _is_holding(call):
        line, *rest = call.held
        call, found = _apply(replace(call, held=tuple(rest)), line)
        facts += found
    return call, facts


def _is_holding(call: CallState) -> bool:
    """A leg was given up, and whether it rang is still to be told by its devices."""
    return any(map(legs.is_awaited, call.legs.values()))


def _chan_start(call: CallState, line: JournalLine) -> Folded:
    return replace(
        call,
        channels=call.channels | {line.uniqueid},
        open_channels=call.open_channels | {line.uniqueid},
    ), ()


def _arrived(call: CallState, line: JournalLine) -> Folded:
    """Where a call that is transferred arrives is no new call: it keeps its number and caller."""
    if call.arrived:
        return call, ()
    call = replace(
        call,
        arrived=True,
        revision=_number(line.extra, "r"),
        dest_number=clean.number(line.extra.get("number", "")),
        caller=_caller(line),
    )
    return call, (CallArrived(info(call), line.at),)


def _caller(line: JournalLine) -> Party:
    if line.extra.get("pres", "").startswith("prohib"):
        return Party()
    return clean.party(line.num, line.name)


def _try(call: CallState, line: JournalLine) -> Folded:
    visit = call.visits.get(line.extra.get("visit", ""))
    leg = Leg(
        id=legs.unused(call, line.extra.get("leg", "")),
        user=User(line.extra.get("name", ""), line.extra.get("ext", "")),
        tried_at=line.at,
        visit=visit.id if visit else None,
        via_queue=visit.name if visit and visit.kind == "queue" else None,
        via_ring_group=visit.name if visit and visit.kind == "ring_group" else None,
    )
    return legs.put(call, leg), (LegTried(info(call), leg, line.at),)


def _dialing(call: CallState, line: JournalLine) -> Folded:
    leg = call.legs.get(legs.named(call, line))
    if leg is None:
        return outgoing.bind(call, line), ()
    if line.uniqueid in leg.devices:
        return call, ()
    leg = replace(
        leg,
        devices=(*leg.devices, line.uniqueid),
        open_devices=leg.open_devices | {line.uniqueid},
        asked=leg.asked | ({line.uniqueid} if "asks" in line.extra else set()),
    )
    return legs.put(call, leg), ()


def _answer(call: CallState, line: JournalLine) -> Folded:
    call, facts = _leg_answered(call, line)
    if any(isinstance(fact, LegAnswered) for fact in facts):
        call, told = outgoing.answer(call, line.at)
    else:
        call, told = outgoing.answered_for(call, line)
    return call, facts + told


def _leg_answered(call: CallState, line: JournalLine) -> Folded:
    leg = legs.of_device(call, line.uniqueid)
    if leg is None or leg.answered_at is not None or leg.ended_at is not None:
        return call, ()
    call, rang = legs.rang(call, leg, line.at)
    if line.uniqueid in leg.asked:
        return call, rang
    if leg.dial_over_at is not None:  # too late: the call had gone on
        call, ended = legs.settle(call, call.legs[leg.id])
        return call, rang + ended
    leg = call.legs[leg.id]
    # the engine may tell of the ringing a moment after the answer that came with it
    at = max(line.at, leg.rang_at or 0)
    leg = replace(leg, answered_at=at, answered_by=line.uniqueid)
    call = visits.answered(legs.put(call, leg), leg)
    return call, (*rang, LegAnswered(info(call), leg, at))


def _accepted(call: CallState, line: JournalLine) -> Folded:
    """The key was pressed: from here on he who answered has the call."""
    leg = legs.of_device(call, line.uniqueid)
    if leg is None:
        return call, ()
    return _answer(legs.put(call, replace(leg, asked=leg.asked - {line.uniqueid})), line)


def _leg_end_state(call: CallState, line: JournalLine) -> Folded:
    leg = legs.of_device(call, line.uniqueid)
    if leg is None or line.extra.get("st") not in {"Ringing", "Up"}:
        return call, ()
    return legs.rang(call, leg, line.at)


def _tried(call: CallState, line: JournalLine) -> Folded:
    """The caller is back from the attempt, whoever took it."""
    tried = legs.named(call, line)

    def back(leg: Leg) -> Leg | None:
        if tried not in (leg.id, leg.instead_of) or leg.moved or leg.dial_over_at is not None:
            return None
        if leg.answered_by in leg.open_devices:
            return replace(leg, returned_at=line.at)
        return replace(leg, dial_over_at=line.at)

    return legs.each_open(call, back)


def _chan_end(call: CallState, line: JournalLine) -> Folded:
    call = replace(call, open_channels=call.open_channels - {line.uniqueid})
    call, facts = legs.each_open(call, lambda leg: _without(leg, line))
    call, gone = outgoing.leave(call, frozenset({line.uniqueid}), line.at)
    if line.context == TURNING_AWAY and not call.arrived:
        gone += (CallTurnedAway(info(call), line.at),)
    return visits.caller_gone(call, line), facts + gone


def _without(leg: Leg, line: JournalLine) -> Leg:
    """The leg after a channel ended: one of its devices, its talk, or the one that dialled it.

    Whoever dialled may have left by a transfer, so his end is not that of those who still ring.
    """
    gone = line.uniqueid == legs.dialler(leg)
    leg = replace(
        leg,
        open_devices=leg.open_devices - {line.uniqueid},
        moved=leg.moved or gone,
    )
    unanswered = leg.answered_at is None and leg.moved and not leg.open_devices
    over = leg.dial_over_at is None and (line.uniqueid == leg.answered_by or unanswered)
    return replace(leg, dial_over_at=leg.returned_at or line.at) if over else leg


def _left(call: CallState, line: JournalLine) -> Folded:
    """No member will be rung any more; who still rings is told by its own records.

    A caller who goes on from an answer is no longer talking to whoever gave it.
    """
    visit = line.extra.get("visit", "")
    answered = line.extra.get("st") == "ANSWER"
    call, _ = visits.leave(call, line)
    call, given_up = _give_up(call, line)
    call, ended = legs.each_open(
        call,
        lambda leg: (
            replace(leg, dial_over_at=line.at)
            if answered and leg.visit == visit and leg.answered_at is not None and not leg.moved
            else None
        ),
    )
    return call, given_up + ended


def _taken(call: CallState, line: JournalLine) -> Folded:
    call, facts = _give_up(visits.take(call, line), line)
    call, told = outgoing.answer(call, line.at)
    return call, facts + told


def _give_up(call: CallState, line: JournalLine) -> Folded:
    """The members of a visit that were dialled so far and did not answer are done with."""
    visit = line.extra.get("visit")
    return legs.each_open(
        call,
        lambda leg: (
            replace(leg, dial_over_at=line.at)
            if leg.visit == visit and leg.answered_at is None and leg.dial_over_at is None
            else None
        ),
    )


def _webhook(call: CallState, line: JournalLine) -> Folded:
    call = replace(call, objects_reached=call.objects_reached + 1)
    return call, (
        WebhookReached(
            info(call),
            node=line.extra.get("node", ""),
            component=line.extra.get("name", ""),
            ordinal=call.objects_reached,
            at=line.at,
            channel=line.uniqueid if "ask" in line.extra else "",
            ask=_number(line.extra, "ask"),
        ),
    )


def _voicemail(call: CallState, line: JournalLine) -> Folded:
    """Too short a message, or a caller who hung up in the greeting, leaves no file."""
    file = line.extra.get("f", "")
    if line.extra.get("st") != "SUCCESS" or not file:
        return call, ()
    call = replace(call, messages=call.messages + 1)
    node = line.extra.get("node", "")
    return call, (VoicemailLeft(info(call), node, file, call.messages, line.at),)


def _prompt(call: CallState, line: JournalLine) -> Folded:
    name, file = line.extra.get("name", ""), line.extra.get("f", "")
    return call, (PromptRecorded(info(call), name, file, line.at),)


def _loop(call: CallState, line: JournalLine) -> Folded:
    return call, (FlowBroken(info(call), line.extra.get("node", ""), line.at),)


def _number(extra: Mapping[str, str], name: str) -> int:
    text = extra.get(name, "")
    return int(text) if text.isascii() and text.isdigit() else 0


TURNING_AWAY: Final = "hs-refuse"
"""Where a channel ends that was refused at the entrance."""

_NEVER_HELD: Final = {"ATTENDEDTRANSFER", "BLINDTRANSFER"}
"""Say of a leg that is awaited that it goes on."""

_LAST: Final = {"CHAN_END", "hs.left"}
"""What a call may end with; the second if another call's channel was in its queue."""

RULES: Final[Mapping[str, Callable[[CallState, JournalLine], Folded]]] = {
    "CHAN_START": _chan_start,
    "ANSWER": _answer,
    "CHAN_END": _chan_end,
    "hs.arrived": _arrived,
    "hs.calling": outgoing.begin,
    "hs.refused": outgoing.refused,
    "hs.clicked": outgoing.clicked,
    "hs.taken": _taken,
    "hs.accepted": _accepted,
    "hs.try": _try,
    "hs.dialing": _dialing,
    "hs.legend": _leg_end_state,
    "hs.tried": _tried,
    "hs.enter": visits.enter,
    "hs.given_up": _give_up,
    "hs.left": _left,
    "hs.webhook": _webhook,
    "hs.voicemail": _voicemail,
    "hs.prompt": _prompt,
    "hs.recording": recordings.begin,
    "BRIDGE_ENTER": recordings.joined,
    "hs.recclosed": recordings.close,
    "hs.loop": _loop,
    "hs.seek": pickup.seek,
    "BLINDTRANSFER": transfers.blind,
    "ATTENDEDTRANSFER": transfers.attended,
    "PICKUP": pickup.picked_up,
    "PARK_END": pickup.unparked,
}
