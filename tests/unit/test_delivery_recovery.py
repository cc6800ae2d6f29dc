"""Receivers that recover, over real HTTP; and holds, with a double of the transport."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.worker import WorkerSettings
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.sqlite import SqliteStore
from kit.worker import (
    PATIENCE_S,
    SECRET,
    TOKEN,
    Bench,
    accepts,
    bench_in,
    fails,
    find,
    running,
    until,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with bench_in(tmp_path) as made:
        yield made


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
