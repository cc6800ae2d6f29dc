"""What Prometheus reads at `/metrics`."""

from collections import Counter as Counts
from collections.abc import Sequence
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from hookswitch.app.line.reader import LiveLine, NoLine
from hookswitch.app.people.bans import Bans
from hookswitch.app.upkeep.disk import DiskWatch
from hookswitch.app.upkeep.overload import OverloadWatch
from hookswitch.app.webhooks.delivery_metrics import DeliveryMetrics
from hookswitch.app.webhooks.endpoint_metrics import EndpointsStore
from hookswitch.delivery.gates import Gates
from hookswitch.mail.worker import Result
from hookswitch.model.facts import CallArrived, CallEnded, CallTurnedAway, Fact
from hookswitch.model.ids import Ms
from hookswitch.store.port import MailStore
from hookswitch.store.rows import Batch


class MetricsStore(EndpointsStore, MailStore, Protocol):
    """Where the gauges are read."""


class Metrics:
    """Counters fed by the live line and the deliveries; gauges read when asked."""

    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.sent = DeliveryMetrics(registry)
        self.attempted = self.sent.attempted
        self.calls = Counter("hookswitch_calls", "Calls that reached a number", registry=registry)
        self.ended = Counter(
            "hookswitch_calls_ended", "Calls that are over", ["engine_lost"], registry=registry
        )
        self.open = Gauge("hookswitch_calls_open", "Calls up now", registry=registry)
        self.events = Counter(
            "hookswitch_events", "Webhook events created", ["type"], registry=registry
        )
        self.journal_bytes = Gauge(
            "hookswitch_journal_lag_bytes",
            "Written by the engine, not yet committed",
            registry=registry,
        )
        self.commit_lag = Histogram(
            "hookswitch_line_lag_seconds",
            "From the engine's record to its commit in the outbox",
            buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 5),
            registry=registry,
        )
        self.dropped = Gauge(
            "hookswitch_journal_dropped_bytes", "Torn records given up", registry=registry
        )
        self.journal_gaps = Counter(
            "hookswitch_journal_gaps", "Times its directory had vanished", registry=registry
        )
        self.faults = Gauge(
            "hookswitch_line_faults", "Records that could not be folded", registry=registry
        )
        self.engine_up = Gauge(
            "hookswitch_engine_up", "1 while the engine takes calls", registry=registry
        )
        self.sip_failed = Gauge(
            "hookswitch_sip_failed_logins", "Failed SIP logins since the start", registry=registry
        )
        self.sip_banned = Gauge(
            "hookswitch_sip_banned_addresses", "Addresses banned now", registry=registry
        )
        self.emails = Counter(
            "hookswitch_emails", "Attempts to send an email", ["result"], registry=registry
        )
        self.emails_waiting = Gauge(
            "hookswitch_emails_waiting", "Emails not sent yet", registry=registry
        )
        self.disk_free = Gauge(
            "hookswitch_disk_free_bytes", "Free on the fullest file system", registry=registry
        )
        self.disk_level = Gauge(
            "hookswitch_disk_level",
            "0: room enough, 1: nothing is recorded, 2: new calls are refused",
            registry=registry,
        )
        self.sip_wait = Gauge(
            "hookswitch_sip_wait_seconds",
            "How long a SIP message waits before the engine takes it up",
            registry=registry,
        )
        self.shed = Gauge(
            "hookswitch_calls_shed_percent",
            "New calls turned away, of a hundred",
            registry=registry,
        )
        self.turned_away = Counter(
            "hookswitch_calls_turned_away", "New calls answered 503", registry=registry
        )

    def watch_overload(self, watch: OverloadWatch) -> None:
        self.sip_wait.set_function(lambda: watch.wait_s)
        self.shed.set_function(lambda: watch.percent)

    def watch_bans(self, bans: Bans) -> None:
        self.sip_banned.set_function(lambda: len(bans.all))
        self.sip_failed.set_function(lambda: bans.failed_logins)

    def watch_disk(self, disk: DiskWatch) -> None:
        self.disk_free.set_function(lambda: disk.free)
        self.disk_level.set_function(lambda: disk.level)

    def mailed(self, result: Result) -> None:
        self.emails.labels(result).inc()

    def committed(self, batch: Batch, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if isinstance(fact, CallArrived):
                self.calls.inc()
            elif isinstance(fact, CallEnded):
                self.ended.labels(str(fact.engine_lost).lower()).inc()
            elif isinstance(fact, CallTurnedAway):
                self.turned_away.inc()
        for kind, number in Counts(event.type for event in batch.events).items():
            self.events.labels(kind).inc(number)
        for event in batch.events:
            self.commit_lag.observe(max(0, batch.at - event.at) / 1000)

    async def render(
        self, store: MetricsStore, line: LiveLine | NoLine, gates: Gates, budget_ms: Ms
    ) -> bytes:
        """Read the gauges and give the text format."""
        self.emails_waiting.set(await store.emails_waiting())
        self.open.set(sum(call.arrived for call in line.open_calls))
        self.journal_bytes.set(line.lag_bytes)
        self.dropped.set(line.dropped_bytes)
        self.faults.set(line.faults)
        await self.sent.read(store, gates.failing(), budget_ms)
        return generate_latest(self.registry)
