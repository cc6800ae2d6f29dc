"""What the API needs of the rest; `app` provides it."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, Protocol

from msgspec import Struct

from hookswitch.media.prompts import Prompt
from hookswitch.model.access import Administrator, ApiToken, AuditEntry, Role, Session
from hookswitch.model.bans import Ban
from hookswitch.model.calls import CallState
from hookswitch.model.delivery import Attempt, EndpointState, ErrorClass
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms
from hookswitch.model.replay import Replay, Told, Wish
from hookswitch.store.rows import CallFilter, CallMark, DeliveryFilter, DeliveryRow


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


class EndpointStatus(Struct, frozen=True, kw_only=True):
    """An endpoint at work."""

    id: EndpointId
    name: str
    url: str
    """"" for one that is no longer live."""
    state: EndpointState
    reason: str
    changed_at: Ms | None
    held_until: Ms | None
    failing_since: Ms | None
    backlog: int
    oldest_at: Ms | None
    triggers: Mapping[str, Mapping[str, Any]]


class Endpoints(Protocol):
    """Run-time state of webhook endpoints. Every method may raise Refused."""

    async def all(self) -> Sequence[EndpointStatus]: ...
    async def set_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str
    ) -> EndpointStatus: ...


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
        self,
        status: int,
        title: str,
        detail: str,
        problems: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.problems = status, title, detail, problems
        self.headers = headers or {}


class Identity(Struct, frozen=True, kw_only=True):
    """Who asks: a signed-in administrator, a program with a token, or this machine's own user.

    `session` is the id of the session or token, `csrf` the session's own.
    """

    name: str
    role: Role
    kind: Literal["session", "token", "machine"]
    session: str = ""
    csrf: str = ""


class Client(Struct, frozen=True):
    """Where a request came from."""

    address: str
    agent: str


class SignedIn(Struct, frozen=True, kw_only=True):
    """A new session; `cookie` is given to the browser and kept nowhere."""

    cookie: str
    identity: Identity

    def __repr__(self) -> str:
        return f"SignedIn({self.identity!r})"


class Access(Protocol):
    """Who may use the API. Every method may raise Refused."""

    async def by_cookie(self, cookie: str) -> Identity | None: ...
    async def by_token(self, token: str, client: Client, user: str) -> Identity:
        """`user` is whom a command on this machine says it works for."""
        ...

    async def needs_setup(self) -> bool: ...
    async def check_code(self, code: str) -> None:
        """Raises unless it is the one-time code of the first start."""
        ...

    async def set_up(self, code: str, name: str, password: str, client: Client) -> SignedIn: ...
    async def sign_in(self, name: str, password: str, totp: str, client: Client) -> SignedIn: ...
    async def sign_out(self, who: Identity) -> None: ...
    async def holds(self, who: Identity) -> bool:
        """Whether the session or token is still good; does not prolong it."""
        ...

    async def note(self, entry: AuditEntry) -> None: ...
    async def audit(self, before: int | None, limit: int) -> Sequence[AuditEntry]: ...

    async def administrators(self) -> Sequence[Administrator]: ...
    async def add_administrator(self, name: str, role: Role, password: str) -> Administrator: ...
    async def change_administrator(
        self,
        name: str,
        *,
        role: Role | None,
        password: str | None,
        disabled: bool | None,
        totp: Literal[False] | None,
    ) -> Administrator: ...
    async def delete_administrator(self, name: str) -> None: ...

    async def change_password(self, who: Identity, old: str, new: str) -> None: ...
    async def begin_totp(self, who: Identity, password: str) -> Mapping[str, str]: ...
    async def confirm_totp(self, who: Identity, code: str) -> None: ...
    async def end_totp(self, who: Identity, password: str) -> None: ...
    async def sessions(self, who: Identity) -> Sequence[Session]: ...
    async def delete_session(self, who: Identity, session: str) -> None: ...

    async def tokens(self) -> Sequence[ApiToken]: ...
    async def add_token(
        self, who: Identity, name: str, role: Role, addresses: Sequence[str]
    ) -> tuple[ApiToken, str]: ...
    async def delete_token(self, identifier: str) -> None: ...


class Drafts(Protocol):
    """The configuration being edited. Every method may raise Refused."""

    async def get(self) -> Mapping[str, Any]: ...
    async def put(self, document: Mapping[str, Any], tag: str, by: str) -> Mapping[str, Any]: ...
    async def discard(self, tag: str) -> None: ...
    async def reset(self, revision: str, tag: str, by: str) -> Mapping[str, Any]: ...
    async def rebase(self, tag: str, by: str) -> Mapping[str, Any]: ...
    async def example(self, tag: str, by: str) -> Mapping[str, Any]: ...
    async def changes(self) -> Sequence[Mapping[str, Any]]: ...
    async def text(self) -> str: ...
    async def put_text(self, text: str, tag: str, by: str) -> Mapping[str, Any]: ...
    async def apply(self, tag: str, by: str, comment: str) -> Mapping[str, Any]: ...
    async def reveal(self, reference: str) -> str: ...


class Happening(Protocol):
    """Something that happened."""

    @property
    def id(self) -> int: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


class Catalogue(Struct, frozen=True):
    """What there is to draw, to write and to receive; plain values.

    `schemas` are those of the events by type, `document` that of the configuration.
    """

    objects: Sequence[Mapping[str, Any]]
    events: Sequence[Mapping[str, Any]]
    schemas: Mapping[str, Mapping[str, Any]]
    document: Mapping[str, Any]


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


class Click(Struct, frozen=True, kw_only=True):
    """A wish for a call: the phones of `user` ring, then `number` is dialled for him."""

    user: str
    number: str
    caller_id: str | None = None
    client_ref: str | None = None
    key: str | None = None
    """The same key again is the same call."""


class Services(Protocol):
    """Every method may raise Refused."""

    @property
    def configuring(self) -> Configuring: ...

    @property
    def access(self) -> Access: ...
    @property
    def drafts(self) -> Drafts: ...

    @property
    def endpoints(self) -> Endpoints: ...

    async def health(self) -> Health: ...
    async def metrics(self) -> bytes: ...
    async def watch(self, who: Identity) -> AsyncIterator[Happening | None]: ...
    async def users_state(self) -> Sequence[Mapping[str, Any]]: ...
    async def queues_state(self) -> Sequence[Mapping[str, Any]]: ...
    async def browser_phone(self, extension: str | None) -> Mapping[str, Any]: ...
    def received(self) -> tuple[str, Sequence[Mapping[str, Any]]]: ...
    def about(self) -> Mapping[str, Any]: ...
    async def erase(self, number: str) -> Mapping[str, int]: ...
    async def backups(self) -> Sequence[Mapping[str, Any]]: ...
    async def make_backup(self, *, audio: bool) -> Mapping[str, Any]: ...
    async def take_backup(self, content: AsyncIterator[bytes]) -> Mapping[str, Any]:
        """Keep one that was made elsewhere."""
        ...

    async def restore(self, name: str) -> Mapping[str, Any]:
        """Start again with a backup; gives its manifest."""
        ...

    def backup_file(self, name: str) -> Path | None: ...
    def settings(self) -> Sequence[Mapping[str, Any]]: ...
    async def live(self) -> Mapping[str, Any]: ...
    async def calls(
        self, wanted: CallFilter, before: CallMark | None, limit: int
    ) -> Sequence[CallState]: ...
    def call_summary(self, call: CallState) -> Mapping[str, Any]: ...
    async def call(self, call: CallId) -> Mapping[str, Any]: ...
    async def events(self, call: CallId) -> Sequence[Event]: ...
    async def deliveries(
        self, wanted: DeliveryFilter, before: DeliveryId | None, limit: int
    ) -> Sequence[DeliveryRow]: ...
    async def delivery(self, delivery: DeliveryId) -> DeliveryDetails: ...
    async def retry(self, delivery: DeliveryId, *, again: bool) -> DeliveryDetails: ...
    async def try_webhook(self, endpoint: EndpointId, kind: EventType) -> WebhookTrial: ...
    async def audio(self, token: str) -> Path | None: ...
    async def audio_of(self, event: EventId) -> Path | None: ...
    async def revoke_audio(self, event: EventId) -> bool: ...
    @property
    def engine_socket(self) -> str:
        """The engine's own WebSocket, for SIP."""
        ...

    async def click(self, wish: Click) -> CallId: ...
    async def simulate(self, call: Mapping[str, Any]) -> Mapping[str, Any]: ...
    async def bans(self) -> Sequence[Ban]: ...
    async def unban(self, address: str) -> None: ...
    async def prompts(self) -> Sequence[Prompt]: ...
    async def add_prompt(self, name: str, audio: bytes) -> Prompt: ...
    async def delete_prompt(self, name: str) -> None: ...
    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]: ...
    async def matching(self, wish: Wish) -> Mapping[EndpointId, int]: ...
    def is_gone(self, endpoint: EndpointId) -> bool:
        """Whether the live configuration has no such endpoint: nothing is delivered to it."""
        ...

    async def begin_replay(self, wish: Wish, rate: int, by: str) -> Replay: ...
    async def replays(self, limit: int) -> Sequence[Replay]: ...
    async def replay(self, number: int) -> Replay | None: ...
    async def cancel_replay(self, number: int) -> bool: ...
    async def feed(self, after: int, limit: int, wait_s: float = 0) -> Sequence[Told]: ...
