"""How an attempt reaches the network: the one seam behind which the HTTP client lives."""

from collections.abc import Callable, Mapping
from typing import Final, Protocol

from msgspec import Struct

from hookswitch.delivery.guard import Guard
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


class Request(Struct, frozen=True, kw_only=True, gc=False):
    """One POST. `head` holds the lines of its headers but Host and Content-Length."""

    url: str
    head: bytes
    body: bytes
    deadline_s: float
    """Over all phases, from the look-up of the name to the last byte of the answer."""
    tls: PrivateTls | None = None
    """An endpoint's own settings; only requests with the same share connections."""


Done = Callable[[Answer | Exception], None]
"""Takes the answer, or a fault of ours that kept it from coming."""


class Transport(Protocol):
    """Sends requests and never raises for what the network or the receiver does."""

    def send(self, request: Request, done: Done) -> None:
        """Call `done` once, from the event loop and not before this returns."""
        ...

    async def set_guard(self, guard: Guard) -> None:
        """Judge every new dial by `guard` and drop idle connections made under the old one."""
        ...

    async def close(self) -> None:
        """Drop every connection; what is under way ends without an answer."""
        ...
