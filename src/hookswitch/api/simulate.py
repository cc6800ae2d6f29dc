"""Walking a call through the draft, for the console."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import QUIET, READ
from hookswitch.api.models import Answer, Asked, EventBody, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/simulate", tags=["simulate"])

Seconds = Annotated[float, Field(ge=0, le=86_400)]
Texts = Annotated[dict[str, str], Field(default_factory=dict, max_length=1000)]


class SimulatedCall(Asked):
    """Who calls when, and what people do.

    `answers` by extension or number outside: `@3s` answers after 3 s, `@3s+20s` and hangs up 20 s
    later, `busy`, `offline`, `no_answer`, `declines@2s`, `dnd` (not to be disturbed). `forwards`
    is what users forward by code, by extension: `always`, `busy` or `no_answer` to a target; `away`
    the trunks that take no calls; `orders`, by object, the agents as a queue chooses them, or whom
    a ring group begins with; `overrides` the outputs that time conditions are set to by code.
    `webhooks` is the output by which a Webhook object that waits is left.
    Without `hang_up` the caller does so `talk` seconds into any talk.
    """

    number: Annotated[str, Field(max_length=40)]
    caller: Annotated[str, Field(max_length=80)] = ""
    caller_name: Annotated[str, Field(max_length=80)] = ""
    at: Annotated[str, Field(max_length=40)] = ""
    answers: Texts
    press: Annotated[list[str], Field(default_factory=list, max_length=100)]
    hang_up: Seconds | None = None
    talk: Seconds = 10.0
    prompts: Annotated[dict[str, Seconds], Field(default_factory=dict, max_length=1000)]
    webhooks: Texts
    forwards: Annotated[dict[str, dict[str, str]], Field(default_factory=dict, max_length=1000)]
    away: Annotated[list[str], Field(default_factory=list, max_length=1000)]
    overrides: Texts
    orders: Annotated[dict[str, list[str]], Field(default_factory=dict, max_length=1000)]


class PassedObject(Answer):
    """An object the call reached, and the output by which it left, "" if it ended there."""

    at: float
    node: str
    kind: str
    name: str
    output: str


class SimulatedEvent(Answer):
    at: Instant
    type: str
    body: EventBody


class Simulation(Answer):
    """The way through the flow and the exact webhooks; times in seconds since the call began."""

    path: list[PassedObject]
    events: list[SimulatedEvent]
    duration: float
    blocked: bool = Field(description="The caller is one of `blocked_callers`, and is declined.")


@router.post("", dependencies=[READ, QUIET])
async def simulate(services: Use, call: SimulatedCall) -> Simulation:
    """Walk a call through the draft (what is live if there is none): its way and its webhooks."""
    return Simulation.model_validate(await services.simulate(call.model_dump()))
