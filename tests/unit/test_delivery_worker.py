"""The delivery worker on the real store: order, the ladder, slots, logs.

The transport is a double that answers as each test says.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.transport import Answer
from hookswitch.delivery.worker import WorkerSettings
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId
from hookswitch.model.secret import Secret
from kit.worker import TOKEN, Bench, bench_in, fails, find, running, until


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


async def test_what_is_due_is_delivered_in_order(bench: Bench) -> None:
    await bench.add("crm", "e1", "e2", "e3")
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 3)
    assert bench.receivers.posted == ["e1", "e2", "e3"]
    assert await bench.states() == {"e1": "delivered", "e2": "delivered", "e3": "delivered"}


async def test_a_commit_wakes_it(bench: Bench) -> None:
    bench.settings = WorkerSettings(idle_poll_s=1000)
    worker = bench.worker()
    async with running(worker):
        await asyncio.sleep(0.1)
        await bench.add("crm", "e1")
        worker.wake()
        await until(lambda: bool(bench.outcomes))
    assert bench.receivers.posted == ["e1"]


async def test_what_nobody_announced_is_found_by_polling(bench: Bench) -> None:
    bench.settings = WorkerSettings(idle_poll_s=0.05)
    async with running(bench.worker()):
        await asyncio.sleep(0.1)
        await bench.add("crm", "e1")
        await until(lambda: bool(bench.outcomes))


async def test_the_whole_ladder_and_then_the_dead_letter(bench: Bench) -> None:
    bench.receivers.answer = fails
    await bench.add("crm", "e1")
    worker = bench.worker()
    waits = []
    async with running(worker):
        for attempt in range(1, 11):
            await until(lambda n=attempt: len(bench.outcomes) == n)  # type: ignore[misc]
            due = bench.outcomes[-1].due_at
            if due is not None:
                waits.append((due - bench.clock()) // 1000)
                bench.clock.now = due - 1
                worker.wake()
                await asyncio.sleep(0.05)
                assert len(bench.outcomes) == attempt
                bench.clock.now = due
                worker.wake()
    assert waits == [5, 30, 120, 600, 3600, 10800, 21600, 43200, 86400]
    row = (await bench.rows())["e1"]
    assert (row.state, row.attempts, row.last_status) == ("failed", 10, 500)
    assert [outcome.attempt.number for outcome in bench.outcomes] == list(range(1, 11))


async def test_a_failing_first_attempt_does_not_hold_the_next_back(bench: Bench) -> None:
    bench.receivers.answer = fails
    await bench.add("crm", "e1", "e2")
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 2)
    assert bench.receivers.posted == ["e1", "e2"]


async def test_a_slow_first_attempt_holds_the_next_back_for_the_window(bench: Bench) -> None:
    release = asyncio.Event()

    async def slow(_url: str) -> Answer:
        await release.wait()
        return Answer(status=200)

    bench.receivers.answer = slow
    await bench.add("crm", "e1", "e2")
    worker = bench.worker()
    async with running(worker):
        await until(lambda: bench.receivers.posted == ["e1"])
        bench.clock.now += bench.settings.window_ms - 1
        await asyncio.sleep(0.1)
        assert bench.receivers.posted == ["e1"]
        bench.clock.now += 2
        await until(lambda: bench.receivers.posted == ["e1", "e2"])
        release.set()


async def test_a_stuck_endpoint_leaves_slots_to_the_others(bench: Bench) -> None:
    release = asyncio.Event()

    async def answer(url: str) -> Answer:
        if "stuck" in url:
            await release.wait()
        return Answer(status=200)

    bench.receivers.answer = answer
    bench.settings = WorkerSettings(
        max_in_flight=20, gate=GateSettings(most=5, begin=3), idle_poll_s=0.05
    )
    await bench.add_calls("stuck", 30)
    await bench.add_calls("well", 30)
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 30)
        assert {outcome.claim.endpoint for outcome in bench.outcomes} == {"well"}
        assert bench.receivers.busy[f"{find(EndpointId('stuck'), 1).url}"] == 3  # type: ignore[union-attr]
        release.set()
        await until(lambda: len(bench.outcomes) == 60)
    assert set(bench.receivers.most_busy.values()) <= {1, 2, 3, 4, 5}


async def test_no_more_than_the_limit_in_flight(bench: Bench) -> None:
    most = 0

    async def answer(_url: str) -> Answer:
        nonlocal most
        most = max(most, sum(bench.receivers.busy.values()))
        await asyncio.sleep(0.01)
        return Answer(status=200)

    bench.receivers.answer = answer
    bench.settings = WorkerSettings(max_in_flight=7, gate=GateSettings(most=20))
    await bench.add_calls("a", 40)
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 40)
    assert most == 7


async def test_a_removed_endpoint_cancels(bench: Bench) -> None:
    await bench.add("removed", "e1")
    async with running(bench.worker()):
        await until(lambda: bool(bench.outcomes))
    assert bench.receivers.posted == []
    assert await bench.states() == {"e1": "cancelled"}


async def test_gone_disables_the_endpoint_and_the_rest_waits(bench: Bench) -> None:
    async def gone(_url: str) -> Answer:
        return Answer(status=410)

    bench.receivers.answer = gone
    await bench.add("crm", "e1", "e2")
    async with running(bench.worker()):
        await until(lambda: bool(bench.outcomes))
        await asyncio.sleep(0.2)
    assert bench.receivers.posted == ["e1"]
    assert (await bench.store.endpoint_runtime())[0].state == "disabled"
    assert await bench.states() == {"e1": "pending", "e2": "pending"}


async def test_settings_that_cannot_be_sent_are_tried_again(bench: Bench) -> None:
    def unsigned(endpoint: EndpointId, _revision: int) -> Endpoint:
        return Endpoint(
            id=endpoint, name="x", url="https://x.example", token=Secret(""), signing_secrets=()
        )

    await bench.add("crm", "e1")
    async with running(bench.worker(endpoints=unsigned)):
        await until(lambda: bool(bench.outcomes))
    assert (bench.outcomes[0].state, bench.outcomes[0].attempt.error) == ("pending", "config")


async def test_a_fault_of_ours_loses_nothing_and_tells_no_secret(bench: Bench) -> None:
    async def explodes(_url: str) -> Answer:
        raise RuntimeError(TOKEN)

    bench.receivers.answer = explodes
    await bench.add("crm", "e1")
    with capture_logs() as logs:
        async with running(bench.worker()):
            await until(lambda: bool(bench.outcomes))
    assert (bench.outcomes[0].state, bench.outcomes[0].attempt.error) == ("pending", "interrupted")
    assert "delivery.fault" in {line["event"] for line in logs}
    assert "hidden" not in str(logs)


async def test_one_log_line_per_attempt_without_secrets(bench: Bench) -> None:
    bench.receivers.answer = fails
    await bench.add("crm", "e1")
    with capture_logs() as logs:
        async with running(bench.worker()):
            await until(lambda: bool(bench.outcomes))
    (line,) = [line for line in logs if line["event"] == "delivery.attempt"]
    assert line == {
        "event": "delivery.attempt",
        "log_level": "info",
        "event_id": "e1",
        "call_id": "c1",
        "endpoint_id": "crm",
        "type": "voicemail",
        "attempt": 1,
        "state": "pending",
        "status": 500,
        "error": "status",
        "duration_ms": 0,
        "next_due": bench.clock() + 5000,
    }
    assert "hidden" not in str(logs)
