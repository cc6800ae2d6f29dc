"""The gates of all endpoints: shared slots, failure budgets, and what is written down.

The store is the real one; the attempts are made up.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.gates import Gates
from hookswitch.model.delivery import Attempt, Claim, Outcome, Room
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId, Ms
from hookswitch.model.secret import Secret
from hookswitch.store.port import StoreError
from hookswitch.store.sqlite import SqliteStore

HOUR: Ms = 3_600_000
SETTINGS = GateSettings(begin=4, most=8, break_after=1000)


def endpoint(name: str, **values: Any) -> Endpoint:
    return Endpoint(
        id=EndpointId(name), name=name, url="", token=Secret(""), signing_secrets=(), **values
    )


def claim(number: int, to: str, *, retry: bool = False) -> Claim:
    return Claim(
        id=DeliveryId(number), event=EventId("e"), type="voicemail", call=CallId("c"), revision=1,
        endpoint=EndpointId(to), body=b"", attempt=1, failures=0, sequence=1, retry=retry,
    )  # fmt: skip


def ended(of: Claim, state: Any) -> Outcome:
    return Outcome(claim=of, attempt=Attempt(number=1, started_at=1, duration_ms=1), state=state)


def gates(most: int = 40, settings: GateSettings = SETTINGS, **values: Any) -> Gates:
    given: dict[str, Any] = {"budget_ms": 10 * HOUR, "live": tuple, "chance": lambda: 0.0}
    return Gates(settings, most, **{**given, **values})


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(tmp_path / "store.db")
    yield opened
    await opened.close()


def test_retries_never_take_a_first_attempts_slot() -> None:
    all_gates = gates(40)
    for number in range(10):
        assert all_gates.admits(claim(number, f"e{number}", retry=True), 1)
    assert all_gates.free() == Room(40, 0)
    wanted = all_gates.wanted(1, 2000)
    assert (wanted.total, wanted.each) == (Room(40, 0), Room(4, 1))


def test_ten_stuck_endpoints_leave_slots_to_the_others() -> None:
    all_gates = gates(100)
    taken = 0
    for number in range(10):
        for _ in range(10):
            room = all_gates.wanted(1, 2000).rooms.get(EndpointId(f"e{number}"), Room(4, 1))
            if room.first > 0 and all_gates.admits(claim(taken, f"e{number}"), 1):
                taken += 1
    assert taken == 40
    assert all_gates.free().first == 60


def test_when_slots_run_low_a_new_endpoint_gets_one() -> None:
    all_gates = gates(16)
    for number in range(13):
        all_gates.admits(claim(number, f"e{number}"), 1)
    wanted = all_gates.wanted(1, 2000)
    assert wanted.each == Room(1, 1)
    assert set(wanted.rooms.values()) == {Room(0, 1, 1)}


def test_rates_and_strict_order_follow_what_is_live() -> None:
    live: list[tuple[Endpoint, ...]] = [()]
    all_gates = gates(live=lambda: live[0])
    assert all_gates.admits(claim(1, "crm"), 1)
    assert all_gates.wanted(1, 2000).strict == {}
    live[0] = (endpoint("crm", rate=1.0, strict_ms=5000), endpoint("desk"))
    wanted = all_gates.wanted(100_000, 2000)
    assert wanted.strict == {"crm": 5000}
    assert wanted.rooms[EndpointId("crm")].first == 1


def test_a_failing_endpoint_warns_at_half_and_nine_tenths_of_its_budget() -> None:
    all_gates = gates()
    with capture_logs() as logs:
        for hour in range(10):
            all_gates.admits(claim(hour, "crm"), hour * HOUR)
            all_gates.ended(ended(claim(hour, "crm"), "pending"), hour * HOUR)
    said = [(line["event"], line["budget_used"]) for line in logs]
    assert said == [("delivery.endpoint_failing", 0.5), ("delivery.endpoint_failing", 0.9)]
    assert {line["log_level"] for line in logs} == {"warning"}
    assert all_gates.failing() == {"crm": 0}


async def test_it_is_paused_when_its_budget_is_used_up(store: SqliteStore) -> None:
    all_gates = gates()
    with capture_logs() as logs:
        for hour in (0, 10, 11):
            all_gates.admits(claim(hour, "crm"), hour * HOUR)
            all_gates.ended(ended(claim(hour, "crm"), "pending"), hour * HOUR)
        await all_gates.note(store, 11 * HOUR)
    [runtime] = await store.endpoint_runtime()
    assert (runtime.state, runtime.failing_since) == ("paused", 0)
    assert "nothing was delivered for 10 hours" in runtime.reason
    assert [line["event"] for line in logs].count("delivery.endpoint_paused") == 1


async def test_a_success_in_time_begins_the_budget_anew(store: SqliteStore) -> None:
    all_gates = gates()
    for hour, state in enumerate(["pending"] * 9 + ["delivered"] + ["pending"] * 9):
        all_gates.admits(claim(hour, "crm"), hour * HOUR)
        all_gates.ended(ended(claim(hour, "crm"), state), hour * HOUR)
    await all_gates.note(store, 19 * HOUR)
    [runtime] = await store.endpoint_runtime()
    assert (runtime.state, runtime.failing_since) == ("active", 10 * HOUR)


async def test_a_hold_survives_a_restart(store: SqliteStore) -> None:
    first = gates(settings=GateSettings(break_after=2))
    for number in range(2):
        first.admits(claim(number, "crm"), 1000)
        first.ended(ended(claim(number, "crm"), "pending"), 1000)
    await first.note(store, 1000)
    second = gates()
    second.take_up(await store.endpoint_runtime())
    assert not second.admits(claim(9, "crm"), 5999)
    assert second.wanted(5999, 2000).rooms == {"crm": Room(0, 0, 0)}
    assert second.admits(claim(9, "crm"), 6000)


async def test_what_the_store_refuses_is_noted_later(store: SqliteStore) -> None:
    class Full:
        async def set_endpoint_health(self, *_args: object, **_named: object) -> None:
            raise StoreError("full")

    all_gates = gates()
    all_gates.admits(claim(1, "crm"), 7)
    all_gates.ended(ended(claim(1, "crm"), "pending"), 7)
    with pytest.raises(StoreError):
        await all_gates.note(Full(), 8)  # type: ignore[arg-type]
    await all_gates.note(store, 9)
    assert [one.failing_since for one in await store.endpoint_runtime()] == [7]


async def test_what_was_resumed_elsewhere_is_sent_to_again(store: SqliteStore) -> None:
    all_gates = gates(settings=GateSettings(break_after=1))
    all_gates.admits(claim(1, "crm"), 1000)
    all_gates.ended(ended(claim(1, "crm"), "pending"), 1000)
    all_gates.follow(await store.endpoint_runtime(), 1001)
    assert not all_gates.admits(claim(2, "crm"), 1001)
    await all_gates.note(store, 1001)
    all_gates.follow(await store.endpoint_runtime(), 1001)
    assert not all_gates.admits(claim(2, "crm"), 1002)
    await store.set_endpoint_state(EndpointId("crm"), "active", "", 1003)
    all_gates.follow(await store.endpoint_runtime(), 1003)
    assert all_gates.admits(claim(2, "crm"), 1004)


async def test_what_another_worker_holds_is_held_here(store: SqliteStore) -> None:
    all_gates = gates(settings=GateSettings(break_after=2, first_hold_ms=100))
    await store.set_endpoint_health(EndpointId("crm"), held_until=5000, failing_since=900)
    all_gates.follow(await store.endpoint_runtime(), 1000)
    assert not all_gates.admits(claim(1, "crm"), 4999)
    assert all_gates.failing() == {"crm": 900}
    assert all_gates.admits(claim(1, "crm"), 5000)
    assert not all_gates.admits(claim(2, "crm"), 5000), "one probe"
    all_gates.ended(ended(claim(1, "crm"), "pending"), 5000)
    assert not all_gates.admits(claim(2, "crm"), 12_999), "twice as long as the other's hold"


async def test_what_is_not_noted_yet_is_newer_than_the_store(store: SqliteStore) -> None:
    all_gates = gates()
    await store.set_endpoint_health(EndpointId("crm"), held_until=5000, failing_since=900)
    all_gates.take_up(await store.endpoint_runtime())
    all_gates.admits(claim(1, "crm"), 5000)
    all_gates.ended(ended(claim(1, "crm"), "delivered"), 5001)
    all_gates.follow(await store.endpoint_runtime(), 5002)
    assert all(all_gates.admits(claim(number, "crm"), 5003) for number in (2, 3))


def test_a_rate_is_for_all_workers_together() -> None:
    endpoints = (endpoint("crm", rate=30.0),)
    all_gates = gates(live=lambda: endpoints)
    all_gates.wanted(0, 0)
    all_gates.share(3)
    given = [all_gates.admits(claim(number, "crm"), 0) for number in range(20)]
    assert given.count(True) == 10
    all_gates.share(1)
    assert sum(all_gates.admits(claim(number, "crm"), 1000) for number in range(100, 140)) == 30
