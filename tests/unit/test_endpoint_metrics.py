"""What `/metrics` says of endpoints; the store is the real one."""

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest

from hookswitch.app.webhooks.endpoint_metrics import MOST_NAMES, EndpointMetrics
from hookswitch.model.delivery import Attempt, Claim, NewDelivery, Outcome
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore


def outcome(endpoint: str, *, good: bool = True) -> Outcome:
    claim = Claim(
        id=DeliveryId(1), event=EventId("e"), type="voicemail", call=CallId("c"), revision=1,
        endpoint=EndpointId(endpoint), body=b"", attempt=1, failures=0, sequence=1, created_at=1000,
    )  # fmt: skip
    attempt = Attempt(number=1, started_at=1500, duration_ms=600, error=None if good else "timeout")
    return Outcome(claim=claim, attempt=attempt, state="delivered" if good else "pending")


def said(registry: CollectorRegistry) -> list[str]:
    return generate_latest(registry).decode().splitlines()


def test_attempts_and_times_by_endpoint() -> None:
    registry = CollectorRegistry()
    metrics = EndpointMetrics(registry)
    metrics.attempted(outcome("crm"))
    metrics.attempted(outcome("crm", good=False))
    lines = said(registry)
    assert 'hookswitch_endpoint_attempts_total{endpoint="crm",result="delivered"} 1.0' in lines
    assert 'hookswitch_endpoint_attempts_total{endpoint="crm",result="timeout"} 1.0' in lines
    assert 'hookswitch_endpoint_attempt_seconds_sum{endpoint="crm"} 1.2' in lines
    assert 'hookswitch_endpoint_delivery_seconds_sum{endpoint="crm"} 1.1' in lines


def test_so_many_endpoints_by_name_and_the_rest_together() -> None:
    registry = CollectorRegistry()
    metrics = EndpointMetrics(registry)
    for number in range(MOST_NAMES + 20):
        metrics.attempted(outcome(f"e{number}"))
    lines = [
        line for line in said(registry) if line.startswith("hookswitch_endpoint_attempts_total")
    ]
    assert len(lines) == MOST_NAMES + 1
    assert 'hookswitch_endpoint_attempts_total{endpoint="other",result="delivered"} 20.0' in lines


async def test_backlog_state_and_budget(tmp_path: Path) -> None:
    store = await SqliteStore.open(tmp_path / "store.db")
    events = [
        Event(id=EventId(f"e{n}"), type="voicemail", call=CallId("c"), revision=1, at=1, body=b"{}")
        for n in range(3)
    ]
    crm = EndpointId("crm")
    new = [NewDelivery(event=each.id, endpoint=crm, call=each.call) for each in events]
    await store.commit(Batch(node="n1", cursor=Cursor(1, 1), events=events, deliveries=new, at=1))
    await store.set_endpoint_state(crm, "paused", "", 1)
    await store.set_endpoint_health(EndpointId("desk"), held_until=2**52, failing_since=1)
    registry = CollectorRegistry()
    await EndpointMetrics(registry).read(store, {EndpointId("desk"): 0}, 2**60)
    await store.close()
    lines = said(registry)
    assert 'hookswitch_endpoint_backlog{endpoint="crm"} 3.0' in lines
    assert 'hookswitch_endpoints_stopped{state="paused"} 1.0' in lines
    assert 'hookswitch_endpoints_stopped{state="held"} 1.0' in lines
    assert any(
        line.startswith('hookswitch_endpoint_lag_seconds{endpoint="crm"} ') for line in lines
    )
    assert any("failure_budget_used" in line and "desk" in line for line in lines)
