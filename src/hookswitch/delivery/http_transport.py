"""The transport: connections kept by receiver, each request within one deadline."""

import asyncio
import ssl
from functools import partial

from hookswitch.delivery.connection import Connection
from hookswitch.delivery.dial import Target, dial, parse_target
from hookswitch.delivery.errors import Blocked, Unsendable
from hookswitch.delivery.failures import (
    BAD_TLS,
    BAD_URL,
    BLOCKED,
    CLOSED,
    UNSENDABLE,
    Failure,
    translate,
)
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.pool import Origin, Pool
from hookswitch.delivery.request import Headers, render_headers
from hookswitch.delivery.resolver import ThreadResolver
from hookswitch.delivery.transport import Answer, Done, Request
from hookswitch.delivery.trust import Trust
from hookswitch.model.endpoints import PrivateTls


class _Flight:
    """A request under way."""

    __slots__ = ("connection", "data", "done", "ends_at", "generation", "origin", "target", "tls")

    connection: Connection

    def __init__(
        self, request: Request, target: Target, ends_at: float, generation: int, done: Done
    ) -> None:
        length = b"Content-Length: %d\r\n\r\n" % len(request.body)
        self.data = b"".join((target.head, request.head, length, request.body))
        self.target, self.tls = target, request.tls
        self.origin: Origin = (target.tls, target.host, target.port, request.tls)
        self.ends_at, self.generation, self.done = ends_at, generation, done


class HttpTransport:
    """Implements `Transport`. `ssl_context` replaces the system's trust, for a private authority.

    Make it inside the running loop.
    """

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._guard = guard
        self._trust = Trust(ssl_context)
        self._resolver = ThreadResolver()
        self._pool = Pool()
        self._dialling: set[asyncio.Task[Failure | None]] = set()
        self._generation = 0
        self._closed = False

    async def post(
        self,
        url: str,
        headers: Headers,
        body: bytes,
        deadline_s: float,
        tls: PrivateTls | None = None,
    ) -> Answer:
        """Send one request and wait for its answer; raises only for a fault of ours."""
        try:
            head = render_headers(headers)
        except Unsendable:
            return _failed(UNSENDABLE)
        waiter: asyncio.Future[Answer | Exception] = self._loop.create_future()
        request = Request(url=url, head=head, body=body, deadline_s=deadline_s, tls=tls)
        self.send(request, lambda found: None if waiter.done() else waiter.set_result(found))
        found = await waiter
        if isinstance(found, Exception):
            raise found
        return found

    def send(self, request: Request, done: Done) -> None:
        """See `Transport`. Nothing is awaited where a connection is kept."""
        target = parse_target(request.url)
        if target is None:
            self._loop.call_soon(done, _failed(BAD_URL))
            return
        ends_at = self._loop.time() + request.deadline_s
        flight = _Flight(request, target, ends_at, self._generation, done)
        if kept := self._pool.take(flight.origin):
            flight.connection = kept
            kept.exchange(flight.data, ends_at, partial(self._ended_kept, flight))
        else:
            self._dial_for(flight)

    def _ended(self, flight: _Flight, answer: Answer) -> None:
        connection = flight.connection
        if flight.generation != self._generation:
            connection.abort()
        elif connection.is_reusable:
            self._pool.give(flight.origin, connection)
        flight.done(answer)

    def _ended_kept(self, flight: _Flight, answer: Answer) -> None:
        if flight.connection.was_stale:
            self._dial_for(flight)
        else:
            self._ended(flight, answer)

    async def set_guard(self, guard: Guard) -> None:
        """Judge every new dial by `guard`; idle connections made under the old one are dropped."""
        self._guard = guard
        self._generation += 1
        self._pool.drop_idle()

    async def close(self) -> None:
        """See `Transport`."""
        self._closed = True
        self._generation += 1
        for task in self._dialling:
            task.cancel()
        self._pool.close()
        self._resolver.close()
        await asyncio.sleep(0)  # the sockets close in the loop's next round

    def _dial_for(self, flight: _Flight) -> None:
        if self._closed:
            self._loop.call_soon(flight.done, _failed(CLOSED))
            return
        task = self._loop.create_task(self._dial(flight))
        self._dialling.add(task)
        task.add_done_callback(partial(self._dialled, flight))

    async def _dial(self, flight: _Flight) -> Failure | None:
        """Dial and send; the answer comes later. Gives why it could not be sent."""
        try:
            trust = await self._trust.context(flight.tls) if flight.target.tls else None
        except ValueError:
            return BAD_TLS
        try:
            async with asyncio.timeout_at(flight.ends_at):
                made = await dial(
                    flight.target, self._guard, self._resolver, trust, self._pool.make
                )
        except Blocked:
            return BLOCKED
        except OSError as error:
            return translate(error)
        flight.connection = made
        made.exchange(flight.data, flight.ends_at, partial(self._ended, flight))
        return None

    def _dialled(self, flight: _Flight, task: asyncio.Task[Failure | None]) -> None:
        self._dialling.discard(task)
        if task.cancelled():
            flight.done(_failed(CLOSED))
        elif (fault := task.exception()) is not None:
            flight.done(fault if isinstance(fault, Exception) else RuntimeError(repr(fault)))
        elif (failure := task.result()) is not None:
            flight.done(_failed(failure))


def _failed(failure: Failure) -> Answer:
    return Answer(error=failure.error, detail=failure.detail)
