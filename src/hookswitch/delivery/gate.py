"""How much one endpoint is given: concurrency that adapts, a breaker with one probe, a rate.

Kept in memory; what must survive a restart (`held_until`, `failing_since`) is noted in the store by
the worker. Times are passed in.
"""

from collections.abc import Callable

from msgspec import Struct

from hookswitch.model.delivery import Claim, EndpointRuntime, Outcome, Room
from hookswitch.model.ids import DeliveryId, Ms


class GateSettings(Struct, frozen=True, kw_only=True):
    """`most` attempts go side by side to an endpoint that answers well, `begin` to a new one."""

    most: int = 32
    begin: int = 4
    break_after: int = 10
    """Failures in a row, no success between, after which the endpoint is left alone."""
    first_hold_ms: Ms = 5_000
    longest_hold_ms: Ms = 300_000
    """Each hold is twice as long as the one before."""
    stalled_ms: Ms = 2_000
    """An endpoint whose oldest attempt is under way for so long has room for `begin` at most."""


class _Flight(Struct, frozen=True):
    began_at: Ms
    is_retry: bool


class Gate:
    """`admits` takes a place, `ended` or `leave` gives it back."""

    def __init__(
        self,
        settings: GateSettings,
        runtime: EndpointRuntime | None = None,
        rate: float | None = None,
    ) -> None:
        self._settings = settings
        self.limit = float(min(settings.begin, settings.most))
        self._growing, self._proven = True, False
        self._cut_at = -1
        self._flights: dict[DeliveryId, _Flight] = {}
        self._retries = 0
        self._probe: DeliveryId | None = None
        self._in_a_row = 0
        self._hold_ms = settings.first_hold_ms
        self.held_until = runtime.held_until if runtime else None
        self.failing_since = runtime.failing_since if runtime else None
        self.warned_at = 0.0
        """The part of the failure budget that was last warned of."""
        self.rate = rate
        self._tokens = rate or 0.0
        self._filled_at: Ms = 0

    @property
    def busy(self) -> int:
        return len(self._flights)

    def room(self, now: Ms, *, scarce: bool) -> Room:
        """`scarce`: slots run low, so those that have not proven themselves get one at a time."""
        first, retry = self._places(now)
        if scarce and not self._proven:
            first = retry = 1
        busy = len(self._flights)
        room = Room(max(0, first - (busy - self._retries)), max(0, retry - self._retries), busy)
        allowed = self._allowed(now)
        return Room(min(room.first, allowed), min(room.retry, allowed), busy)

    def admits(self, claim: Claim, now: Ms) -> bool:
        """Whether it may be sent now, after those admitted before it."""
        if self._allowed(now) < 1:
            return False
        if self.held_until is not None:
            self._probe = claim.id
        self._flights[claim.id] = _Flight(now, claim.retry)
        self._retries += claim.retry
        if self.rate is not None:
            self._tokens -= 1
        return True

    def leave(self, delivery: DeliveryId) -> _Flight | None:
        """Its attempt is over, however it went."""
        flight = self._flights.pop(delivery, None)
        if flight is not None:
            self._retries -= flight.is_retry
        return flight

    def ended(self, outcome: Outcome, now: Ms, chance: Callable[[], float]) -> bool:
        """Learn from an attempt; True if what is to be noted in the store has changed."""
        flight = self.leave(outcome.claim.id)
        before = (self.held_until, self.failing_since)
        probing = self._probe == outcome.claim.id
        if probing:
            self._probe = None
        if outcome.state == "delivered":
            self._succeeded()
        elif outcome.state != "cancelled":
            self._failed(now, flight, probing=probing, chance=chance)
            if outcome.slow_until is not None:
                self._hold_until(min(outcome.slow_until, now + self._settings.longest_hold_ms))
        return before != (self.held_until, self.failing_since)

    def adopt(self, until: Ms, since: Ms | None, now: Ms) -> None:
        """Another worker holds the endpoint: so do we, and longer if its next probe fails."""
        if until <= (self.held_until or 0):
            return
        self.held_until, self._probe = until, None
        self.failing_since = since if self.failing_since is None else self.failing_since
        twice = min(2 * max(0, until - now), self._settings.longest_hold_ms)
        self._hold_ms = max(self._hold_ms, twice)

    def reset(self) -> None:
        """An administrator says that it is well again."""
        self.held_until = self.failing_since = self._probe = None
        self._in_a_row, self.warned_at = 0, 0.0
        self._hold_ms = self._settings.first_hold_ms

    def _succeeded(self) -> None:
        most, self._proven = self._settings.most, True
        self.limit = min(most, self.limit + (1 if self._growing else 1 / self.limit))
        self._growing = self._growing and self.limit < most
        self.reset()

    def _failed(
        self, now: Ms, flight: _Flight | None, *, probing: bool, chance: Callable[[], float]
    ) -> None:
        self._in_a_row += 1
        self.failing_since = now if self.failing_since is None else self.failing_since
        self._growing = self._proven = False
        # What began before the last cut was sent under the old limit and tells nothing of the new.
        if flight is not None and flight.began_at > self._cut_at:
            self.limit, self._cut_at = max(1.0, self.limit / 2), now
        if probing or (self._in_a_row >= self._settings.break_after and self.held_until is None):
            self._hold_until(now + int(self._hold_ms * (1 + 0.2 * chance())))
            self._hold_ms = min(self._hold_ms * 2, self._settings.longest_hold_ms)

    def _hold_until(self, until: Ms) -> None:
        self.held_until = max(until, self.held_until or 0)

    def _places(self, now: Ms) -> tuple[int, int]:
        oldest = next(iter(self._flights.values()), None)
        if oldest is not None and now - oldest.began_at >= self._settings.stalled_ms:
            return min(int(self.limit), self._settings.begin), 1
        return int(self.limit), max(1, int(self.limit) // 4)

    def _allowed(self, now: Ms) -> int:
        if self.held_until is not None:
            return int(now >= self.held_until and self._probe is None)
        if self.rate is None:
            return self._settings.most
        burst = max(1.0, self.rate)
        self._tokens = min(burst, self._tokens + (now - self._filled_at) * self.rate / 1000)
        self._filled_at = now
        return int(self._tokens)
