"""Webhook endpoints: test events."""

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import OPERATE
from hookswitch.api.models import Answer, Asked, EventBody
from hookswitch.api.services import Use
from hookswitch.model.events import EventType
from hookswitch.model.ids import EndpointId

router = APIRouter(prefix="/api/webhooks", tags=["webhooks"], dependencies=[OPERATE])


class TestWanted(Asked):
    """Which event to send a sample of."""

    type: EventType


class TestRequest(Answer):
    """What was sent; secrets are masked."""

    url: str
    headers: dict[str, str]
    body: EventBody


class Trial(Answer):
    """`error` is null when the receiver answered 2xx; `response` is the first KiB of its answer."""

    endpoint: str
    type: EventType
    webhook_id: str
    request: TestRequest
    status: int | None
    error: str | None = Field(description="The class of what went wrong.")
    detail: str
    duration_ms: int
    headers: dict[str, str]
    response: str


@router.post("/{endpoint}/test")
async def test(services: Use, endpoint: str, wanted: TestWanted) -> Trial:
    """Send a test event to a live endpoint and give the exchange, whatever came of it.

    It goes the way real ones go, only where webhooks may.
    """
    return Trial.model_validate(await services.try_webhook(EndpointId(endpoint), wanted.type))
