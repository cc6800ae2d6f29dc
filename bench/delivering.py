"""The rig of the delivery benchmarks: a store, a worker, real HTTP, and events to deliver.

The load is closed: so many accepted deliveries may wait; the rate is what the line then holds.
"""

import argparse
import asyncio
import base64
import os
import ssl
import statistics
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from reference import Maker, reference

from hookswitch.app.clock import now_ms
from hookswitch.app.interpreter import keep_what_is, tune_interpreter
from hookswitch.app.logs import configure_logs
from hookswitch.app.settings import Settings
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.worker import DeliveryWorker, WorkerSettings
from hookswitch.model.delivery import NewDelivery, Outcome
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.model.secret import Secret
from hookswitch.store.port import Store
from hookswitch.store.rows import Batch

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
CONNECTIONS = 200
"""Of the reference."""


def options(about: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--body", type=int, default=1024, help="bytes of an event's body")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--waiting", type=int, default=4000, help="accepted and not yet done")
    parser.add_argument("--batch", type=int, default=50, help="events in one commit")
    parser.add_argument("--call-events", type=int, default=1, help="events of one call")
    parser.add_argument("--in-flight", type=int, default=400)
    parser.add_argument("--tls", action="store_true")
    return parser


class Load:
    """Accepts events for endpoints by turns and hears of every outcome."""

    def __init__(self, store: Store, given: argparse.Namespace, urls: Sequence[str]) -> None:
        self._store = store
        self._given = given
        self._endpoints = {
            EndpointId(f"e{number}"): Endpoint(
                id=EndpointId(f"e{number}"),
                name=f"e{number}",
                url=url,
                token=Secret("token"),
                signing_secrets=(Secret(SECRET),),
            )
            for number, url in enumerate(urls)
        }
        self._ids = list(self._endpoints)
        self._body = b'{"type":"user_inbound","more":"' + b"x" * (given.body - 33) + b'"}'
        self._run = os.urandom(4).hex()
        self.accept_ms: list[float] = []
        self.accepted = self.done = self.failed = 0
        self.first_at = self.finished_at = 0.0
        self.latency_ms: dict[EndpointId, list[int]] = {}
        self._changed = asyncio.Event()

    def find(self, endpoint: EndpointId, _revision: int) -> Endpoint | None:
        return self._endpoints.get(endpoint)

    def on_outcome(self, outcome: Outcome) -> None:
        if outcome.state != "delivered":
            self.failed += 1
            return
        self.first_at = self.first_at or time.monotonic()
        self.done += 1
        self.finished_at = time.monotonic()
        now = outcome.attempt.started_at + outcome.attempt.duration_ms
        kept = self.latency_ms.setdefault(outcome.claim.endpoint, [])
        kept.append(now - outcome.claim.created_at)
        self._changed.set()

    async def accept(self, count: int, wake: Callable[[], None]) -> None:
        """Commit one batch, as the live line does."""
        began = time.monotonic()
        first, self.accepted = self.accepted, self.accepted + count
        events = [self._event(number) for number in range(first, first + count)]
        deliveries = [
            NewDelivery(
                event=event.id,
                endpoint=self._ids[number % len(self._ids)],
                call=event.call,
            )
            for number, event in enumerate(events, first)
        ]
        await self._store.commit(
            Batch(
                node="n1",
                cursor=Cursor(1, self.accepted),
                events=events,
                deliveries=deliveries,
                at=now_ms(),
            )
        )
        wake()
        self.accept_ms.append((time.monotonic() - began) * 1000)

    def _event(self, number: int) -> Event:
        # as production makes them: the second of the call, then without order
        name = (number * 0x9E3779B97F4A7C15) & (2**64 - 1)
        group = number // (self._given.call_events * len(self._ids))
        call = f"n1b1-{self._run}.{group}.{number % len(self._ids)}"
        return Event(
            id=EventId(f"evt_{int(time.time()):08x}{name:016x}{self._run}"),
            type="user_inbound",
            call=CallId(call),
            revision=1,
            at=now_ms(),
            body=self._body,
        )

    async def feed(self, seconds: float, wake: Callable[[], None]) -> None:
        """Keep so many waiting, from several sides at once, then wait for the last."""
        until = time.monotonic() + seconds

        async def side() -> None:
            while time.monotonic() < until:
                if self.accepted - self.done >= self._given.waiting:
                    self._changed.clear()
                    await self._changed.wait()
                else:
                    await self.accept(self._given.batch, wake)

        await asyncio.gather(*(side() for _ in range(4)))
        async with asyncio.timeout(60):
            while self.done < self.accepted:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def delivering(
    store: Store, load: Load, port: int, given: argparse.Namespace, trust: ssl.SSLContext | None
) -> AsyncIterator[DeliveryWorker]:
    transport = HttpTransport(Guard([AllowedNetwork("127.0.0.1/32", (port,))]), trust)
    settings = WorkerSettings(max_in_flight=given.in_flight)
    worker = DeliveryWorker(
        store, transport, load.find, now_ms, settings, on_outcome=load.on_outcome
    )
    running = asyncio.create_task(worker.run())
    tune_interpreter()
    keep_what_is()
    try:
        yield worker
    finally:
        worker.stop()
        await running
        await transport.close()


async def measure_reference(
    port: int, given: argparse.Namespace, trust: ssl.SSLContext | None, seconds: float
) -> tuple[float, float]:
    """Requests per second, and the processor seconds of one in our process."""
    body = b'{"type":"user_inbound","more":"' + b"x" * (given.body - 33) + b'"}'
    maker = Maker(port, given.endpoints, body, SECRET, seconds)
    cpu = time.process_time()
    rate = await reference(maker, port, CONNECTIONS, trust)
    return rate, (time.process_time() - cpu) / maker.made


def urls(port: int, given: argparse.Namespace) -> list[str]:
    scheme = "https" if given.tls else "http"
    host = "localhost" if given.tls else "127.0.0.1"
    return [f"{scheme}://{host}:{port}/e{number}" for number in range(given.endpoints)]


def log_to(path: Path) -> None:
    """A line per attempt, written as the server writes it."""
    sys.stderr = path.open("w", encoding="utf-8")
    configure_logs(Settings(log_format="json"))


def rss_mb() -> float:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return round(int(text.split("VmRSS:")[1].split()[0]) / 1024, 1)


def percentile(values: Sequence[float], part: float) -> float:
    if len(values) < 2:
        return round(values[0], 1) if values else 0.0
    return round(statistics.quantiles(values, n=1000)[round(part * 1000) - 1], 1)
