"""Deliveries and their attempts."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from hookswitch.api.services import Use
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import CallId, DeliveryId

router = APIRouter(prefix="/api/deliveries", tags=["deliveries"])


@router.get("")
async def deliveries(
    services: Use,
    call: str | None = None,
    state: DeliveryState | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> list[dict[str, Any]]:
    """The newest deliveries first, of one call or in one state if asked."""
    wanted = CallId(call) if call is not None else None
    rows = await services.deliveries(call=wanted, state=state, limit=limit)
    return [msgspec.structs.asdict(row) for row in rows]


@router.get("/{delivery}/attempts")
async def attempts(services: Use, delivery: int) -> list[dict[str, Any]]:
    """What each POST came to; at most the first 16 KiB of an answer."""
    return [
        {**msgspec.structs.asdict(a), "response": a.response.decode("utf-8", "replace")}
        for a in await services.attempts(DeliveryId(delivery))
    ]
