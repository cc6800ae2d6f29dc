"""Deliveries, their attempts, and the run-time state of endpoints."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from hookswitch.model.events import EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms

DeliveryState = Literal["pending", "sending", "delivered", "failed", "cancelled"]
"""`failed` is the dead letter: kept, listed, replayable."""

ErrorClass = Literal[
    "blocked",  # the address guard refused the target
    "dns",
    "connect",
    "tls",
    "timeout",
    "protocol",  # not an HTTP answer we can read
    "status",  # an answer other than 2xx
    "config",  # the endpoint's settings cannot be sent (bad URL or header)
    "interrupted",  # our process ended during the attempt; its outcome is unknown
]


class NewDelivery(Struct, frozen=True, kw_only=True):
    """A row to create: one event for one endpoint. Its sequence number is given by the store."""

    event: EventId
    endpoint: EndpointId
    call: CallId
    final: bool = False


class Claim(Struct, frozen=True, kw_only=True, gc=False):
    """A delivery taken for sending, with all that the request needs from the store."""

    id: DeliveryId
    event: EventId
    type: EventType
    call: CallId
    revision: int
    endpoint: EndpointId
    body: bytes
    attempt: int
    """1, 2, 3 ...: counts every attempt, the interrupted ones too."""
    failures: int
    """Completed failures so far: the place on the retry ladder."""
    sequence: int | None
    created_at: Ms = 0
    """When the event was accepted for this endpoint."""
    retry: bool = False
    """Taken from the room for retries; not bound by its call's order."""
    final: bool = False
    linked_call: CallId | None = None
    client_ref: str | None = None
    test: bool = False


class Attempt(Struct, frozen=True, kw_only=True, gc=False):
    """What one POST came to. `response` holds at most the first 16 KiB of the answer's body."""

    number: int
    started_at: Ms
    duration_ms: int
    status: int | None = None
    error: ErrorClass | None = None
    detail: str = ""
    response: bytes = b""


class Outcome(Struct, frozen=True, kw_only=True, gc=False):
    """An attempt and what becomes of its delivery; `due_at` is set when it is tried again."""

    claim: Claim
    attempt: Attempt
    state: Literal["delivered", "pending", "failed", "cancelled"]
    due_at: Ms | None = None
    disable_endpoint: bool = False
    """The receiver said 410 Gone."""
    slow_until: Ms | None = None
    """The receiver asks to be left alone until then: 429 or 503 with Retry-After."""


class Room(Struct, frozen=True, gc=False):
    """How many may be taken: first attempts and retries have room of their own.

    `busy` is what the endpoint has in flight: its turn comes after those with less.
    """

    first: int
    retry: int
    busy: int = 0


class Wanted(Struct, frozen=True, kw_only=True):
    """What the delivery engine can send now.

    `total` bounds it over all endpoints, `rooms` for each endpoint; one that is not in `rooms` has
    `each`. `strict` names endpoints where the next of a call waits until the one before is done,
    and for how long at most, counted from that one's creation.
    """

    now: Ms
    window: Ms
    """How long a first attempt may hold back the next one of its call and endpoint."""
    total: Room
    each: Room
    rooms: Mapping[EndpointId, Room] = {}
    strict: Mapping[EndpointId, Ms] = {}


EndpointState = Literal["active", "paused", "disabled"]
"""Only an active one is sent to. `disabled` is the receiver's own doing: it said 410 Gone."""


class EndpointRuntime(Struct, frozen=True, kw_only=True):
    """Run-time state of an endpoint; survives Apply."""

    endpoint: EndpointId
    state: EndpointState = "active"
    reason: str = ""
    changed_at: Ms = 0
    """When it came into this state."""
    held_until: Ms | None = None
    """Nothing is sent before: it fails, and is left alone for a while."""
    failing_since: Ms | None = None
    """When the first attempt after its last success failed."""


class Backlog(Struct, frozen=True, kw_only=True):
    """What waits for an endpoint."""

    endpoint: EndpointId
    pending: int
    oldest: Ms
    """When the oldest of them was created."""
