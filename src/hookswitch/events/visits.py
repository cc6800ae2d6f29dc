"""The summaries of queues and ring groups, built from a visit that ended."""

from typing import Literal, TypedDict

from msgspec import json

from hookswitch.events.queue_call import QueueCall
from hookswitch.events.ring_group_call import RingGroupCall
from hookswitch.events.wire import event_id, optional_timestamp, seconds
from hookswitch.model.events import Event, Trigger
from hookswitch.model.facts import VisitEnded
from hookswitch.model.instants import iso


class _Common(TypedDict):
    unique_call_id: str
    caller_id: str
    caller_name: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    connected_at: str | None
    call_duration: int
    conversation_duration: int
    status: Literal["answered", "abandoned", "timeout"]


def ended(fact: VisitEnded) -> list[Event]:
    """One summary per visit."""
    if fact.visit.kind == "queue":
        body = json.encode(
            QueueCall(type="queue_call", queue_name=fact.visit.name, **_common(fact))
        )
        return [_event(fact, "queue_call", body)]
    body = json.encode(
        RingGroupCall(type="ring_group_call", ring_group_name=fact.visit.name, **_common(fact))
    )
    return [_event(fact, "ring_group_call", body)]


def _common(fact: VisitEnded) -> _Common:
    call, leg = fact.call, fact.leg
    connected_at = leg.answered_at if leg else fact.visit.taken_at
    return {
        "unique_call_id": call.id,
        "caller_id": call.caller.number,
        "caller_name": call.caller.name,
        "user_name": leg.user.name if leg else "",
        "user_number": leg.user.extension if leg else "",
        "dest_number": call.dest_number,
        "call_start_at": iso(call.started_at),
        "connected_at": optional_timestamp(connected_at),
        "call_duration": seconds(fact.at - fact.visit.entered_at),
        "conversation_duration": 0 if connected_at is None else seconds(fact.at - connected_at),
        "status": fact.status,
    }


def _event(fact: VisitEnded, kind: Trigger, body: bytes) -> Event:
    return Event(
        id=event_id(fact.call.id, fact.visit.id, kind, 1),
        type=kind,
        call=fact.call.id,
        revision=fact.call.revision,
        at=fact.at,
        body=body,
    )
