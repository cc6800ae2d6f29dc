"""One call from all sides: legs, objects, steps, audio, events and their deliveries."""

import asyncio
import wave
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from hookswitch.api.ports import Refused
from hookswitch.model.calls import CallState, Leg, Visit
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EventId, Ms
from hookswitch.model.media import Media
from hookswitch.store.port import Store
from hookswitch.store.rows import DeliveryFilter, DeliveryRow

MOST: Final = 1000
BLOCKED: Final = "caller"
REFUSED: Final[Mapping[str, str]] = {
    BLOCKED: "the caller is one of those blocked",
    "blocked": "the number is one that nobody may dial",
    "route": "no route of the user fits the number",
    "trunk": "no trunk takes it",
    "at_once": "the user has too many calls at once",
    "per_minute": "the user called too often within a minute",
    "destination": "the user may not dial the number",
    "trunk_per_minute": "the trunk was called too often within a minute",
    "trunk_destination": "no trunk may take the number",
}
Answer = dict[str, Any]


def summary(call: CallState) -> Answer:
    """What a list says of a call."""
    outgoing = call.outgoing
    users = [outgoing.user] if outgoing else []
    users += [leg.user for leg in call.legs.values()]
    # a call among ourselves is answered by the other, not by the object it reached
    answered = any(leg.answered_at for leg in call.legs.values())
    if outgoing and not call.legs:
        answered = outgoing.answered_at is not None
    state = "open" if call.ended_at is None else "answered" if answered else "missed"
    return {
        "id": call.id,
        "direction": ("internal" if call.legs else "outbound") if outgoing else "inbound",
        "caller": {"number": call.caller.number, "name": call.caller.name},
        "dest_number": call.dest_number,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "state": state,
        "blocked": any(refusal.why == BLOCKED for refusal in call.refusals),
        "users": [{"name": u.name, "extension": u.extension} for u in dict.fromkeys(users)],
        "duration": None if call.ended_at is None else _seconds(call.ended_at - call.started_at),
        "revision": call.revision,
    }


async def details(store: Store, media: Path, identifier: CallId) -> Answer:
    call = await store.call(identifier)
    if call is None:
        raise Refused(404, "Not Found", "there is no call of that id")
    events = await store.events(identifier)
    rows = await store.deliveries(DeliveryFilter(call=identifier), limit=MOST)
    kept = [found for event in events if (found := await store.media_of(EventId(event.id)))]
    kinds = {event.id: event.type for event in events}
    return {
        "call": summary(call),
        "legs": [_leg(leg) for leg in call.legs.values()],
        "objects": [_visit(visit) for visit in call.visits.values()],
        "timeline": sorted(_timeline(call, events), key=lambda step: step["at"]),
        "media": [await _audio(one, kinds[one.event], media) for one in kept],
        "events": [_event(event, rows) for event in events],
    }


def _leg(leg: Leg) -> Answer:
    return {
        "id": leg.id,
        "user": {"name": leg.user.name, "extension": leg.user.extension},
        "queue": leg.via_queue,
        "ring_group": leg.via_ring_group,
        "started_at": leg.tried_at,
        "rang_at": leg.rang_at,
        "answered_at": leg.answered_at,
        "ended_at": leg.ended_at,
    }


def _visit(visit: Visit) -> Answer:
    return {
        "kind": visit.kind,
        "name": visit.name,
        "entered_at": visit.entered_at,
        "left_at": visit.left_at,
        "answered": visit.answered_leg is not None,
    }


async def _audio(kept: Media, kind: str, media: Path) -> Answer:
    seconds = await asyncio.to_thread(_length, media / kept.path)
    return {
        "event": kept.event,
        "kind": kind,
        "seconds": seconds,
        "url": f"/api/media/{kept.event}/audio",
        "revoked": kept.revoked,
    }


def _length(path: Path) -> float | None:
    try:
        with wave.open(str(path)) as audio:
            return float(round(audio.getnframes() / (audio.getframerate() or 1), 1))
    except (OSError, EOFError, wave.Error):
        return None


def _event(event: Event, rows: Sequence[DeliveryRow]) -> Answer:
    return {
        "id": event.id,
        "type": event.type,
        "at": event.at,
        "revision": event.revision,
        "body": msgspec.json.decode(event.body),
        "deliveries": [
            msgspec.structs.asdict(row) for row in reversed(rows) if row.event == event.id
        ],
    }


def _timeline(call: CallState, events: Sequence[Event]) -> Iterator[Answer]:
    caller = call.caller.number or "somebody"
    yield _step(call.started_at, "arrived", caller, f"{caller} calls {call.dest_number}")
    if call.outgoing and call.outgoing.answered_at and not call.legs:
        text = f"{call.dest_number} answered"
        yield _step(call.outgoing.answered_at, "answered", call.dest_number, text)
    for refusal in call.refusals:
        text = f"refused: {REFUSED.get(refusal.why, refusal.why)}"
        yield _step(refusal.at, "refused", refusal.why, text)
    for visit in call.visits.values():
        yield _step(visit.entered_at, "entered", visit.name, f"enters {visit.name}")
        if visit.left_at:
            answered = visit.answered_leg or visit.taken_at
            how = "given up in" if visit.abandoned and not answered else "leaves"
            yield _step(visit.left_at, "left", visit.name, f"{how} {visit.name}")
    for leg in call.legs.values():
        yield from _leg_steps(leg)
    for event in events:
        if told := _TOLD.get(event.type):
            yield _step(event.at, *told, _name_in(event))
    if call.ended_at:
        yield _step(call.ended_at, "ended", "", "the call is over")


_TOLD: Final[Mapping[str, tuple[str, str]]] = {
    "webhook_component_event": ("webhook", "Webhook object"),
    "voicemail": ("voicemail", "Voicemail"),
    "recording_inbound": ("recording", "Recording"),
    "recording_outbound": ("recording", "Recording"),
}


def _name_in(event: Event) -> str:
    said = msgspec.json.decode(event.body)
    if event.type == "webhook_component_event":
        return f"passes the Webhook object {said['component_name']}"
    return "a message is left" if event.type == "voicemail" else "a recording is complete"


def _leg_steps(leg: Leg) -> Iterator[Answer]:
    name = leg.user.name
    yield _step(leg.tried_at, "tried", name, f"{name} is dialled")
    for at, step, text in (
        (leg.rang_at, "ringing", f"{name} rings"),
        (leg.answered_at, "answered", f"{name} answered"),
        (leg.ended_at, "leg ended", f"{name} is gone"),
    ):
        if at is not None:
            yield _step(at, step, name, text)


def _step(at: Ms, step: str, what: str, text: str) -> Answer:
    return {"at": at, "step": step, "what": what, "text": text}


def _seconds(duration: int) -> int:
    return max(0, (duration + 500) // 1000)
