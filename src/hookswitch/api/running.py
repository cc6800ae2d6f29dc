"""How users, queues, endpoints and the server itself are now."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import Field

from hookswitch.api.access import ADMINISTER, OPERATE, READ
from hookswitch.api.health import Health
from hookswitch.api.models import Answer, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api", tags=["running"], dependencies=[READ])

Setting = str | int | float | bool | list[str] | None


class DeviceState(Answer):
    username: str
    registered: bool
    address: str
    user_agent: str


class UserState(Answer):
    """A user of the live configuration; `forwards` are those that a phone set by code, by when
    they hold: always, busy, no_answer.
    """

    extension: str
    name: str
    devices: list[DeviceState]
    in_call: bool
    ringing: bool
    do_not_disturb: bool
    forwards: dict[str, str]


class UserStates(Answer):
    items: list[UserState]
    next: None = None


class TrunkState(Answer):
    """`state` is that of the last OPTIONS, `unknown` where none was answered yet or is sent.
    `registered` is null for a trunk that does not register; `reason` says what is wrong, `since`
    from when on all of this is so, as far as this process has seen.
    """

    name: str
    host: str
    state: Literal["there", "away", "unknown"]
    reason: str
    registered: bool | None
    since: Instant


class TrunkStates(Answer):
    items: list[TrunkState]
    next: None = None


class AgentState(Answer):
    user: str
    name: str
    state: str
    paused: bool
    calls_taken: int


class QueueState(Answer):
    """`longest_seconds` is how long the first of those waiting has waited."""

    id: str
    name: str
    waiting: int
    longest_seconds: int
    agents: list[AgentState]


class QueueStates(Answer):
    items: list[QueueState]
    next: None = None


class BrowserPhone(Answer):
    """A SIP account for the browser phone."""

    ws: str
    uri: str
    username: str
    password: str
    name: str
    extension: str


class ReceivedRequest(Answer):
    """What the built-in receiver got; `checks` has "" for what holds, else why not."""

    id: int
    at: str
    endpoint: str | None
    headers: dict[str, str]
    body: Any = Field(description="The JSON that came, else null: whatever was sent.")
    checks: dict[str, str]


class ReceivedRequests(Answer):
    url: str
    items: list[ReceivedRequest]
    next: None = None


class SettingValue(Answer):
    """A setting of the process; `source` is where its value came from."""

    name: str
    value: Setting
    source: str


class Kept(Answer):
    """For how long what was is kept: days, 0 for good; `deliveries_days` 0 is as long as calls."""

    history_days: int
    deliveries_days: int
    recordings_days: int
    voicemail_days: int
    audio_mb: int


class Storage(Answer):
    """Sizes are bytes; a database of its own server has none here. 0 days keep everything.

    `kept` is in force; where the live configuration says nothing, the settings `..._keep_...` hold.
    """

    free: int
    database: int
    audio: int
    audio_files: int
    kept: Kept
    history_keep_days: int
    media_keep_days: int
    media_keep_mb: int
    disk_stop_recordings_mb: int
    disk_refuse_calls_mb: int


class Settings(Answer):
    items: list[SettingValue]
    next: None = None


@router.get("/users/state")
async def users(services: Use) -> UserStates:
    """Who is registered from where, rings, is in a call, is not to be disturbed, or forwards. 503
    while the engine is down.
    """
    return UserStates.model_validate({"items": await services.users_state()})


@router.get("/trunks/state")
async def trunks(services: Use) -> TrunkStates:
    """Which trunks can be reached and are registered. 503 while the engine is down."""
    return TrunkStates.model_validate({"items": await services.trunks_state()})


@router.get("/queues/state")
async def queues(services: Use) -> QueueStates:
    """Who waits and who answers in each queue. 503 while the engine is down."""
    return QueueStates.model_validate({"items": await services.queues_state()})


@router.get("/phone", dependencies=[OPERATE])
async def phone(
    services: Use, extension: Annotated[str | None, Query(max_length=8)] = None
) -> BrowserPhone:
    """The browser phone of a user, the first who has one if none is named."""
    return BrowserPhone.model_validate(await services.browser_phone(extension))


@router.get("/receiver/requests")
async def received(services: Use) -> ReceivedRequests:
    """What the receiver inside the server got, the newest first; for trying webhooks out."""
    url, requests = services.received()
    return ReceivedRequests.model_validate({"url": url, "items": requests})


class About(Answer):
    """The installation; `engine` and `sip` are there where this process runs an engine."""

    version: str
    python: str
    node: str = Field(description="The name of this node, part of every call's id.")
    runs: str = Field(description="What this process is: serve, node or web.")
    started_at: Instant
    url: str = Field(description="Where the console is reached.")
    data_directory: str
    database: str = Field(description="SQLite or PostgreSQL.")
    revision: int = Field(description="The live one; 0 if nothing was applied yet.")
    engine: str | None = None
    sip: str | None = Field(default=None, description="Where phones register: address and port.")


@router.get("/health")
async def health(services: Use) -> Health:
    """The same as /healthz, but 200 in any case."""
    found = await services.health()
    return Health(ok=found.ok, parts=dict(found.parts))


@router.get("/about", response_model_exclude_none=True)
async def about(services: Use) -> About:
    """Versions, addresses and places."""
    return About.model_validate(services.about())


@router.get("/storage")
async def storage(services: Use) -> Storage:
    """What is used of the disk, and how long what is kept."""
    return Storage.model_validate(await services.storage())


@router.get("/settings", dependencies=[ADMINISTER])
async def settings(services: Use) -> Settings:
    """The settings of the process; secrets are masked."""
    return Settings.model_validate({"items": services.settings()})
