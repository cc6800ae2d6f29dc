"""Calls and their events."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query

from hookswitch.api.access import READ
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use
from hookswitch.model.ids import CallId

router = APIRouter(prefix="/api/calls", tags=["calls"], dependencies=[READ])


@router.get("")
async def calls(
    services: Use, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """The newest calls first; instants in milliseconds since the epoch."""
    return [msgspec.to_builtins(call) for call in await services.calls(limit)]


@router.get("/{call}/events")
async def events(services: Use, call: str) -> list[dict[str, Any]]:
    """The webhook events of a call, with their bodies."""
    found = await services.events(CallId(call))
    if not found:
        raise Refused(404, "Not Found", "no call of that id gave an event")
    return [
        {
            "id": event.id,
            "type": event.type,
            "revision": event.revision,
            "at": event.at,
            "body": msgspec.json.decode(event.body),
        }
        for event in found
    ]
