"""A plain POST to a receiver of the user's own machine: no address guard, every header kept."""

import asyncio
import ssl
import time
from collections.abc import Sequence
from typing import Final

import aiohttp
from msgspec import Struct

from hookswitch.delivery.failures import (
    BAD_URL,
    BROKEN,
    CLOSED,
    NOT_HTTP,
    Failure,
    NameUnknownError,
    translate,
)
from hookswitch.model.delivery import ErrorClass

MAX_REPLY: Final = 1024 * 1024
_ADDED_BY_THE_CLIENT: Final = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")
_FAILURES: Final[tuple[tuple[type[Exception], Failure], ...]] = (
    (aiohttp.ClientConnectorDNSError, translate(NameUnknownError())),
    (aiohttp.ClientSSLError, translate(ssl.SSLError())),
    (aiohttp.ServerDisconnectedError, CLOSED),
    (aiohttp.ClientPayloadError, BROKEN),
    (aiohttp.InvalidURL, BAD_URL),
    (ValueError, BAD_URL),
)


class Reply(Struct, frozen=True, kw_only=True):
    """What the receiver answered; without a `status` it did not, and `detail` says why."""

    status: int | None = None
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    error: ErrorClass | None = None
    detail: str = ""
    duration_ms: int = 0


async def post(
    url: str, headers: Sequence[tuple[str, str]], body: bytes, deadline_s: float
) -> Reply:
    """Send exactly these headers and bytes; redirects are shown, not followed."""
    began = time.monotonic()
    try:
        async with (
            asyncio.timeout(deadline_s),
            aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
                skip_auto_headers=_ADDED_BY_THE_CLIENT,
            ) as session,
            session.post(url, data=body, headers=headers, allow_redirects=False) as response,
        ):
            return Reply(
                status=response.status,
                headers=tuple(response.headers.items()),
                body=await _read(response.content),
                duration_ms=_since(began),
            )
    except (aiohttp.ClientError, OSError, ValueError) as error:
        failure = _failure(error)
        return Reply(error=failure.error, detail=failure.detail, duration_ms=_since(began))


def _failure(error: Exception) -> Failure:
    """The HTTP library's errors as ours; those of sockets and TLS it only wraps."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        cause = error.certificate_error
        return translate(cause if isinstance(cause, OSError) else ssl.SSLError())
    for kind, failure in _FAILURES:
        if isinstance(error, kind):
            return failure
    return translate(error) if isinstance(error, OSError) else NOT_HTTP


async def _read(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    while (left := MAX_REPLY - len(body)) > 0 and (chunk := await content.read(left)):
        body += chunk
    return bytes(body)


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
