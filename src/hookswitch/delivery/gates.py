"""The gates of all endpoints, what is noted of them in the store, and their failure budgets."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

import structlog

from hookswitch.delivery.gate import Gate, GateSettings
from hookswitch.model.delivery import Claim, EndpointRuntime, Outcome, Room, Wanted
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.port import DeliveryStore

WARNINGS: Final = (0.5, 0.9)
"""Parts of the failure budget at which a warning is logged."""

_log: Final[Any] = structlog.get_logger("hookswitch.delivery")


class Gates:
    """Slots are shared: first attempts have `most`, retries a quarter as many of their own."""

    def __init__(
        self,
        settings: GateSettings,
        most: int,
        budget_ms: Ms,
        live: Callable[[], Sequence[Endpoint]],
        chance: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._most = Room(most, max(1, most // 4))
        self._budget_ms = budget_ms
        self._live = live
        self._chance = chance
        self._gates: dict[EndpointId, Gate] = {}
        self._known: Sequence[Endpoint] = ()
        self._strict: Mapping[EndpointId, Ms] = {}
        self._rates: Mapping[EndpointId, float] = {}
        self.workers = 1
        """Among how many an endpoint's rate is shared."""
        self._first = self._retry = 0
        self._changed: set[EndpointId] = set()
        self._pausing: dict[EndpointId, str] = {}

    def take_up(self, runtimes: Iterable[EndpointRuntime]) -> None:
        """What the store knows from before."""
        for runtime in runtimes:
            self._new(runtime.endpoint, runtime)

    def follow(self, runtimes: Iterable[EndpointRuntime], now: Ms) -> None:
        """Heed what was resumed by an administrator, and what other workers hold."""
        for runtime in runtimes:
            gate = self._gates.get(runtime.endpoint)
            if runtime.endpoint in self._changed:
                continue  # ours is newer
            if runtime.held_until is not None:
                gate = gate or self._new(runtime.endpoint)
                gate.adopt(runtime.held_until, runtime.failing_since, now)
            elif gate is not None and runtime.failing_since is None:
                gate.reset()

    def share(self, workers: int) -> None:
        """An endpoint's rate is for all workers together: each keeps its part."""
        if workers != self.workers:
            self.workers = workers
            self._set_rates()

    def reset(self, endpoint: EndpointId) -> None:
        if endpoint in self._gates:
            self._gates[endpoint].reset()

    def free(self) -> Room:
        """Slots that are not taken."""
        return Room(self._most.first - self._first, self._most.retry - self._retry)

    def wanted(self, now: Ms, window: Ms) -> Wanted:
        """What can be sent now."""
        self._follow_live()
        free = self.free()
        scarce = free.first < self._most.first // 4
        begin = 1 if scarce else min(self._settings.begin, self._settings.most)
        return Wanted(
            now=now,
            window=window,
            total=free,
            each=Room(begin, max(1, begin // 4)),
            rooms={name: gate.room(now, scarce=scarce) for name, gate in self._gates.items()},
            strict=self._strict,
        )

    def admits(self, claim: Claim, now: Ms) -> bool:
        """Take a slot for it, if its endpoint can be sent to now."""
        gate = self._gates.get(claim.endpoint)
        if gate is None:
            gate = self._new(claim.endpoint)
        if not gate.admits(claim, now):
            return False
        self._retry += claim.retry
        self._first += not claim.retry
        return True

    def ended(self, outcome: Outcome, now: Ms) -> None:
        """Give its slot back and learn from it."""
        claim = outcome.claim
        self._retry -= claim.retry
        self._first -= not claim.retry
        gate = self._gates[claim.endpoint]
        held = gate.held_until
        if gate.ended(outcome, now, self._chance):
            self._changed.add(claim.endpoint)
            if gate.held_until is not None and held is None:
                _log.warning(
                    "delivery.endpoint_held", endpoint_id=claim.endpoint, until=gate.held_until
                )
        if gate.failing_since is not None:
            self._watch_budget(claim.endpoint, gate, now - gate.failing_since)

    def failing(self) -> Mapping[EndpointId, Ms]:
        """Since when each endpoint that fails has had no success."""
        return {
            name: gate.failing_since
            for name, gate in self._gates.items()
            if gate.failing_since is not None
        }

    async def note(self, store: DeliveryStore, now: Ms) -> None:
        """Write down what must survive; what the store refuses is kept for the next time."""
        for endpoint in list(self._changed):
            gate = self._gates[endpoint]
            self._changed.discard(endpoint)
            try:
                await store.set_endpoint_health(
                    endpoint, held_until=gate.held_until, failing_since=gate.failing_since
                )
            except BaseException:
                self._changed.add(endpoint)
                raise
        for endpoint, reason in list(self._pausing.items()):
            await store.set_endpoint_state(endpoint, "paused", reason, now)
            del self._pausing[endpoint]

    def _watch_budget(self, endpoint: EndpointId, gate: Gate, failing_ms: Ms) -> None:
        used = failing_ms / self._budget_ms
        for part in WARNINGS:
            if gate.warned_at < part <= used:
                gate.warned_at = part
                _log.warning(
                    "delivery.endpoint_failing",
                    endpoint_id=endpoint,
                    failing_since=gate.failing_since,
                    budget_used=part,
                )
        if used >= 1 and gate.warned_at < 1:
            gate.warned_at = 1.0
            hours = round(failing_ms / 3_600_000)
            reason = f"nothing was delivered for {hours} hours; resume it when the receiver is well"
            self._pausing[endpoint] = reason
            _log.error("delivery.endpoint_paused", endpoint_id=endpoint, reason=reason)

    def _follow_live(self) -> None:
        live = self._live()
        if live is self._known:
            return
        self._known = live
        self._strict = {e.id: e.strict_ms for e in live if e.strict_ms is not None}
        self._rates = {e.id: e.rate for e in live if e.rate is not None}
        self._set_rates()

    def _set_rates(self) -> None:
        for name, gate in self._gates.items():
            gate.rate = self._rate(name)

    def _rate(self, endpoint: EndpointId) -> float | None:
        rate = self._rates.get(endpoint)
        return None if rate is None else rate / self.workers

    def _new(self, endpoint: EndpointId, runtime: EndpointRuntime | None = None) -> Gate:
        gate = Gate(self._settings, runtime, self._rate(endpoint))
        self._gates[endpoint] = gate
        return gate
