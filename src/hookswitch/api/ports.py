"""What the API needs of the rest; `app` provides it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from msgspec import Struct

from hookswitch.media.prompts import Prompt
from hookswitch.model.calls import CallState
from hookswitch.model.delivery import Attempt, DeliveryState, ErrorClass
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.store.port import DeliveryRow


class Health(Struct, frozen=True):
    """`ok` only when calls are taken, journalled and delivered; `parts` says which is not."""

    ok: bool
    parts: Mapping[str, str]


class DeliveryDetails(Struct, frozen=True):
    """A delivery with all there is to know; `waits` says why a due one is not sent, "" if it is."""

    row: DeliveryRow
    event: Event
    attempts: Sequence[Attempt]
    waits: str


class WebhookTrial(Struct, frozen=True, kw_only=True):
    """A test event and what came of it; the request's secrets are masked.

    `error` is None when the receiver answered 2xx.
    """

    endpoint: EndpointId
    type: EventType
    webhook_id: EventId
    request: Mapping[str, Any]
    status: int | None
    error: ErrorClass | None
    detail: str
    duration_ms: int
    headers: Mapping[str, str]
    response: str


class Refused(Exception):  # noqa: N818  it is the request that is refused
    """A request that cannot be done; `problems` name object, field and mend where there are any."""

    def __init__(
        self, status: int, title: str, detail: str, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.problems = status, title, detail, problems


class Configuring(Protocol):
    """The configuration and its history; answers are plain values, as JSON has them."""

    async def apply(
        self, text: str, by: str, *, origin: str, comment: str, base: int | None
    ) -> Mapping[str, Any]: ...
    async def preview(self, text: str) -> Mapping[str, Any]: ...
    async def all(self, limit: int) -> Sequence[Mapping[str, Any]]: ...
    async def one(self, name: str) -> Mapping[str, Any]: ...
    async def diff(self, old: str, new: str) -> Sequence[Mapping[str, Any]]: ...
    async def text(self, name: str, by: str, *, secrets: bool) -> Mapping[str, Any]: ...
    async def rollback(
        self, name: str, by: str, *, comment: str, dry_run: bool
    ) -> Mapping[str, Any]: ...
    async def secrets(self) -> Sequence[Mapping[str, Any]]: ...
    async def rotate_key(self) -> Mapping[str, Any]: ...


class Services(Protocol):
    """Every method may raise Refused."""

    @property
    def configuring(self) -> Configuring: ...

    async def health(self) -> Health: ...
    async def metrics(self) -> bytes: ...
    async def live(self) -> Mapping[str, Any]: ...
    async def calls(self, limit: int) -> Sequence[CallState]: ...
    async def events(self, call: CallId) -> Sequence[Event]: ...
    async def deliveries(
        self,
        *,
        call: CallId | None,
        state: DeliveryState | None,
        endpoint: EndpointId | None,
        kind: EventType | None,
        limit: int,
    ) -> Sequence[DeliveryRow]: ...
    async def delivery(self, delivery: DeliveryId) -> DeliveryDetails: ...
    async def retry(self, delivery: DeliveryId, *, again: bool) -> DeliveryDetails: ...
    async def try_webhook(self, endpoint: EndpointId, kind: EventType) -> WebhookTrial: ...
    async def audio(self, token: str) -> Path | None: ...
    async def revoke_audio(self, event: EventId) -> bool: ...
    async def prompts(self) -> Sequence[Prompt]: ...
    async def add_prompt(self, name: str, audio: bytes) -> Prompt: ...
    async def delete_prompt(self, name: str) -> None: ...
    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]: ...
