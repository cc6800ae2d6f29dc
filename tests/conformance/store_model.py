"""The rules of `store.port` for deliveries, kept as plainly as can be: lists and loops."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from hookswitch.model.delivery import Claim, Outcome, Wanted
from hookswitch.model.ids import EndpointId


@dataclass
class Row:
    """A delivery."""

    number: int
    event: str
    call: str
    endpoint: str
    sequence: int
    created_at: int
    due_at: int | None
    final: bool = False
    state: str = "pending"
    attempts: int = 0
    failures: int = 0
    first_done: bool = False
    claimed_at: int = 0


@dataclass
class Model:
    """What a store must answer."""

    rows: list[Row] = field(default_factory=list)
    listed: set[tuple[int, int]] = field(default_factory=set)
    """(delivery, attempt) of what `attempts` gives."""
    paused: set[str] = field(default_factory=set)
    held: dict[str, int] = field(default_factory=dict)

    def deliver(self, event: str, call: str, endpoint: str, at: int, *, final: bool) -> None:
        if any((row.event, row.endpoint) == (event, endpoint) for row in self.rows):
            return
        last = max((row.sequence for row in self.lane(call, endpoint)), default=0)
        self.rows.append(
            Row(len(self.rows) + 1, event, call, endpoint, last + 1, at, at, final=final)
        )

    def lane(self, call: str, endpoint: str) -> list[Row]:
        return [row for row in self.rows if (row.call, row.endpoint) == (call, endpoint)]

    def claim(self, wanted: Wanted) -> list[Row]:
        first = self._ready(wanted, retries=False, but=())
        probed = [row.endpoint for row in first if row.endpoint in self.held]
        given = [*first, *self._ready(wanted, retries=True, but=probed)]
        for row in given:
            row.state, row.attempts, row.claimed_at = "sending", row.attempts + 1, wanted.now
        return given

    def _ready(self, wanted: Wanted, *, retries: bool, but: Sequence[str]) -> list[Row]:
        found: list[tuple[int, int, int, Row]] = []
        for endpoint in {row.endpoint for row in self.rows}.difference(but):
            room = wanted.rooms.get(EndpointId(endpoint), wanted.each)
            most = self._most(endpoint, room.retry if retries else room.first, wanted)
            ready = sorted(
                (row.due_at, row.number, row)
                for row in self.rows
                if row.endpoint == endpoint
                and row.first_done == retries
                and self._is_ready(row, wanted)
            )  # fmt: skip
            found += [(place, *key) for place, key in enumerate(ready[:most], room.busy)]
        limit = wanted.total.retry if retries else wanted.total.first
        return [row for *_, row in sorted(found, key=lambda each: each[:3])[:limit]]

    def _most(self, endpoint: str, room: int, wanted: Wanted) -> int:
        """None while it is paused or held; after a hold one at a time."""
        if endpoint in self.paused or self.held.get(endpoint, 0) > wanted.now:
            return 0
        if endpoint not in self.held:
            return room
        busy = any(row.state == "sending" for row in self.rows if row.endpoint == endpoint)
        return 0 if busy else min(1, room)

    def _is_ready(self, row: Row, wanted: Wanted) -> bool:
        if row.state != "pending" or row.due_at is None or row.due_at > wanted.now:
            return False
        return row.first_done or not any(
            self._holds_back(earlier, wanted)
            for earlier in self.lane(row.call, row.endpoint)
            if earlier.sequence < row.sequence
        )

    def _holds_back(self, earlier: Row, wanted: Wanted) -> bool:
        if earlier.state not in {"pending", "sending"}:
            return False
        limit = wanted.strict.get(EndpointId(earlier.endpoint))
        if limit is not None and earlier.created_at > wanted.now - limit:
            return True
        began = earlier.claimed_at if earlier.state == "sending" else wanted.now
        return not earlier.first_done and began > wanted.now - wanted.window

    def give_back(self, claim: Claim) -> None:
        row = self.rows[claim.id - 1]
        if row.state == "sending" and row.attempts == claim.attempt:
            row.state, row.attempts = "pending", row.attempts - 1

    def is_first(self, row: Row) -> bool:
        """Whether no earlier one of its call and endpoint waits for its first attempt."""
        return row.first_done or not any(
            earlier.state == "pending" and not earlier.first_done
            for earlier in self.lane(row.call, row.endpoint)
            if earlier.sequence < row.sequence
        )

    def record(self, outcome: Outcome) -> None:
        row = self.rows[outcome.claim.id - 1]
        self.listed.add((row.number, outcome.attempt.number))
        current = row.state == "sending" and row.attempts == outcome.attempt.number
        if current or outcome.state == "delivered":
            row.state, row.due_at, row.first_done = outcome.state, outcome.due_at, True
            row.failures += outcome.state != "delivered"
        if outcome.disable_endpoint:
            self.paused.add(row.endpoint)

    def release(self, now: int) -> int:
        held = [row for row in self.rows if row.state == "sending"]
        for row in held:
            self.listed.add((row.number, row.attempts))
            row.state, row.due_at = "pending", now
        return len(held)

    def make_due(self, row: Row, now: int, *, again: bool) -> None:
        if row.state == "sending" or (row.state == "delivered" and not again):
            return
        if row.state != "pending":
            row.failures, row.first_done = 0, True
        row.state, row.due_at = "pending", now

    def cancel(self, endpoint: str) -> None:
        for row in self.rows:
            if row.endpoint == endpoint and row.state in {"pending", "sending"}:
                row.state, row.due_at = "cancelled", None
