"""The store as the stages see it. Every backend passes `tests/conformance`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Literal, Protocol

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import (
    Attempt,
    Backlog,
    Claim,
    DeliveryState,
    EndpointRuntime,
    EndpointState,
    Outcome,
    Wanted,
)
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms
from hookswitch.model.media import EmailClaim, Media
from hookswitch.model.replay import Candidate, Replay, Told, Wish
from hookswitch.store.access import AccessStore
from hookswitch.store.alerts import AlertStore
from hookswitch.store.rows import (
    ANY_CALL,
    ANY_DELIVERY,
    Batch,
    CallFilter,
    CallMark,
    ClickRow,
    DeliveryFilter,
    DeliveryRow,
    DraftRow,
    Erasure,
    LineState,
    RevisionInfo,
    RevisionRow,
    SecretRow,
)


class StoreError(Exception):
    """The store refused or lost its disk; the message says what to do. Nothing was written."""


class LineStore(Protocol):
    """What the journal's reader needs."""

    async def load_line(self, node: str) -> LineState: ...

    async def commit(self, batch: Batch) -> None:
        """All or nothing. Events and deliveries that are already there are left as they are."""
        ...


class DeliveryStore(Protocol):
    """What the delivery engine needs."""

    async def claim(self, wanted: Wanted) -> Sequence[Claim]:
        """Take due deliveries within `wanted`: first attempts, then retries.

        Each of the two is given by turns between endpoints, the one with fewest in flight first,
        and oldest first within one: so a backlog of one endpoint does not take all of `total`.

        A first attempt is given only when every earlier one of its call and endpoint has ended
        or began at least `window` milliseconds ago, and one per call and endpoint at a time.
        At a `strict` endpoint also no earlier one of its call may be pending or sending, unless
        that one was created longer ago than the endpoint's limit.
        Deliveries of endpoints that are not active stay, and so do those of a held one. Once its
        hold is over it is given one at a time, whoever asks, until its health is set to well.
        """
        ...

    async def give_back(self, claims: Sequence[Claim]) -> None:
        """Undo claims that were not sent: due as before, in their old place, no attempt counted.

        One whose delivery has moved on meanwhile is left alone.
        """
        ...

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        """Write the attempts and move the deliveries on, in one transaction.

        An outcome of an attempt that is no longer the delivery's current one, or of a cancelled
        delivery, moves nothing, unless it delivered.
        """
        ...

    async def release_interrupted(self, now: Ms) -> int:
        """Give back what a killed process had claimed; each gets an `interrupted` attempt."""
        ...

    async def next_due(self) -> Ms | None:
        """When the next delivery that is not behind another of its call is due, or None.

        Of active endpoints; of a held one not before its hold ends.
        """
        ...

    async def set_endpoint_health(
        self, endpoint: EndpointId, *, held_until: Ms | None, failing_since: Ms | None
    ) -> None:
        """Note how its attempts went; its state stays as it is.

        While it fails, the longest hold and the first failure noted stay; well is both None.
        """
        ...

    async def endpoint_runtime(self) -> Sequence[EndpointRuntime]: ...
    async def set_endpoint_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str, at: Ms
    ) -> None:
        """Pause, disable or resume it; an active one is no longer held or failing."""
        ...

    async def workers(self) -> int:
        """How many processes claim now: what an endpoint is given in all is shared by them."""
        ...


Topic = Literal["deliveries", "endpoints", "revision", "replays"]


class NewsStore(Protocol):
    """What processes that share the store tell each other; alone in it there is nothing to hear."""

    def on_news(self, topic: Topic, hear: Callable[[], None]) -> None:
        """Call `hear` when another process may have changed something of that kind."""
        ...

    def on_notice(self, hear: Callable[[str], None]) -> None:
        """Call `hear` with each text that a process gives to `notify`, this one among them."""
        ...

    async def notify(self, text: str) -> None:
        """Tell all processes a text of fewer than 8000 bytes; it is not kept."""
        ...

    async def hold_node(self, node: str) -> None:
        """Be the only process of this node; raises StoreError while another one is."""
        ...


