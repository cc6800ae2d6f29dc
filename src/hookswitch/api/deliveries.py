"""Deliveries, their attempts, and sending one again."""

from datetime import datetime
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Path, Query

from hookswitch.api.access import OPERATE, READ
from hookswitch.api.models import Answer, EventBody, Instant
from hookswitch.api.ports import DeliveryDetails
from hookswitch.api.services import Use
from hookswitch.model.delivery import DeliveryState, ErrorClass
from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId
from hookswitch.model.instants import ms_of
from hookswitch.store.rows import DeliveryFilter

router = APIRouter(prefix="/api/deliveries", tags=["deliveries"], dependencies=[READ])

Number = Annotated[int, Query(ge=1, le=2**62)]
Identifier = Annotated[int, Path(ge=1, le=2**62)]
Name = Annotated[str | None, Query(max_length=200)]


class Delivery(Answer):
    """One event for one endpoint, with what its newest attempt came to."""

    id: int
    event: str
    type: EventType
    call: str
    endpoint: str
    state: DeliveryState
    sequence: int | None
    attempts: int
    due_at: Instant | None
    created_at: Instant
    last_status: int | None
    last_error: str | None


class Deliveries(Answer):
    items: list[Delivery]
    next: str | None


class Attempt(Answer):
    """What a POST came to; `response` is at most the first 16 KiB of the answer."""

    number: int
    started_at: Instant
    duration_ms: int
    status: int | None
    error: ErrorClass | None
    detail: str
    response: str


class OneDelivery(Delivery):
    """`waits` says why a due one is not sent, "" if it is; `body` is the event's."""

    waits: str
    event_at: Instant
    revision: int
    body: EventBody
    history: list[Attempt]


@router.get("")
async def deliveries(
    services: Use,
    *,
    call: Name = None,
    state: DeliveryState | None = None,
    endpoint: Name = None,
    kind: Annotated[EventType | None, Query(alias="type")] = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: Number | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Deliveries:
    """Deliveries, the newest first; what is given narrows them. `since` is in, `until` not."""
    wanted = DeliveryFilter(
        call=CallId(call) if call is not None else None,
        state=state,
        endpoint=EndpointId(endpoint) if endpoint is not None else None,
        kind=kind,
        since=ms_of(since) if since else None,
        until=ms_of(until) if until else None,
    )
    before = DeliveryId(after) if after is not None else None
    rows = await services.deliveries(wanted, before, limit)
    following = str(rows[-1].id) if len(rows) == limit else None
    return Deliveries(items=[Delivery.model_validate(row) for row in rows], next=following)


@router.get("/{delivery}")
async def one(services: Use, delivery: Identifier) -> OneDelivery:
    """A delivery with its event's body and every attempt."""
    return _details(await services.delivery(DeliveryId(delivery)))


@router.get("/{delivery}/attempts")
async def attempts(services: Use, delivery: Identifier) -> list[Attempt]:
    """What each POST came to; at most the first 16 KiB of an answer."""
    return [_attempt(one) for one in await services.attempts(DeliveryId(delivery))]


@router.post("/{delivery}/retry", dependencies=[OPERATE])
async def retry(services: Use, delivery: Identifier, *, again: bool = False) -> OneDelivery:
    """Make it due now, with the same webhook-id; a delivered one only with `again`.

    One that waits keeps its place on the retry ladder; any other begins the ladder anew.
    """
    return _details(await services.retry(DeliveryId(delivery), again=again))


def _details(found: DeliveryDetails) -> OneDelivery:
    return OneDelivery(
        **msgspec.structs.asdict(found.row),
        waits=found.waits,
        event_at=found.event.at,
        revision=found.event.revision,
        body=msgspec.json.decode(found.event.body),
        history=[_attempt(one) for one in found.attempts],
    )


def _attempt(found: Any) -> Attempt:
    values = msgspec.structs.asdict(found)
    return Attempt(**{**values, "response": found.response.decode("utf-8", "replace")})
