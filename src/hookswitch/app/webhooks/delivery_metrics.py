"""What Prometheus reads of deliveries, wherever they are made."""

from collections.abc import Mapping
from typing import Final, get_args

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from hookswitch.app.clock import now_ms
from hookswitch.app.webhooks.endpoint_metrics import EndpointMetrics, EndpointsStore
from hookswitch.model.delivery import DeliveryState, Outcome
from hookswitch.model.ids import EndpointId, Ms

STATES: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)


class DeliveryMetrics:
    """Counters fed by outcomes of this process; gauges of the whole database, read when asked."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._endpoints = EndpointMetrics(registry)
        self._attempts = Counter(
            "hookswitch_attempts", "Delivery attempts", ["result"], registry=registry
        )
        self._seconds = Histogram(
            "hookswitch_attempt_seconds", "Time of an attempt", registry=registry
        )
        self._deliveries = Gauge(
            "hookswitch_deliveries", "Deliveries by state", ["state"], registry=registry
        )
        self._oldest = Gauge(
            "hookswitch_delivery_lag_seconds",
            "Age of the oldest delivery that is not done",
            registry=registry,
        )

    def attempted(self, outcome: Outcome) -> None:
        self._attempts.labels(outcome.attempt.error or "delivered").inc()
        self._seconds.observe(outcome.attempt.duration_ms / 1000)
        self._endpoints.attempted(outcome)

    async def read(
        self, store: EndpointsStore, failing: Mapping[EndpointId, Ms], budget_ms: Ms
    ) -> None:
        counts = await store.delivery_counts()
        for state in STATES:
            self._deliveries.labels(state).set(counts.get(state, 0))
        oldest = await store.oldest_pending()
        self._oldest.set(0 if oldest is None else max(0, now_ms() - oldest) / 1000)
        await self._endpoints.read(store, failing, budget_ms)
