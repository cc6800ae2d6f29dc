"""Many deliveries made again: ask, watch, cancel."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from hookswitch.api.access import OPERATE, READ, Who
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use
from hookswitch.model import replay as model
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId, EndpointId
from hookswitch.model.instants import ms_of

router = APIRouter(prefix="/api/replays", tags=["replays"], dependencies=[READ])

MOST_A_SECOND = 1000
Ended = Literal["failed", "cancelled", "delivered", "pending"]
Name = Annotated[str | None, Field(max_length=200)]
Number = Annotated[int, Path(ge=1, le=2**62)]


class Begin(Asked):
    """What to deliver again; what is given narrows it. `since` is inside, `until` is not."""

    call: Name = None
    endpoint: Name = None
    type: EventType | None = None
    states: list[Ended] = Field(default=["failed"], min_length=1)
    since: datetime | None = None
    until: datetime | None = None
    rate: Annotated[int, Field(ge=1, le=MOST_A_SECOND)] = 10
    """At most so many a second."""
    dry_run: bool = False
    """Tell what would be delivered again, and do nothing."""

    @field_validator("until")
    @classmethod
    def _after_since(cls, until: datetime | None, others: ValidationInfo) -> datetime | None:
        since = others.data.get("since")
        if since and until and ms_of(until) <= ms_of(since):
            raise PydanticCustomError("range", "it must be later than since")
        return until

    def wish(self) -> model.Wish:
        return model.Wish(
            call=CallId(self.call) if self.call is not None else None,
            endpoint=EndpointId(self.endpoint) if self.endpoint is not None else None,
            kind=self.type,
            states=tuple(dict.fromkeys(self.states)),
            since=ms_of(self.since) if self.since else None,
            until=ms_of(self.until) if self.until else None,
        )


class Found(Answer):
    """What a dry run found, by endpoint; to those in `gone` nothing would be delivered."""

    dry_run: bool = True
    matched: int
    endpoints: dict[str, int]
    gone: dict[str, int]


class ReplayWish(Answer):
    """What was asked for."""

    call: str | None
    endpoint: str | None
    type: EventType | None = Field(validation_alias="kind")
    states: list[DeliveryState]
    since: Instant | None
    until: Instant | None


class Replay(Answer):
    """`done` were made due so far; `skipped` had an endpoint that is gone."""

    id: int
    state: model.ReplayState
    matched: int
    done: int
    skipped: int
    rate: int
    asked_by: str
    asked_at: Instant
    ended_at: Instant | None
    wish: ReplayWish


class Begun(Replay):
    """`gone` says how many it will skip, by endpoint: the live configuration has none such.

    No delivery is ever made for an endpoint that did not have it before.
    """

    gone: dict[str, int] = Field(default_factory=dict)


@router.post(
    "",
    dependencies=[OPERATE],
    status_code=201,
    responses={200: {"model": Found, "description": "A dry run: nothing was done"}},
)
async def begin(
    services: Use, request: Request, response: Response, who: Who, asked: Begin
) -> Begun | Found:
    """Deliver again, with the same webhook-ids; answers at once and runs by itself.

    With `dry_run` it answers 200 and nothing is done.
    """
    found = await services.matching(asked.wish())
    gone = {str(name): count for name, count in found.items() if services.is_gone(name)}
    if asked.dry_run:
        request.state.quiet = True
        response.status_code = 200
        return Found(matched=sum(found.values()), endpoints=dict(found), gone=gone)
    begun = await services.begin_replay(asked.wish(), asked.rate, who.name)
    return Begun.model_validate(begun).model_copy(update={"gone": gone})


@router.get("")
async def replays(services: Use, limit: Annotated[int, Query(ge=1, le=1000)] = 100) -> list[Replay]:
    """The replays, the newest first."""
    return [Replay.model_validate(each) for each in await services.replays(limit)]


@router.get("/{number}")
async def one(services: Use, number: Number) -> Replay:
    """A replay and how far it is."""
    return Replay.model_validate(await _known(services, number))


@router.delete("/{number}", dependencies=[OPERATE])
async def cancel(services: Use, number: Number) -> Replay:
    """Stop a replay where it is; what was made due already is delivered."""
    await _known(services, number)
    if not await services.cancel_replay(number):
        raise Refused(409, "Not running", "the replay has ended already")
    return Replay.model_validate(await _known(services, number))


async def _known(services: Use, number: int) -> model.Replay:
    found = await services.replay(number)
    if found is None:
        raise Refused(404, "Not Found", f"there is no replay {number}")
    return found
