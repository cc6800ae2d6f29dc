"""An open breaker on each store: what waits is left alone, spends nothing, and keeps its order.

The engine, the store and the receiver are real; the receiver fails until it is told not to.
"""

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

from store_builders import batch, event

from hookswitch.app.webhooks.listener import Behaviour, Listener, Received
from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.model.secret import Secret
from hookswitch.store.port import Store
from hookswitch.store.rows import DeliveryRow

HOLD_MS = 1500
CRM = EndpointId("crm")
EVENTS = [f"e{number}" for number in range(6)]
SETTINGS = WorkerSettings(
    gate=GateSettings(begin=1, most=1, break_after=2, first_hold_ms=HOLD_MS),
    idle_poll_s=0.05,
    # retries have a slot of their own: a short wait would put one beside the attempt that opens it
    send=SendSettings(retry=RetrySettings(ladder=(HOLD_MS,) * 20, jitter=0.0)),
)


def now_ms() -> Ms:
    return int(time.time() * 1000)


@asynccontextmanager
async def working(store: Store, port: int) -> AsyncIterator[None]:
    signing = Secret("whsec_" + base64.b64encode(b"k" * 32).decode())
    endpoint = Endpoint(
        id=CRM, name="crm", url=f"http://127.0.0.1:{port}/", token=Secret("t"),
        signing_secrets=(signing,),
    )  # fmt: skip
    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]))
    worker = DeliveryWorker(store, transport, lambda *_: endpoint, now_ms, SETTINGS)
    running = asyncio.create_task(worker.run())
    try:
        yield
    finally:
        worker.stop()
        await running
        await transport.close()


def id_of(one: Received) -> str:
    return one.headers["webhook-id"]


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)


async def held_until(store: Store) -> Ms:
    """Once the breaker is open."""
    async with asyncio.timeout(60):
        while True:
            for runtime in await store.endpoint_runtime():
                if runtime.held_until is not None:
                    return runtime.held_until
            await asyncio.sleep(0.01)


async def in_a_hold(
    store: Store, received: Sequence[Received]
) -> tuple[Ms, Sequence[DeliveryRow], int, int]:
    """Look while nothing may be sent; a slow machine misses a hold, the next is twice as long.

    Gives when it ends, the deliveries, how many requests there were, and how many holds it missed.
    """
    missed = 0
    while True:
        until_ms = await held_until(store)
        rows, spent = await store.deliveries(), len(received)
        if now_ms() < until_ms:
            return until_ms, rows, spent, missed
        missed += 1
        await until(lambda seen=spent: len(received) > seen)


async def test_what_waits_spends_no_attempt_and_keeps_its_order(store: Store) -> None:
    received: list[Received] = []
    listener = Listener(received.append)
    listener.behaviour = Behaviour(status=500)
    at = now_ms()
    await store.commit(batch(1, [event(name) for name in EVENTS], ["crm"], at=at))
    async with listener, working(store, listener.port):
        until_ms, rows, spent, missed = await in_a_hold(store, received)
        untouched = [row.event for row in reversed(rows) if not row.attempts]
        while now_ms() < until_ms:
            assert len(received) == spent or now_ms() >= until_ms
            assert all(
                (row.state, row.attempts, row.due_at) == ("pending", 0, at)
                for row in await store.deliveries()
                if row.event in untouched and now_ms() < until_ms
            )
            await asyncio.sleep(0.02)
        listener.behaviour = Behaviour()
        await until(lambda: {id_of(one) for one in received if one.status == 200} == {*EVENTS})
    assert spent == 2 or missed
    assert untouched == EVENTS[-len(untouched) :]
    began = dict.fromkeys(id_of(one) for one in received[spent:])
    assert [name for name in began if name in untouched] == untouched
    rows = await store.deliveries()
    assert sum(row.attempts for row in rows) == len(received), "each attempt was a request"
    assert {row.state for row in rows} == {"delivered"}
    assert [runtime.held_until for runtime in await store.endpoint_runtime()] == [None]
