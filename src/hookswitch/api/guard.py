"""In front of everything: which host was asked for, who asks, and what every answer carries."""

import asyncio
import hmac
import ipaddress
import time
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network
from typing import Final
from urllib.parse import SplitResult, urlsplit

import structlog
from msgspec import Struct
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hookswitch.api.ports import Access, Client, Identity, Refused
from hookswitch.api.problems import refusal
from hookswitch.model.access import AuditEntry
from hookswitch.store.port import StoreError

COOKIE: Final = "hookswitch_session"
LINKS: Final = "/m/"
"""The secret is in the path itself."""
FORWARDED: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})
SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
OPEN: Final = frozenset({"/api/session", "/api/setup", "/api/setup/restore"})
ANY_HOST: Final = frozenset({"/healthz", "/metrics"})
STREAMED: Final = frozenset({"/api/backups/upload", "/api/setup/restore"})
"""Their bodies go to the disk as they come."""
LARGEST_BODY: Final = 64 << 20
LARGEST_OF_STRANGERS: Final = 16 << 10
"""Bytes: what is read before anybody signed in is held in memory."""
BODY_S: Final = 30.0
"""So long a stranger may take to send it."""

HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "microphone=(self), camera=(), geolocation=(), payment=()",
}
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; "
    "connect-src 'self' ws://{host} wss://{host}; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HSTS: Final = "max-age=31536000"

log = structlog.get_logger(__name__)

Network = IPv4Network | IPv6Network


class Policy(Struct, frozen=True, kw_only=True):
    """`hosts` are the names this server goes by, besides plain addresses and localhost.

    `proxies` may say in X-Forwarded-For whom they ask for; `is_https` if browsers reach them so.
    """

    hosts: frozenset[str] = frozenset()
    proxies: Sequence[Network] = ()
    is_https: bool = False


class Guard:
    """ASGI middleware. What it found out is in `request.state`: identity, client, secure."""

    def __init__(self, app: ASGIApp, access: Access, policy: Policy) -> None:
        self._app, self._access, self._policy = app, access, policy

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        asked = HTTPConnection(scope)
        secure = asked.url.scheme in {"https", "wss"} or self._policy.is_https
        client = Client(self._address(asked), asked.headers.get("user-agent", "")[:200])
        state = {"client": client, "secure": secure, "identity": None}
        scope["state"] = state
        answer = _Answer(self._access, scope, send, secure=secure)
        try:
            self._check_host(asked)
            state["identity"] = who = await self._identify(asked, client)
            self._check(asked, who)
        except Refused as error:
            await _refuse(scope, receive, answer, error)
        except StoreError as error:
            refused = Refused(503, "Database not answering", str(error))
            await _refuse(scope, receive, answer, refused)
        else:
            await self._app(scope, _bounded(receive, asked, who), answer)

    def _address(self, asked: HTTPConnection) -> str:
        """The client's, as the nearest proxy that is not ours saw it."""
        address = asked.client.host if asked.client else ""
        said = asked.headers.get("x-forwarded-for", "").split(",")
        while said and _is_in(address, self._policy.proxies):
            named = said.pop().strip()
            address = named if _parsed(named) else address
        return address

    def _check_host(self, asked: HTTPConnection) -> None:
        """A page on another name must not reach us by pointing that name here."""
        path = asked.url.path
        if path in ANY_HOST or path.startswith(LINKS):
            return
        host = _host_of(asked.headers.get("host", ""))
        if host != "localhost" and not _parsed(host) and host not in self._policy.hosts:
            raise Refused(
                421,
                "Unknown host",
                f"this server does not go by the name {host[:100]!r}: set HOOKSWITCH_ALLOWED_HOSTS"
                f' to ["{host[:100]}"] if it should',
            )

    async def _identify(self, asked: HTTPConnection, client: Client) -> Identity | None:
        scheme, _, token = asked.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            user = asked.headers.get("x-hookswitch-user", "")[:80]
            return await self._access.by_token(token.strip(), client, user)
        cookie = asked.cookies.get(COOKIE, "")
        return await self._access.by_cookie(cookie) if cookie else None

    def _check(self, asked: HTTPConnection, who: Identity | None) -> None:
        if who is None and not _is_open(asked):
            raise Refused(
                401,
                "Unauthorized",
                "sign in, or send an API token: Authorization: Bearer hsk_...",
                headers={"WWW-Authenticate": "Bearer"},
            )
        is_socket = asked.scope["type"] == "websocket"
        if not is_socket and asked.scope["method"] in SAFE:
            return
        if who is None or who.kind == "session":
            _check_origin(asked)
        if who is not None and who.kind == "session" and not is_socket:
            given = asked.headers.get("x-csrf-token", "")
            if not hmac.compare_digest(given.encode(), who.csrf.encode()):
                raise Refused(
                    403, "CSRF token missing", "send X-CSRF-Token as GET /api/session gives it"
                )


