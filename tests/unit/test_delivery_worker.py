"""The delivery worker on the real store.

The transport is a double that answers as each test says; the last test goes over real HTTP.
"""

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import pytest
from standardwebhooks import Webhook
from structlog.testing import capture_logs

from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.transport import Answer, Done, Request
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.delivery import Claim, NewDelivery, Outcome
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.model.secret import Secret
from hookswitch.store.port import StoreError
from hookswitch.store.rows import Batch, DeliveryRow
from hookswitch.store.sqlite import SqliteStore

SECRET: Final = "whsec_" + base64.b64encode(b"k" * 32).decode()
TOKEN: Final = "t0ken-hidden"
PATIENCE_S: Final = 20.0


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now: Ms = 1_790_868_675_000

    def __call__(self) -> Ms:
        return self.now


class Receivers:
    """A transport double: keeps what was posted and answers by endpoint host."""

    def __init__(self) -> None:
        self.posted: list[str] = []
        self.busy: dict[str, int] = {}
        self.most_busy: dict[str, int] = {}
        self.answer: Callable[[str], Coroutine[Any, Any, Answer]] = accepts
        self._answering: set[asyncio.Task[Answer]] = set()

    def send(self, request: Request, done: Done) -> None:
        url = request.url
        self.posted.append(re.search(rb"webhook-id: (.*)\r\n", request.head)[1].decode())  # type: ignore[index]
        self.busy[url] = self.busy.get(url, 0) + 1
        self.most_busy[url] = max(self.busy[url], self.most_busy.get(url, 0))
        task = asyncio.ensure_future(self.answer(url))
        self._answering.add(task)

        def answered(_task: object) -> None:
            self._answering.discard(task)
            self.busy[url] -= 1
            if not task.cancelled():
                fault = task.exception()
                done(fault if isinstance(fault, Exception) else task.result())

        task.add_done_callback(answered)

    async def set_guard(self, guard: Guard) -> None: ...

    async def close(self) -> None:
        for task in self._answering:
            task.cancel()


async def accepts(_url: str) -> Answer:
    return Answer(status=200)


async def fails(_url: str) -> Answer:
    return Answer(status=500)


def find(endpoint: EndpointId, _revision: int) -> Endpoint | None:
    if endpoint == "removed":
        return None
    return Endpoint(
        id=endpoint,
        name=endpoint,
        url=f"https://{endpoint}.example/?key=hidden",
        token=Secret(TOKEN),
        signing_secrets=(Secret(SECRET),),
    )


class Bench:
    """A store, a worker on it, and what a test needs to drive both."""

    def __init__(self, store: Any, settings: WorkerSettings | None = None) -> None:
        self.store = store
        self.clock = Clock()
        self.receivers = Receivers()
        self.outcomes: list[Outcome] = []
        self.settings = settings or WorkerSettings()
        self._offset = 0

    def worker(self, **changes: Any) -> DeliveryWorker:
        values: dict[str, Any] = {
            "store": self.store,
            "transport": self.receivers,
            "endpoints": find,
            "clock": self.clock,
            "settings": self.settings,
            "on_outcome": self.outcomes.append,
            "chance": lambda: 0.0,
        }
        return DeliveryWorker(**{**values, **changes})

    async def add(self, endpoint: str, *events: str, call: str = "c1") -> None:
        self._offset += 1
        batch = Batch(
            node="n1",
            cursor=Cursor(1, self._offset),
            at=self.clock(),
            events=[
                Event(
                    id=EventId(event),
                    type="voicemail",
                    call=CallId(call),
                    revision=1,
                    at=self.clock(),
                    body=b'{"type":"voicemail"}',
                )
                for event in events
            ],
            deliveries=[
                NewDelivery(event=EventId(event), endpoint=EndpointId(endpoint), call=CallId(call))
                for event in events
            ],
        )
        await self.store.commit(batch)

    async def add_calls(self, endpoint: str, count: int) -> None:
        for number in range(count):
            await self.add(endpoint, f"{endpoint}-{number}", call=f"{endpoint}-{number}")

    async def rows(self) -> dict[str, DeliveryRow]:
        return {row.event: row for row in await self.store.deliveries(limit=1000)}

    async def states(self) -> dict[str, str]:
        return {event: row.state for event, row in sorted((await self.rows()).items())}


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    store = await SqliteStore.open(tmp_path / "store.db")
    bench = Bench(store)
    yield bench
    await bench.receivers.close()
    await store.close()