class AdminStore(Protocol):
    """What the administrator's commands and the API read and write."""

    async def live_revision(self) -> RevisionRow | None: ...
    async def revision(self, number: int) -> RevisionRow | None: ...
    async def revision_before(self, number: int) -> RevisionRow | None:
        """The one that was live before this one was staged."""
        ...

    async def revisions(self, limit: int = 100) -> Sequence[RevisionInfo]:
        """The newest first."""
        ...

    async def stage_revision(
        self,
        document: str,
        applied_by: str,
        at: Ms,
        *,
        text: str = "",
        origin: str = "apply",
        comment: str = "",
    ) -> int:
        """Keep a document under a number of its own; gives the number."""
        ...

    async def set_revision_live(
        self,
        number: int,
        at: Ms,
        removed: Sequence[EndpointId] = (),
        secrets: Sequence[SecretRow] = (),
    ) -> None:
        """Make it the only live one and store the secrets it brought.

        Pending deliveries of the `removed` are cancelled.
        """
        ...

    async def set_revision_failed(self, number: int, at: Ms, reason: str = "") -> None: ...
    async def fail_staged(self, at: Ms, reason: str, *, older_than: Ms = 0) -> int:
        """End what a killed process had staged that long ago; gives how many there were."""
        ...

    async def deliveries(
        self,
        wanted: DeliveryFilter = ANY_DELIVERY,
        *,
        before: DeliveryId | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryRow]:
        """The newest first, of those with a smaller id than `before`; cheap at any place."""
        ...

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]: ...
    async def calls(
        self, wanted: CallFilter = ANY_CALL, *, before: CallMark | None = None, limit: int = 100
    ) -> Sequence[CallState]:
        """The newest first."""
        ...

    async def call(self, call: CallId) -> CallState | None: ...
    async def events(self, call: CallId) -> Sequence[Event]: ...
    async def delivery_counts(self) -> dict[DeliveryState, int]:
        """How many are in each state, all states named; cheap however many there are."""
        ...

    async def oldest_pending(self) -> Ms | None: ...
    async def backlog(self) -> Sequence[Backlog]:
        """What is pending at each endpoint that has any, by its name."""
        ...


class SecretStore(Protocol):
    """Encrypted secrets by reference; older revisions refer to those of documents for good."""

    async def secrets(self) -> Sequence[SecretRow]: ...
    async def replace_secrets(self, rows: Sequence[SecretRow]) -> None:
        """All or nothing."""
        ...

    async def delete_secrets(self, references: Collection[str]) -> None:
        """For those that belong to no revision."""
        ...


class ReplayStore(Protocol):
    """One delivery looked at and delivered again."""

    async def delivery(self, delivery: DeliveryId) -> DeliveryRow | None: ...
    async def event(self, event: EventId) -> Event | None: ...
    async def make_due(
        self, delivery: DeliveryId, now: Ms, *, again: bool = False
    ) -> DeliveryState | None:
        """Make it pending and due now; gives the state it was in, None if there is none.

        A `sending` one is left alone, and a `delivered` one unless `again`. One that was pending
        keeps its place in its call's order and on the retry ladder; the others begin the ladder
        anew and wait for no other.
        """
        ...


