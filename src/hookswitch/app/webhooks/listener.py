"""A small receiver of webhooks, for trying things out: `hookswitch listen` and the demo."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Self

from aiohttp import web
from msgspec import Struct
from msgspec.structs import replace

from hookswitch.app.webhooks.post import Reply
from hookswitch.receiver import VerificationError, verify

MAX_BODY: Final = 1024 * 1024
_CLOSE_S: Final = 1.0
_BAD_GATEWAY: Final = 502
_OF_THE_CONNECTION: Final = frozenset(
    {
        *("connection", "content-length", "date", "expect", "host", "keep-alive", "server", "te"),
        *("proxy-authenticate", "proxy-authorization", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that belong to one hop; the next one makes its own."""

Forward = Callable[[Sequence[tuple[str, str]], bytes], Awaitable[Reply]]
"""Hands a request's headers and body on to another receiver."""


class Received(Struct, frozen=True, kw_only=True):
    """A request as it came and what was answered; header names are in lower case.

    `document` is the parsed body, None if it is not JSON. `checks` has an entry for each thing
    that was asked to be checked (`token`, `signature`): "" if it holds, else why not. `reply` is
    there if the request was forwarded.
    """

    at: float
    headers: Mapping[str, str]
    body: bytes
    document: Any
    is_json: bool
    checks: Mapping[str, str]
    status: int
    reply: Reply | None = None


class Checks(Struct, frozen=True):
    """What to check requests against; an empty text means that check is not made."""

    token: str = ""
    signing_secret: str = ""

    def run(self, headers: Mapping[str, str], body: bytes) -> dict[str, str]:
        found = {}
        if self.token:
            found["token"] = _verdict(headers, body, token=self.token)
        if self.signing_secret:
            found["signature"] = _verdict(headers, body, signing_secret=self.signing_secret)
        return found


class Behaviour(Struct, frozen=True):
    """How to answer what is in order: with this status, after this many seconds."""

    status: int = 200
    delay_s: float = 0.0


class Listener:
    """Serves until closed; `on_request` is called for every POST before it is answered.

    With `forward`, what passes the checks is answered as the other receiver answered it, 502 if
    it could not be reached.
    """

    def __init__(
        self,
        on_request: Callable[[Received], None],
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        checks: Checks | None = None,
        behaviour: Behaviour | None = None,
        forward: Forward | None = None,
    ) -> None:
        self._on_request = on_request
        self._host = host
        self._port = port
        self._checks = checks or Checks()
        self.behaviour = behaviour or Behaviour()
        self._forward = forward
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self.close()

    async def start(self) -> None:
        """Begin to serve; raises `OSError` if the address cannot be had."""
        app = web.Application(client_max_size=MAX_BODY)
        app.router.add_post("/{path:.*}", self._receive)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_S)
        await self._runner.setup()
        await web.TCPSite(self._runner, self._host, self._port).start()
        self._port = self._runner.addresses[0][1]

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def port(self) -> int:
        """The port in use once started, also when 0 was asked for."""
        return self._port

    @property
    def url(self) -> str:
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self.port}/"

    async def _receive(self, request: web.Request) -> web.Response:
        received = self._judge(request, await request.read())
        if self._forward is not None and not any(received.checks.values()):
            reply = await self._forward(_passed_on(request.headers.items()), received.body)
            received = replace(received, status=reply.status or _BAD_GATEWAY, reply=reply)
        self._on_request(received)
        if self.behaviour.delay_s:
            await asyncio.sleep(self.behaviour.delay_s)
        return _answer(received)

    def _judge(self, request: web.Request, body: bytes) -> Received:
        headers = {name.lower(): value for name, value in request.headers.items()}
        checks = self._checks.run(headers, body)
        is_json, document = _parse(body)
        status = self.behaviour.status
        if any(checks.values()):
            status = 401
        elif not is_json:
            status = 400
        return Received(
            at=time.time(),
            headers=headers,
            body=body,
            document=document,
            is_json=is_json,
            checks=checks,
            status=status,
        )


def _answer(received: Received) -> web.Response:
    reply = received.reply
    if reply is None:
        return web.Response(status=received.status, text=f"{received.status}\n")
    if reply.status is None:
        return web.Response(status=received.status, text=f"not forwarded: {reply.detail}\n")
    headers = _passed_on(reply.headers)
    return web.Response(status=received.status, headers=headers, body=reply.body)


def _passed_on(headers: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, v) for name, v in headers if name.lower() not in _OF_THE_CONNECTION]


def _verdict(
    headers: Mapping[str, str],
    body: bytes,
    *,
    token: str | None = None,
    signing_secret: str | None = None,
) -> str:
    try:
        verify(headers, body, token=token, signing_secret=signing_secret)
    except VerificationError as error:
        return str(error)
    return ""


def _parse(body: bytes) -> tuple[bool, Any]:
    try:
        return True, json.loads(body)
    except (ValueError, RecursionError):
        return False, None
