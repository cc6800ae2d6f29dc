"""The transport: connections kept by receiver, each request within one deadline."""

import asyncio
import ssl
from collections import defaultdict
from collections.abc import Hashable
from functools import partial
from typing import Final

from hookswitch.delivery.connection import Connection
from hookswitch.delivery.deadlines import Deadlines
from hookswitch.delivery.dial import Target, dial, parse_target
from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.failures import BAD_TLS, BAD_URL, BLOCKED, UNSENDABLE, Failure, translate
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.request import Headers
from hookswitch.delivery.resolver import ThreadResolver
from hookswitch.delivery.transport import Answer
from hookswitch.delivery.trust import Trust
from hookswitch.model.endpoints import PrivateTls

_KEEPALIVE_S: Final = 4.0
"""Shorter than the 5 s after which many servers close, so we seldom send into a closing one."""

_Origin = Hashable
"""What may share a connection: scheme, host and port, and the same TLS settings."""


class HttpTransport:
    """Implements `Transport`. `ssl_context` replaces the system's trust, for a private authority.

    Make it inside the running loop.
    """

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._guard = guard
        self._trust = Trust(ssl_context)
        self._resolver = ThreadResolver()
        self._deadlines = Deadlines()
        self._make = partial(Connection, self._deadlines)
        self._idle: dict[_Origin, list[Connection]] = defaultdict(list)
        self._generation = 0
        self._sweeper: asyncio.TimerHandle | None = None

    async def post(
        self,
        url: str,
        headers: Headers,
        body: bytes,
        deadline_s: float,
        tls: PrivateTls | None = None,
    ) -> Answer:
        """Send one request within one deadline over all its phases; see `Transport`."""
        ends_at = self._loop.time() + deadline_s
        target = parse_target(url)
        if target is None:
            return _failed(BAD_URL)
        request = _render(target, headers, body)
        if request is None:
            return _failed(UNSENDABLE)
        generation = self._generation
        origin = (target.tls, target.host, target.port, tls)
        if kept := self._take(origin):
            answer = await kept.exchange(request, ends_at)
            if not kept.was_stale:
                return self._done(origin, kept, generation, answer)
        connection = await self._dial(target, tls, ends_at)
        if not isinstance(connection, Connection):
            return _failed(connection)
        answer = await connection.exchange(request, ends_at)
        return self._done(origin, connection, generation, answer)

    def _done(
        self, origin: _Origin, connection: Connection, generation: int, answer: Answer
    ) -> Answer:
        if connection.is_reusable:
            self._give(origin, connection, generation)
        return answer

    async def set_guard(self, guard: Guard) -> None:
        """Judge every new dial by `guard`; idle connections made under the old one are dropped."""
        self._guard = guard
        self._generation += 1
        self._drop_idle()

    async def close(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._generation += 1
        self._drop_idle()
        self._resolver.close()
        await asyncio.sleep(0)  # the sockets close in the loop's next round

    async def _dial(
        self, target: Target, tls: PrivateTls | None, ends_at: float
    ) -> Connection | Failure:
        try:
            trust = await self._trust.context(tls) if target.tls else None
        except ValueError:
            return BAD_TLS
        try:
            async with asyncio.timeout_at(ends_at):
                return await dial(target, self._guard, self._resolver, trust, self._make)
        except Blocked:
            return BLOCKED
        except OSError as error:
            return translate(error)

    def _take(self, origin: _Origin) -> Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_reusable:
                return connection
        return None

    def _give(self, origin: _Origin, connection: Connection, generation: int) -> None:
        if generation != self._generation:
            connection.abort()
            return
        connection.idle_since = self._loop.time()
        self._idle[origin].append(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(_KEEPALIVE_S / 2, self._sweep)

    def _sweep(self) -> None:
        """Close what was idle for too long."""
        before = self._loop.time() - _KEEPALIVE_S
        for origin, idle in list(self._idle.items()):
            for connection in idle:
                if connection.idle_since < before:
                    connection.abort()
            self._idle[origin] = [one for one in idle if one.is_reusable]
            if not self._idle[origin]:
                del self._idle[origin]
        again = bool(self._idle)
        self._sweeper = self._loop.call_later(_KEEPALIVE_S / 2, self._sweep) if again else None

    def _drop_idle(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()


def _failed(failure: Failure) -> Answer:
    return Answer(error=failure.error, detail=failure.detail)


def _render(target: Target, headers: Headers, body: bytes) -> bytes | None:
    """The request as bytes; None if a header would break out of its line."""
    lines = [
        f"POST {target.path} HTTP/1.1",
        f"Host: {target.authority}",
        *[f"{name}: {value}" for name, value in headers],
        f"Content-Length: {len(body)}",
        "",
        "",
    ]
    head = "\r\n".join(lines)
    breaks = len(lines) - 1
    if head.count("\n") != breaks or head.count("\r") != breaks or "\0" in head:
        return None
    try:
        return head.encode() + body
    except UnicodeEncodeError:
        return None
