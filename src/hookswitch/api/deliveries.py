"""Deliveries, their attempts, and sending one again."""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from hookswitch.api.ports import DeliveryDetails
from hookswitch.api.services import Use
from hookswitch.model.delivery import Attempt, DeliveryState
from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId

router = APIRouter(prefix="/api/deliveries", tags=["deliveries"])


@router.get("")
async def deliveries(
    services: Use,
    *,
    call: str | None = None,
    state: DeliveryState | None = None,
    endpoint: str | None = None,
    kind: Annotated[EventType | None, Query(alias="type")] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[dict[str, Any]]:
    """The newest deliveries first; what is given narrows them."""
    rows = await services.deliveries(
        call=CallId(call) if call is not None else None,
        state=state,
        endpoint=EndpointId(endpoint) if endpoint is not None else None,
        kind=kind,
        limit=limit,
    )
    return [msgspec.structs.asdict(row) for row in rows]


@router.get("/{delivery}")
async def one(services: Use, delivery: int) -> dict[str, Any]:
    """A delivery with its event's body and every attempt."""
    return _details(await services.delivery(DeliveryId(delivery)))


@router.get("/{delivery}/attempts")
async def attempts(services: Use, delivery: int) -> list[dict[str, Any]]:
    """What each POST came to; at most the first 16 KiB of an answer."""
    return _attempts(await services.attempts(DeliveryId(delivery)))


@router.post("/{delivery}/retry")
async def retry(services: Use, delivery: int, *, again: bool = False) -> dict[str, Any]:
    """Make it due now, with the same webhook-id; a delivered one only with `again`.

    One that waits keeps its place on the retry ladder; any other begins the ladder anew.
    """
    return _details(await services.retry(DeliveryId(delivery), again=again))


def _details(found: DeliveryDetails) -> dict[str, Any]:
    return {
        **msgspec.structs.asdict(found.row),
        "waits": found.waits,
        "event_at": found.event.at,
        "revision": found.event.revision,
        "body": msgspec.json.decode(found.event.body),
        "history": _attempts(found.attempts),
    }


def _attempts(found: Iterable[Attempt]) -> list[dict[str, Any]]:
    return [
        {**msgspec.structs.asdict(a), "response": a.response.decode("utf-8", "replace")}
        for a in found
    ]
