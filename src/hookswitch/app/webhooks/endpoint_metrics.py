"""What Prometheus reads of each endpoint; so many by name, the rest together as `other`."""

from collections.abc import Mapping, Sequence
from typing import Final, Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hookswitch.app.clock import now_ms
from hookswitch.model.delivery import Backlog, EndpointRuntime, Outcome
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.port import AdminStore, DeliveryStore

MOST_NAMES: Final = 100
OTHER: Final = "other"


class EndpointsStore(AdminStore, DeliveryStore, Protocol):
    """Where the gauges are read."""


class EndpointMetrics:
    """Fed by outcomes; backlog and state are read when asked."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._names: set[EndpointId] = set()
        self.attempts = Counter(
            "hookswitch_endpoint_attempts",
            "Delivery attempts by endpoint",
            ["endpoint", "result"],
            registry=registry,
        )
        self.seconds = Histogram(
            "hookswitch_endpoint_attempt_seconds",
            "Time of an attempt by endpoint",
            ["endpoint"],
            buckets=(0.01, 0.05, 0.2, 1, 5, 15),
            registry=registry,
        )
        self.delay = Histogram(
            "hookswitch_endpoint_delivery_seconds",
            "From the event to its delivery, by endpoint",
            ["endpoint"],
            buckets=(0.05, 0.2, 1, 5, 60, 600, 3600, 86_400),
            registry=registry,
        )
        self.backlog = Gauge(
            "hookswitch_endpoint_backlog", "Deliveries that wait", ["endpoint"], registry=registry
        )
        self.oldest = Gauge(
            "hookswitch_endpoint_lag_seconds",
            "Age of the oldest delivery that waits",
            ["endpoint"],
            registry=registry,
        )
        self.budget = Gauge(
            "hookswitch_endpoint_failure_budget_used",
            "Part of the time an endpoint may fail before it is paused",
            ["endpoint"],
            registry=registry,
        )
        self.states = Gauge(
            "hookswitch_endpoints_stopped",
            "Endpoints that are not sent to: paused, disabled, held after failures",
            ["state"],
            registry=registry,
        )

    def attempted(self, outcome: Outcome) -> None:
        name = self._name(outcome.claim.endpoint)
        self.attempts.labels(name, outcome.attempt.error or "delivered").inc()
        self.seconds.labels(name).observe(outcome.attempt.duration_ms / 1000)
        if outcome.state == "delivered":
            ended_at = outcome.attempt.started_at + outcome.attempt.duration_ms
            self.delay.labels(name).observe(max(0, ended_at - outcome.claim.created_at) / 1000)

    async def read(
        self, store: EndpointsStore, failing: Mapping[EndpointId, Ms], budget_ms: Ms
    ) -> None:
        now = now_ms()
        self._read_backlog(await store.backlog(), now)
        self._read_states(await store.endpoint_runtime(), now)
        self.budget.clear()
        for endpoint, since in failing.items():
            self.budget.labels(self._name(endpoint)).set(max(0, now - since) / budget_ms)

    def _read_backlog(self, waiting: Sequence[Backlog], now: Ms) -> None:
        self.backlog.clear()
        self.oldest.clear()
        ages: dict[str, float] = {}
        for one in waiting:
            name = self._name(one.endpoint)
            self.backlog.labels(name).inc(one.pending)
            ages[name] = max(ages.get(name, 0.0), (now - one.oldest) / 1000)
        for name, age in ages.items():
            self.oldest.labels(name).set(age)

    def _read_states(self, runtimes: Sequence[EndpointRuntime], now: Ms) -> None:
        for state in ("paused", "disabled"):
            self.states.labels(state).set(sum(one.state == state for one in runtimes))
        held = sum(one.state == "active" and (one.held_until or 0) > now for one in runtimes)
        self.states.labels("held").set(held)

    def _name(self, endpoint: EndpointId) -> str:
        """Each label value is kept by Prometheus for good, so there are only so many."""
        if endpoint not in self._names and len(self._names) < MOST_NAMES:
            self._names.add(endpoint)
        return endpoint if endpoint in self._names else OTHER
