"""Many deliveries made again."""

from typing import Literal

from msgspec import Struct

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, Ms

ReplayState = Literal["running", "done", "cancelled"]


class Wish(Struct, frozen=True, kw_only=True):
    """Which deliveries; what is given narrows them. `since` and `until` are of their creation."""

    call: CallId | None = None
    endpoint: EndpointId | None = None
    kind: EventType | None = None
    states: tuple[DeliveryState, ...] = ("failed",)
    since: Ms | None = None
    until: Ms | None = None


class Replay(Struct, frozen=True, kw_only=True):
    """A replay and how far it is: `done` were made due, `skipped` could not be.

    `last` is the delivery it has come to; none after `upto` is looked at.
    """

    id: int
    wish: Wish
    rate: int
    """At most so many are made due in a second."""
    asked_by: str
    asked_at: Ms
    state: ReplayState = "running"
    matched: int = 0
    done: int = 0
    skipped: int = 0
    last: DeliveryId = DeliveryId(0)
    upto: DeliveryId = DeliveryId(0)
    ended_at: Ms | None = None


class Candidate(Struct, frozen=True):
    """A delivery that a replay comes to."""

    id: DeliveryId
    endpoint: EndpointId
    revision: int


class Told(Struct, frozen=True):
    """An event in the feed; a reader that has seen its position has seen all before it."""

    position: int
    event: Event
