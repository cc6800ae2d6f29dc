"""Who may ask: a bearer token, compared by its hash."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable

from fastapi import Request, Response

from hookswitch.api.problems import problem

LINKS = "/m/"
"""The secret is in the path itself."""
OPEN = frozenset({"/healthz", "/metrics"})
FORWARDED = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})
LOOPBACK = frozenset({"127.0.0.1", "::1"})

Next = Callable[[Request], Awaitable[Response]]


class Tokens:
    """The accepted tokens, kept as hashes."""

    def __init__(self, *tokens: str) -> None:
        self._hashes = [_hash(token) for token in tokens]

    def accept(self, header: str) -> bool:
        scheme, _, token = header.partition(" ")
        given = _hash(token.strip())
        known = [hmac.compare_digest(given, kept) for kept in self._hashes]
        return scheme.lower() == "bearer" and any(known)


def guard(tokens: Tokens) -> Callable[[Request, Next], Awaitable[Response]]:
    """Refuse every request without a token, on known and unknown paths alike.

    `/healthz` is open; `/metrics` is open to this machine, but not through a proxy.
    """

    async def check(request: Request, call_next: Next) -> Response:
        if _is_open(request) or tokens.accept(request.headers.get("authorization", "")):
            return await call_next(request)
        response = problem(401, "Unauthorized", "send an API token: Authorization: Bearer hsk_...")
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    return check


def _is_open(request: Request) -> bool:
    if request.url.path.startswith(LINKS):
        return True
    if request.url.path not in OPEN:
        return False
    if request.url.path == "/healthz":
        return True
    host = request.client.host if request.client else ""
    return host in LOOPBACK and not FORWARDED.intersection(request.headers.keys())


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
