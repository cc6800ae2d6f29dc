"""A receiver of webhooks that keeps every request and answers as it is told."""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Self

from aiohttp import web
from msgspec import Struct


class Request(Struct, frozen=True, kw_only=True):
    """A POST as it came; header names are in lower case."""

    at: float
    path: str
    headers: Mapping[str, str]
    body: bytes
    answered: int

    @property
    def event(self) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(self.body)
        return document

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    @property
    def sequence(self) -> int:
        return int(self.headers["x-hookswitch-call-sequence"])

    @property
    def attempt(self) -> int:
        return int(self.headers["x-hookswitch-attempt"])


class Reply(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer with a body, given after so many seconds."""

    status: int = 200
    body: str = ""
    after: float = 0.0


class Receiver:
    """Answers 200, or first what `answers` holds for the path, with the body of its `replies`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answers: dict[str, Iterator[int]] = {}
        self.replies: dict[str, Reply] = {}
        self.port = 0
        self._arrived = asyncio.Condition()
        self._let_go = asyncio.Event()
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> Sequence[Request]:
        return [request for request in self.requests if request.path == path]

    async def until(self, done: Callable[[], bool], within: float = 60.0) -> bool:
        """Wait until `done` holds, looking at each request that comes; False if it never does."""
        try:
            async with asyncio.timeout(within), self._arrived:
                await self._arrived.wait_for(done)
        except TimeoutError:
            return done()
        return True

    def let_go(self) -> None:
        """Answer whoever waits, and from now on at once."""
        self._let_go.set()

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        reply = self.replies.get(request.path, Reply())
        status = next(self.answers.get(request.path, iter(())), reply.status)
        received = Request(
            at=time.time(),
            path=request.path_qs,
            headers={name.lower(): value for name, value in request.headers.items()},
            body=body,
            answered=status if request.method == "POST" else 405,
        )
        self.requests.append(received)
        async with self._arrived:
            self._arrived.notify_all()
        if reply.after:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._let_go.wait(), reply.after)
        return web.Response(status=received.answered, text=reply.body)
