"""The transport on aiohttp: every address vetted as it is dialled, every read bounded."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final

import aiohttp
from yarl import URL

from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.failures import BAD_URL, BLOCKED, TRANSLATED, Failure, translate
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.request import Headers
from hookswitch.delivery.resolver import ThreadResolver
from hookswitch.delivery.transport import MAX_ANSWER, Answer

_KEEPALIVE_S: Final = 4.0
"""Shorter than the 5 s after which many servers close, so we seldom send into a closing one."""
_KEPT_HEADERS: Final = ("retry-after", "content-type")
_KEPT_VALUE: Final = 200
_NO_TIMEOUTS: Final = aiohttp.ClientTimeout()

_blocked_dials: ContextVar[list[Blocked]] = ContextVar("blocked_dials")
"""What the guard refused during this request: the client folds several errors into one text."""


class _RefusedError(OSError):
    """The client goes on to the name's next address after an `OSError`."""


class _Pool:
    """A session and the requests using it; a retired one closes when the last has ended."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.users = 0
        self.retired = False

    async def close_if_unused(self) -> None:
        if self.retired and not self.users:
            await self.session.close()


class _Exchange:
    """One request as far as it came, so that a broken answer still shows its status."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = bytearray()

    def answer(self, failure: Failure | None = None) -> Answer:
        return Answer(
            status=self.status,
            headers=self.headers,
            body=bytes(self.body),
            error=failure.error if failure else None,
            detail=failure.detail if failure else "",
        )

    async def run(
        self, session: aiohttp.ClientSession, url: URL, headers: Headers, body: bytes
    ) -> None:
        response = await session.post(url, data=body, headers=headers, allow_redirects=False)
        try:
            self.status = response.status
            self.headers = _kept(response)
            await self._read(response.content)
        finally:
            # Closes the connection unless the answer was read to its end and has given it back.
            response.close()

    async def _read(self, content: aiohttp.StreamReader) -> None:
        while (left := MAX_ANSWER - len(self.body)) and (chunk := await content.read(left)):
            self.body += chunk


class AiohttpTransport:
    """Implements `Transport`. `ssl_context` replaces the system's trust, for a private authority.

    Make it inside the running loop.
    """

    def __init__(self, guard: Guard, ssl_context: ssl.SSLContext | None = None) -> None:
        self._guard = guard
        self._ssl: ssl.SSLContext | bool = ssl_context or True
        self._resolver = ThreadResolver()
        self._pool = self._new_pool()

    async def post(self, url: str, headers: Headers, body: bytes, deadline_s: float) -> Answer:
        """Send one request within one deadline over all its phases; see `Transport`."""
        exchange = _Exchange()
        blocked: list[Blocked] = []
        reset = _blocked_dials.set(blocked)
        try:
            async with asyncio.timeout(deadline_s), self._use_pool() as session:
                target = _parse_url(url)
                if target is None:
                    return exchange.answer(BAD_URL)
                await exchange.run(session, target, headers, body)
        except TRANSLATED as error:
            never_connected = exchange.status is None
            failure = BLOCKED if blocked and never_connected else translate(error)
            return exchange.answer(failure)
        finally:
            _blocked_dials.reset(reset)
        return exchange.answer()

    async def set_guard(self, guard: Guard) -> None:
        """Judge every new dial by `guard`; idle connections made under the old one are dropped."""
        self._guard = guard
        old, self._pool = self._pool, self._new_pool()
        old.retired = True
        await old.close_if_unused()

    async def close(self) -> None:
        await self._pool.session.close()
        await self._resolver.close()

    @asynccontextmanager
    async def _use_pool(self) -> AsyncIterator[aiohttp.ClientSession]:
        pool = self._pool
        pool.users += 1
        try:
            yield pool.session
        finally:
            pool.users -= 1
            await pool.close_if_unused()

    def _new_pool(self) -> _Pool:
        connector = aiohttp.TCPConnector(
            limit=0,
            ssl=self._ssl,
            resolver=self._resolver,
            keepalive_timeout=_KEEPALIVE_S,
            socket_factory=self._open_vetted_socket,
        )
        session = aiohttp.ClientSession(
            connector=connector,
            timeout=_NO_TIMEOUTS,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=False,
            read_bufsize=MAX_ANSWER,
            max_line_size=8 * 1024,
            max_field_size=8 * 1024,
            max_headers=100,
        )
        return _Pool(session)

    def _open_vetted_socket(self, info: aiohttp.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            self._guard.check(str(address[0]), int(address[1]))
        except Blocked as error:
            _blocked_dials.get().append(error)
            raise _RefusedError("blocked") from error
        return socket.socket(family, kind, protocol)


def _parse_url(url: str) -> URL | None:
    try:
        target = URL(url)
    except ValueError:
        return None
    return target if target.scheme in {"http", "https"} and target.raw_host else None


def _kept(response: aiohttp.ClientResponse) -> dict[str, str]:
    headers = response.headers
    return {name: headers[name][:_KEPT_VALUE] for name in _KEPT_HEADERS if name in headers}
