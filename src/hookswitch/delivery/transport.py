"""How an attempt reaches the network: the one seam behind which the HTTP client lives."""

from collections.abc import Mapping
from typing import Final, Protocol

from msgspec import Struct

from hookswitch.delivery.guard import Guard
from hookswitch.delivery.request import Headers
from hookswitch.model.delivery import ErrorClass
from hookswitch.model.endpoints import PrivateTls

MAX_ANSWER: Final = 16 * 1024
"""Bytes of an answer's body that are read and kept."""


class Answer(Struct, frozen=True, kw_only=True):
    """What one POST came to. An answer that broke off has both a `status` and an `error`.

    `headers` holds lower-case `retry-after` and `content-type` only. `detail` is a fixed text: no
    URL, header, body or address ever stands in it.
    """

    status: int | None = None
    headers: Mapping[str, str] = {}
    body: bytes = b""
    error: ErrorClass | None = None
    detail: str = ""


class Transport(Protocol):
    """Sends one request and never raises for what the network or the receiver does."""

    async def post(
        self,
        url: str,
        headers: Headers,
        body: bytes,
        deadline_s: float,
        tls: PrivateTls | None = None,
    ) -> Answer:
        """`tls` are an endpoint's own settings; only requests with the same share connections."""
        ...

    async def set_guard(self, guard: Guard) -> None:
        """Judge every new dial by `guard` and drop idle connections made under the old one."""
        ...

    async def close(self) -> None: ...
