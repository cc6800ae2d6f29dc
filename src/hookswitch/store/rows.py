"""What the store is given and gives: rows of lists, filters, and one transaction of the line."""

from collections.abc import Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import (
    DeliveryState,
    NewDelivery,
)
from hookswitch.model.events import Event, EventType
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.model.media import NewEmail, NewMedia


class Batch(Struct, frozen=True, kw_only=True):
    """One transaction of the live line: where we are, what the calls became, what to deliver."""

    node: str
    cursor: Cursor
    calls: Sequence[CallState] = ()
    """Changed calls; one with `ended_at` set is history."""
    forget: Sequence[CallId] = ()
    """Open calls that turned out to be none (never reached a number)."""
    events: Sequence[Event] = ()
    deliveries: Sequence[NewDelivery] = ()
    media: Sequence[NewMedia] = ()
    emails: Sequence[NewEmail] = ()
    at: Ms = 0


class LineState(Struct, frozen=True):
    """Where the live line of a node goes on after a restart."""

    cursor: Cursor
    open_calls: Sequence[CallState]


class DeliveryRow(Struct, frozen=True, kw_only=True):
    """A delivery as lists show it."""

    id: DeliveryId
    event: EventId
    type: EventType
    call: CallId
    endpoint: EndpointId
    state: DeliveryState
    sequence: int | None
    attempts: int
    due_at: Ms | None
    created_at: Ms
    last_status: int | None = None
    last_error: str | None = None


class DeliveryFilter(Struct, frozen=True, kw_only=True):
    """What narrows a list of deliveries; `since` is inside, `until` is not."""

    call: CallId | None = None
    state: DeliveryState | None = None
    endpoint: EndpointId | None = None
    kind: EventType | None = None
    since: Ms | None = None
    until: Ms | None = None


CallOutcome = Literal["open", "answered", "missed"]


class CallFilter(Struct, frozen=True, kw_only=True):
    """What narrows a list of calls; `since` is inside, `until` is not.

    `number` is that of the caller or the one called, its beginning if it ends with `*`; `user` is
    the extension of a user who was rung or who called.
    """

    number: str | None = None
    user: str | None = None
    outcome: CallOutcome | None = None
    since: Ms | None = None
    until: Ms | None = None


ANY_CALL: Final = CallFilter()


CallMark = tuple[Ms, CallId]
"""Where a list of calls goes on: start and id of the last one given."""


ANY_DELIVERY: Final = DeliveryFilter()


RevisionState = Literal["staged", "live", "retired", "failed"]
"""`staged` while Apply works on it; numbers are never used again."""


class RevisionInfo(Struct, frozen=True, kw_only=True):
    """What a list says of a revision: when it reached its state, and why it failed if it did.

    `origin` is how it came (`apply`, `import`, `rollback to 3`), `comment` its author's words.
    """

    number: int
    applied_at: Ms
    applied_by: str
    state: RevisionState
    origin: str = "apply"
    comment: str = ""
    reason: str = ""


class RevisionRow(RevisionInfo, frozen=True, kw_only=True):
    """An applied document as it is archived, and its text as it was given; both without secrets."""

    document: str
    text: str = ""


class SecretRow(Struct, frozen=True, kw_only=True):
    """An encrypted secret; `key` is the mark of the key it was sealed with."""

    reference: str
    key: str
    sealed: bytes
    set_at: Ms


class Erasure(Struct, frozen=True, kw_only=True):
    """A call without a person's data, and the bodies of its events."""

    call: CallState
    bodies: Mapping[EventId, bytes]


class DraftRow(Struct, frozen=True, kw_only=True):
    """The configuration being edited: JSON with masked secrets, and its YAML if it came so.

    `tag` is new with every change; `base` is the revision it was begun from.
    """

    tag: str
    base: int
    document: str
    text: str
    changed_at: Ms
    changed_by: str


class ClickRow(Struct, frozen=True):
    """A call asked for under a key; key and wish are hashes, both may tell of persons."""

    key: str
    wish: str
    call: CallId
    made_at: Ms
    placed: bool = False


def last_looked_at(found: Sequence[tuple[DeliveryId, bool, bool]], limit: int) -> DeliveryId | None:
    """Behind which delivery to look for old ones next; each comes with whether it is old."""
    if len(found) < limit or not all(old for _, old, _ in found):
        return None
    return found[-1][0]
