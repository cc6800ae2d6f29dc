"""Webhook endpoints: test events."""

from typing import Any

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from hookswitch.api.services import Use
from hookswitch.model.events import EventType
from hookswitch.model.ids import EndpointId

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"])


class Wanted(BaseModel):
    """Which event to send a sample of."""

    model_config = ConfigDict(extra="forbid")

    type: EventType


@router.post("/{endpoint}/test")
async def test(services: Use, endpoint: str, wanted: Wanted) -> dict[str, Any]:
    """Send a test event to a live endpoint and give the exchange, whatever came of it.

    It goes the way real ones go, only where webhooks may. `error` is null when the receiver
    answered 2xx; `response` holds the first KiB of its answer.
    """
    return msgspec.structs.asdict(await services.try_webhook(EndpointId(endpoint), wanted.type))