class ReplaysStore(Protocol):
    """Many deliveries made again, and the events for those who fetch them."""

    async def matching(self, wish: Wish) -> Mapping[EndpointId, int]:
        """How many deliveries a replay would make again, by endpoint."""
        ...

    async def begin_replay(self, wish: Wish, rate: int, by: str, at: Ms) -> Replay: ...
    async def replays(self, limit: int = 100) -> Sequence[Replay]:
        """The newest first."""
        ...

    async def replay(self, number: int) -> Replay | None: ...
    async def cancel_replay(self, number: int, at: Ms) -> bool:
        """Stop it where it is; False if it was not running."""
        ...

    async def replay_due(self, now: Ms) -> tuple[Replay, Sequence[Candidate]] | None:
        """A running replay that may take its next step, with what that step comes to."""
        ...

    async def step_replay(
        self, replay: Replay, taken: Sequence[DeliveryId], skipped: int, last: DeliveryId, now: Ms
    ) -> bool:
        """Make the `taken` due and move it on to `last`, in one transaction.

        It is done when `last` is its `upto`. False, and nothing happens, if another process took
        this step or it was cancelled.
        """
        ...

    async def feed(self, after: int, limit: int) -> Sequence[Told]:
        """The events after a position, in the order in which they became visible."""
        ...


class ForgettingStore(Protocol):
    """What makes room."""

    async def forget_calls(self, before: Ms, now: Ms, limit: int) -> int:
        """Delete calls that ended before then, with their events, deliveries and attempts.

        Never one of which a delivery or an email waits, or a link is alive. Gives how many went,
        at most `limit`.
        """
        ...

    async def forget_deliveries(
        self, before: Ms, after: DeliveryId, limit: int
    ) -> tuple[int, DeliveryId | None]:
        """Delete deliveries, with their attempts, of calls that ended before then; events stay.

        Looks at `limit` of them behind `after`, and leaves what waits. Gives how many went, and
        behind which to look next, None if all that are old were seen.
        """
        ...


class MediaStore(Protocol):
    """What is known of kept audio."""

    async def media_by_token(self, token_hash: str, now: Ms) -> Media | None:
        """The audio a link leads to; None for a link that is unknown, revoked or expired."""
        ...

    async def media_of(self, event: EventId) -> Media | None: ...
    async def revoke_media(self, event: EventId) -> bool:
        """Make the event's link lead nowhere; False if there is none."""
        ...


class MailStore(Protocol):
    """The queue of emails."""

    async def next_email(self, now: Ms) -> EmailClaim | None: ...
    async def email_sent(self, event: EventId, now: Ms) -> None: ...
    async def email_failed(self, event: EventId, due_at: Ms | None, error: str) -> None:
        """Try again at `due_at`, or never if it is None."""
        ...

    async def emails_waiting(self) -> int: ...


class ErasureStore(Protocol):
    """Taking a person out of what is kept."""

    async def erase(self, erasures: Sequence[Erasure]) -> None:
        """All or nothing; answers of receivers, emails and links of these calls go too."""
        ...


class DraftStore(Protocol):
    """One draft; what is written names the tag it was read with, "" where there was none."""

    async def draft(self) -> DraftRow | None: ...
    async def save_draft(
        self,
        row: DraftRow,
        *,
        expected: str,
        secrets: Sequence[SecretRow] = (),
        drop: Collection[str] = (),
    ) -> bool:
        """With its secrets, in one transaction; False if another tag is there by now."""
        ...

    async def delete_draft(self, *, expected: str, drop: Collection[str] = ()) -> bool: ...


class ClickStore(Protocol):
    """Which calls programs asked for under a key."""

    async def claim_click(self, row: ClickRow, *, expired: Ms) -> ClickRow:
        """Keep the row unless its key is known, and give what is kept; forget older ones."""
        ...

    async def settle_click(self, key: str, *, placed: bool) -> None:
        """The call was placed, or was not and the key is free again."""
        ...


class Store(
    LineStore,
    DeliveryStore,
    AdminStore,
    SecretStore,
    ReplayStore,
    ReplaysStore,
    ForgettingStore,
    MediaStore,
    MailStore,
    NewsStore,
    ErasureStore,
    AccessStore,
    DraftStore,
    AlertStore,
    ClickStore,
    Protocol,
):
    """The whole port."""

    async def close(self) -> None: ...
