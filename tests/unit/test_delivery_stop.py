"""The delivery worker when it is stopped, and when the store or a listener fails.

The transport is a double that answers as each test says.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from hookswitch.delivery.transport import Answer
from hookswitch.delivery.worker import WorkerSettings
from hookswitch.model.delivery import Claim, Outcome
from hookswitch.model.ids import Ms
from hookswitch.store.port import StoreError
from hookswitch.store.sqlite import SqliteStore
from kit.worker import PATIENCE_S, Bench, accepts, bench_in, running, until


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


async def test_a_stop_waits_for_what_is_under_way(bench: Bench) -> None:
    release = asyncio.Event()

    async def slow(_url: str) -> Answer:
        await release.wait()
        return Answer(status=200)

    bench.receivers.answer = slow
    await bench.add_calls("crm", 3)
    worker = bench.worker()
    async with running(worker):
        await until(lambda: len(bench.receivers.posted) == 3)
        worker.stop()
        await bench.add("crm", "late")
        await asyncio.sleep(0.05)
        release.set()
    states = await bench.states()
    assert states.pop("late") == "pending"
    assert set(states.values()) == {"delivered"}
    assert worker.in_flight == 0


async def test_what_a_stop_cannot_wait_for_is_given_back_at_the_next_start(bench: Bench) -> None:
    async def hangs(_url: str) -> Answer:
        await asyncio.Event().wait()
        raise AssertionError

    bench.receivers.answer = hangs
    bench.settings = WorkerSettings(stop_grace_s=0.05)
    await bench.add("crm", "e1")
    async with running(bench.worker()):
        await until(lambda: bench.receivers.posted == ["e1"])
    assert await bench.states() == {"e1": "sending"}

    bench.receivers.answer = accepts
    async with running(bench.worker()):
        await until(lambda: bool(bench.outcomes))
    assert await bench.states() == {"e1": "delivered"}
    row = (await bench.rows())["e1"]
    attempts = await bench.store.attempts(row.id)
    assert [(attempt.number, attempt.error) for attempt in attempts] == [
        (1, "interrupted"),
        (2, None),
    ]


class Failing:
    """The real store, but the next calls of some methods fail."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self.faults: dict[str, int] = {}
        self.calls: dict[str, int] = {}
        self.poison = ""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def _maybe_fail(self, name: str) -> None:
        self.calls[name] = self.calls.get(name, 0) + 1
        if self.faults.get(name, 0) > 0:
            self.faults[name] -= 1
            raise StoreError("the disk is full")

    async def claim(self, *args: Any) -> Sequence[Claim]:
        self._maybe_fail("claim")
        return await self._store.claim(*args)

    async def next_due(self) -> Ms | None:
        self._maybe_fail("next_due")
        return await self._store.next_due()

    async def release_interrupted(self, now: Ms) -> int:
        self._maybe_fail("release_interrupted")
        return await self._store.release_interrupted(now)

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        self._maybe_fail("record")
        if self.poison in {outcome.claim.event for outcome in outcomes}:
            raise StoreError("this one cannot be stored")
        await self._store.record(outcomes)


async def test_a_store_that_fails_for_a_while_loses_nothing(bench: Bench) -> None:
    store = bench.store = Failing(bench.store)
    store.faults = {"release_interrupted": 1, "claim": 2, "next_due": 1, "record": 3}
    await bench.add_calls("crm", 5)
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 5)
    assert set((await bench.states()).values()) == {"delivered"}
    assert sorted(bench.receivers.posted) == [f"crm-{number}" for number in range(5)]


async def test_a_store_that_fails_is_not_asked_in_a_busy_loop(bench: Bench) -> None:
    store = bench.store = Failing(bench.store)
    store.faults = {"claim": 1000, "record": 1000}
    async with running(bench.worker()):
        await asyncio.sleep(0.5)
    assert store.calls["claim"] < 10


async def test_one_outcome_that_cannot_be_stored_does_not_hold_up_the_others(bench: Bench) -> None:
    store = bench.store = Failing(bench.store)
    store.poison = "crm-1"
    bench.settings = WorkerSettings(stop_grace_s=0.1)
    await bench.add_calls("crm", 4)
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 3)
    assert await bench.states() == {
        "crm-0": "delivered",
        "crm-1": "sending",
        "crm-2": "delivered",
        "crm-3": "delivered",
    }


async def test_what_is_due_but_held_back_is_not_asked_for_in_a_busy_loop(bench: Bench) -> None:
    store = bench.store = Failing(bench.store)
    release = asyncio.Event()

    async def slow(_url: str) -> Answer:
        await release.wait()
        return Answer(status=200)

    bench.receivers.answer = slow
    await bench.add("crm", "e1", "e2")
    async with running(bench.worker()):
        await until(lambda: bench.receivers.posted == ["e1"])
        await asyncio.sleep(1)
        release.set()
    assert store.calls["claim"] < 20


async def test_a_listener_of_outcomes_that_fails_stops_nothing(bench: Bench) -> None:
    def broken(_outcome: Outcome) -> None:
        raise ValueError

    await bench.add("crm", "e1", "e2")
    async with running(bench.worker(on_outcome=broken)):
        await until(lambda: bench.receivers.posted == ["e1", "e2"])
    assert await bench.states() == {"e1": "delivered", "e2": "delivered"}


async def test_a_fault_in_what_it_learns_ends_it_loudly(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else it would end in the event loop's log, and the slot would be lost."""
    worker = bench.worker()

    def explodes(*_args: Any) -> None:
        raise LookupError

    monkeypatch.setattr(worker.gates, "ended", explodes)
    await bench.add("crm", "e1")
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(ExceptionGroup) as caught:
            await worker.run()
    assert caught.group_contains(LookupError)
