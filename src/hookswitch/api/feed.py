"""Events for those who fetch them: the same ids and bodies as the webhooks have."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query

from hookswitch.api.access import READ
from hookswitch.api.models import Answer, EventBody, Instant
from hookswitch.api.services import Use
from hookswitch.model import replay as model
from hookswitch.model.events import EventType

router = APIRouter(prefix="/api/events", tags=["events"], dependencies=[READ])


class Event(Answer):
    """An event; `id` and `body` are those of its webhook. `endpoint` is the Webhook object's."""

    cursor: str
    id: str
    type: EventType
    call: str
    at: Instant
    endpoint: str | None
    body: EventBody


class Events(Answer):
    """Ask again with `after` = `next`; with `more` there are some to fetch now."""

    items: list[Event]
    next: str
    more: bool


@router.get("")
async def events(
    services: Use,
    *,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[float, Query(ge=0, le=30, description="seconds")] = 0,
) -> Events:
    """The events after a cursor, in order; 0 begins with the oldest that is kept.

    A reader that keeps `next` misses none and gets none twice, however many nodes write. With
    `wait` and nothing new it is answered once there is something, or after so many seconds.
    """
    told = await services.feed(after, limit, wait)
    following = str(told[-1].position if told else after)
    return Events(items=[_event(each) for each in told], next=following, more=len(told) == limit)


def _event(told: model.Told) -> Event:
    event = told.event
    return Event(
        cursor=str(told.position),
        id=event.id,
        type=event.type,
        call=event.call,
        at=event.at,
        endpoint=event.endpoint,
        body=msgspec.json.decode(event.body),
    )
