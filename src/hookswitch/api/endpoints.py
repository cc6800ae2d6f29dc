"""Run-time state of webhook endpoints: what waits, what fails, pause and resume."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import OPERATE, READ
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.services import Use
from hookswitch.model.delivery import EndpointState
from hookswitch.model.ids import EndpointId

router = APIRouter(prefix="/api/endpoints", tags=["webhooks"])


class TriggerHealth(Answer):
    """The newest outcomes of a trigger's events at this endpoint."""

    last_success_at: Instant | None
    last_error: str | None
    last_error_at: Instant | None
    backlog: int = Field(description="How many of the endpoint's newest 200 deliveries wait.")


class EndpointStatus(Answer):
    """An endpoint of the live configuration; a Webhook object is `object:` and its id."""

    id: str
    name: str
    url: str
    state: EndpointState = Field(
        description="Only an active one is sent to; the others' events wait."
    )
    reason: str
    changed_at: Instant | None
    held_until: Instant | None = Field(description="It fails, and is left alone until then.")
    failing_since: Instant | None = Field(description="The first failure after its last success.")
    backlog: int
    oldest_at: Instant | None = Field(description="When the oldest that waits was created.")
    triggers: dict[str, TriggerHealth]


class EndpointStatuses(Answer):
    items: list[EndpointStatus]
    next: None = None


class Why(Asked):
    """Shown beside the state, and kept."""

    reason: Annotated[str, Field(max_length=200)] = ""


@router.get("", dependencies=[READ])
async def endpoints(services: Use) -> EndpointStatuses:
    """Every endpoint of the live configuration, and those whose events still wait."""
    found = await services.endpoints.all()
    return EndpointStatuses(items=[EndpointStatus.model_validate(one) for one in found])


@router.post("/{endpoint}/pause", dependencies=[OPERATE])
async def pause(services: Use, endpoint: str, why: Why | None = None) -> EndpointStatus:
    """Send nothing to it until it is resumed; its events wait, whatever is applied meanwhile."""
    return await _set(services, endpoint, "paused", why)


@router.post("/{endpoint}/disable", dependencies=[OPERATE])
async def disable(services: Use, endpoint: str, why: Why | None = None) -> EndpointStatus:
    """The same as pause, shown as what it is: the receiver is gone."""
    return await _set(services, endpoint, "disabled", why)


@router.post("/{endpoint}/resume", dependencies=[OPERATE])
async def resume(services: Use, endpoint: str) -> EndpointStatus:
    """Send to it again, at once what is due; also ends the pause after failures."""
    return await _set(services, endpoint, "active", None)


async def _set(
    services: Use, endpoint: str, state: EndpointState, why: Why | None
) -> EndpointStatus:
    reason = why.reason if why else ""
    found = await services.endpoints.set_state(EndpointId(endpoint), state, reason)
    return EndpointStatus.model_validate(found)