@asynccontextmanager
async def running(worker: DeliveryWorker) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(worker.run())
    try:
        yield task
    finally:
        worker.stop()
        async with asyncio.timeout(PATIENCE_S):
            await task


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not condition():
            await asyncio.sleep(0.005)


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


async def test_over_real_http_with_a_receiver_that_recovers(tmp_path: Path) -> None:
    received: list[Received] = []
    store = await SqliteStore.open(tmp_path / "store.db")
    retry = RetrySettings(ladder=(50,) * 200, jitter=0.0)
    bench = Bench(store, WorkerSettings(idle_poll_s=0.05, send=SendSettings(retry=retry)))
    listener = Listener(received.append, checks=Checks(TOKEN, SECRET))
    await listener.start()
    port = listener.port
    await listener.close()

    def local(endpoint: EndpointId, revision: int) -> Endpoint | None:
        found = find(endpoint, revision)
        assert found is not None
        return Endpoint(
            id=endpoint,
            name=found.name,
            url=f"http://127.0.0.1:{port}/hook",
            token=found.token,
            signing_secrets=found.signing_secrets,
        )

    def wall_clock() -> Ms:
        return int(time.time() * 1000)

    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]))
    bench.clock.now = wall_clock() - 1000
    await bench.add("crm", "e1")
    worker = bench.worker(endpoints=local, clock=wall_clock, transport=transport)
    async with running(worker):
        await until(lambda: bool(bench.outcomes))
        async with Listener(received.append, port=port, checks=Checks(TOKEN, SECRET)):
            await until(lambda: bench.outcomes[-1].state == "delivered")
    await transport.close()
    await store.close()
    assert bench.outcomes[0].attempt.error == "connect"
    (one,) = received
    assert one.checks == {"token": "", "signature": ""}
    assert one.headers["x-hookswitch-attempt"] == str(len(bench.outcomes))
    Webhook(SECRET).verify(one.body, dict(one.headers))


async def test_a_hold_that_was_ended_elsewhere_is_over_soon(bench: Bench) -> None:
    bench.settings = WorkerSettings(gate=GateSettings(break_after=1), idle_poll_s=0.05)
    bench.receivers.answer = fails
    await bench.add("crm", "e1")
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 1)
        async with asyncio.timeout(PATIENCE_S):
            while not await bench.store.endpoint_runtime():
                await asyncio.sleep(0.01)
        bench.receivers.answer = accepts
        await bench.add("crm", "e2", call="c2")
        await bench.store.set_endpoint_state(EndpointId("crm"), "active", "", bench.clock())
        await asyncio.sleep(0.1)
        assert bench.receivers.posted == ["e1"]
        bench.clock.now += 5000
        await until(lambda: len(bench.outcomes) >= 3)
    assert sorted(bench.receivers.posted) == ["e1", "e1", "e2"]


async def test_a_broken_endpoint_spends_no_attempts_and_one_probe_goes(bench: Bench) -> None:
    bench.settings = WorkerSettings(gate=GateSettings(begin=1, break_after=3), idle_poll_s=0.05)
    bench.receivers.answer = fails
    await bench.add_calls("crm", 20)
    async with running(bench.worker()):
        await until(lambda: len(bench.outcomes) == 3)
        await asyncio.sleep(0.2)
        assert len(bench.receivers.posted) == 3
        bench.clock.now += 5000
        await until(lambda: len(bench.outcomes) == 4)
        await asyncio.sleep(0.2)
        assert len(bench.receivers.posted) == 4, "one probe"
        bench.receivers.answer = accepts
        bench.clock.now += 10_000
        await until(lambda: sum(one.state == "delivered" for one in bench.outcomes) == 20)
    assert all(row.attempts <= 2 for row in (await bench.rows()).values())
