"""A delivery worker on the real store, and a transport double that answers as a test says."""

import asyncio
import base64
import re
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from hookswitch.delivery.guard import Guard
from hookswitch.delivery.transport import Answer, Done, Request
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.delivery import NewDelivery, Outcome
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.model.secret import Secret
from hookswitch.store.rows import Batch, DeliveryRow
from hookswitch.store.sqlite import SqliteStore

SECRET: Final = "whsec_" + base64.b64encode(b"k" * 32).decode()
TOKEN: Final = "t0ken-hidden"
PATIENCE_S: Final = 60.0


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
        found = re.search(rb"webhook-id: (.*)\r\n", request.head)
        assert found
        self.posted.append(found[1].decode())
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


@asynccontextmanager
async def bench_in(folder: Path) -> AsyncIterator[Bench]:
    store = await SqliteStore.open(folder / "store.db")
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