def _bounded(receive: Receive, asked: HTTPConnection, who: Identity | None) -> Receive:
    """Stop at a body that is too large, whatever its length was said to be, or too slow."""
    if asked.scope["type"] != "http" or asked.url.path in STREAMED:
        return receive
    left = limit = LARGEST_OF_STRANGERS if who is None else LARGEST_BODY
    patience = asyncio.get_running_loop().time() + BODY_S if who is None else None

    async def bounded() -> Message:
        nonlocal left, patience
        try:
            async with asyncio.timeout_at(patience):
                message = await receive()
        except TimeoutError:
            raise HTTPException(408, f"the body did not come in {BODY_S:.0f} seconds") from None
        left -= len(message.get("body", b""))
        if left < 0:
            raise HTTPException(413, f"the body may have at most {limit} bytes")
        if not message.get("more_body"):  # what follows is the end of the connection
            patience = None
        return message

    return bounded


class _Answer:
    """Sends on, with the headers every answer has; a change is noted before it is answered."""

    def __init__(self, access: Access, scope: Scope, send: Send, *, secure: bool) -> None:
        self._access, self._scope, self._send, self._secure = access, scope, send, secure

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] < 400:
                await self._note()
            self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        headers = MutableHeaders(raw=message["headers"])
        for name, value in HEADERS.items():
            headers.setdefault(name, value)
        if self._scope["path"].startswith("/api/"):
            headers.setdefault("Cache-Control", "no-store")
        if "text/html" in headers.get("content-type", ""):
            host = HTTPConnection(self._scope).headers.get("host", "")
            headers["Content-Security-Policy"] = POLICY.format(host=host if _is_host(host) else "")
        if self._secure:
            headers.setdefault("Strict-Transport-Security", HSTS)
        message["headers"] = headers.raw

    async def _note(self) -> None:
        state = self._scope["state"]
        who, route = state["identity"], self._scope.get("route")
        if who is None or self._scope["method"] in SAFE or state.get("quiet") or route is None:
            return
        entry = AuditEntry(
            at=time.time_ns() // 1_000_000,
            who=who.name,
            what=f"{self._scope['method']} {route.path}",
            target=str(state.get("audit_target", self._scope["path"]))[:300],
            address=state["client"].address,
            details=str(state.get("audit", ""))[:1000],
        )
        try:
            await self._access.note(entry)
        except StoreError as error:
            log.error("audit.not_written", what=entry.what, error=str(error))  # noqa: TRY400


async def _refuse(scope: Scope, receive: Receive, send: Send, error: Refused) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": error.title})
        return
    await refusal(error)(scope, receive, send)


def _is_open(asked: HTTPConnection) -> bool:
    """The console's own files are; the API is not, on known and unknown paths alike."""
    path = asked.url.path
    if path == "/metrics":
        host = asked.client.host if asked.client else ""
        return host in LOOPBACK and not FORWARDED.intersection(asked.headers.keys())
    return path in OPEN or not (path == "/api" or path.startswith(("/api/", "/phone/")))


def _check_origin(asked: HTTPConnection) -> None:
    origin, host = asked.headers.get("origin"), asked.headers.get("host", "")
    if origin is not None and _split(origin).netloc.lower() != host.lower():
        raise Refused(403, "Other origin", "this came from a page of another site")


def _host_of(header: str) -> str:
    return (_split(f"//{header}").hostname or "").lower().rstrip(".")


def _split(address: str) -> SplitResult:
    """Nothing of one that is none."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _is_host(header: str) -> bool:
    return bool(header) and all(char.isalnum() or char in ".-:[]" for char in header)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _is_in(address: str, networks: Sequence[Network]) -> bool:
    parsed = _parsed(address)
    return parsed is not None and any(parsed in network for network in networks)
