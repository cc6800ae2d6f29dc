"""Calls: found, and one from all sides."""

import base64
import binascii
from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from pydantic import Field

from hookswitch.api.access import READ
from hookswitch.api.models import Answer, EventBody, Instant
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId
from hookswitch.model.instants import ms_of
from hookswitch.store.rows import CallFilter, CallMark, CallOutcome

router = APIRouter(prefix="/api/calls", tags=["calls"], dependencies=[READ])

Number = Annotated[str | None, Query(max_length=80, description="Whole, or its beginning and *.")]


class Party(Answer):
    number: str
    name: str


class CallUser(Answer):
    name: str
    extension: str


class Call(Answer):
    """`duration` in seconds, null while it lasts; `users` were rung or placed it."""

    id: str
    direction: str = Field(description="inbound; outbound or internal if a user placed it.")
    caller: Party
    dest_number: str
    started_at: Instant
    ended_at: Instant | None
    state: CallOutcome
    blocked: bool = Field(description="Declined, as the caller is one of `blocked_callers`.")
    users: list[CallUser]
    duration: int | None
    revision: int


class Calls(Answer):
    items: list[Call]
    next: str | None


class Leg(Answer):
    """One attempt to reach one user."""

    id: str
    user: CallUser
    queue: str | None
    ring_group: str | None
    started_at: Instant
    rang_at: Instant | None
    answered_at: Instant | None
    ended_at: Instant | None


class Visit(Answer):
    """A passage through a queue or ring group."""

    kind: str
    name: str
    entered_at: Instant
    left_at: Instant | None
    answered: bool


class Step(Answer):
    """`what` says whom or what it is about."""

    at: Instant
    step: str
    what: str
    text: str


class Audio(Answer):
    """Kept audio; `seconds` is null if the file is gone."""

    event: str
    kind: EventType
    seconds: float | None
    url: str
    revoked: bool


class EventDelivery(Answer):
    id: int
    endpoint: str
    state: DeliveryState
    attempts: int
    last_status: int | None
    last_error: str | None


class CallEvent(Answer):
    """`body` is what is sent, the same on every attempt."""

    id: str
    type: EventType
    at: Instant
    revision: int
    body: EventBody


class ToldEvent(CallEvent):
    deliveries: list[EventDelivery]


class OneCall(Answer):
    call: Call
    legs: list[Leg]
    objects: list[Visit]
    timeline: list[Step]
    media: list[Audio]
    events: list[ToldEvent]


@router.get("")
async def calls(
    services: Use,
    *,
    number: Number = None,
    user: Annotated[str | None, Query(max_length=8, description="A user's extension.")] = None,
    state: CallOutcome | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Annotated[str | None, Query(max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Calls:
    """Calls, the newest first; what is given narrows them. `since` is inside, `until` is not."""
    wanted = CallFilter(
        number=number or None,
        user=user or None,
        outcome=state,
        since=ms_of(since) if since else None,
        until=ms_of(until) if until else None,
    )
    found = await services.calls(wanted, _mark(after), limit)
    following = _cursor(found[-1].started_at, found[-1].id) if len(found) == limit else None
    items = [Call.model_validate(services.call_summary(one)) for one in found]
    return Calls(items=items, next=following)


@router.get("/{call}")
async def one(services: Use, call: str) -> OneCall:
    """One call: its legs, the objects it passed, its steps, audio, events and their deliveries."""
    return OneCall.model_validate(await services.call(CallId(call)))


@router.get("/{call}/events")
async def events(services: Use, call: str) -> list[CallEvent]:
    """The webhook events of a call, with their bodies."""
    found = await services.events(CallId(call))
    if not found:
        raise Refused(404, "Not Found", "no call of that id gave an event")
    return [
        CallEvent(
            id=event.id,
            type=event.type,
            at=event.at,
            revision=event.revision,
            body=msgspec.json.decode(event.body),
        )
        for event in found
    ]


def _cursor(at: int, call: str) -> str:
    return base64.urlsafe_b64encode(f"{at} {call}".encode()).decode()


def _mark(cursor: str | None) -> CallMark | None:
    if cursor is None:
        return None
    try:
        at, _, call = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        return int(at), CallId(call)
    except (binascii.Error, ValueError):
        raise Refused(422, "Unprocessable Content", "after: it is no `next` of a page") from None
