"""One connection to a receiver: a request out, a bounded answer in, one at a time."""

import asyncio
import ssl
from collections.abc import Callable
from typing import Final

import httptools

from hookswitch.delivery.deadlines import Deadlines
from hookswitch.delivery.failures import BROKEN, CLOSED, NOT_HTTP, TIMEOUT, Failure, translate
from hookswitch.delivery.transport import MAX_ANSWER, Answer

MAX_HEAD: Final = 64 * 1024
"""Bytes of status line and headers, those of provisional answers included."""
MAX_HEADERS: Final = 100
MAX_PROVISIONAL: Final = 20
_KEPT_HEADERS: Final = {b"retry-after": "retry-after", b"content-type": "content-type"}
_KEPT_VALUE: Final = 200


class Connection(asyncio.Protocol):
    """A pool takes it, calls `exchange`, and may use it again while `is_reusable`."""

    def __init__(self, deadlines: Deadlines, opened: set["Connection"]) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadlines = deadlines
        self._opened = opened
        self._transport: asyncio.Transport
        self._closed = False
        self._done: Callable[[Answer], None] | None = None
        self._ended: Answer | None = None
        self.idle_since = self.ends_at = 0.0
        self._parser = httptools.HttpResponseParser(self)
        self._begin()

    def _begin(self) -> None:
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._head_bytes = self._header_count = self._provisional = 0
        self._head_done = self._delimited = self._complete = False
        self._reusable = False

    @property
    def is_reusable(self) -> bool:
        """Whether the last answer was read to its end and the receiver keeps the connection."""
        return self._reusable and not self._closed

    @property
    def was_stale(self) -> bool:
        """Whether it was closed without a byte of answer: so ends one that waited too long."""
        return self._closed and not self._head_bytes

    def abort(self) -> None:
        self._reusable = False
        if not self._closed:
            self._transport.abort()

    def exchange(self, request: bytes, ends_at: float, done: Callable[[Answer], None]) -> None:
        """Send it and give the answer, soon after the loop's time `ends_at` at the latest."""
        self._begin()
        self._done, self._ended = done, None
        if self._closed:
            self._loop.call_soon(self._finish, CLOSED)
            return
        self.ends_at = ends_at
        self._deadlines.watch(self)
        self._transport.write(request)

    def expire(self) -> None:
        self._finish(TIMEOUT)

    def _end(self, failure: Failure | None = None) -> None:
        """The first end counts; it is told once the parser has had all that came."""
        if self._ended is None:
            self._ended = self._answer(failure)

    def _finish(self, failure: Failure | None = None) -> None:
        if (done := self._done) is None:
            return
        self._end(failure)
        answer, self._done = self._ended, None
        if not self.is_reusable:
            self.abort()
        done(answer)  # type: ignore[arg-type]  # it has just been set

    def _answer(self, failure: Failure | None) -> Answer:
        return Answer(
            status=self._status,
            headers=self._headers,
            body=bytes(self._body),
            error=failure.error if failure else None,
            detail=failure.detail if failure else "",
        )

    # what the event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # TCP or TLS
        self._opened.add(self)

    def data_received(self, data: bytes) -> None:
        if self._done is None:
            self.abort()  # it speaks without being asked, or does not stop
            return
        if not self._head_done:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._end(BROKEN if self._head_done else NOT_HTTP)
            self._reusable = False
        if self._head_bytes > MAX_HEAD and not self._head_done:
            self._end(NOT_HTTP)
        if self._ended is not None:
            self._finish()

    def eof_received(self) -> None:
        self._reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self._closed = True
        self._opened.discard(self)
        self._finish(self._why_lost(exc))

    def _why_lost(self, exc: Exception | None) -> Failure | None:
        if self._head_done:
            whole = exc is None and not self._delimited
            return None if whole else BROKEN
        if isinstance(exc, OSError | ssl.SSLError):
            return translate(exc)
        return NOT_HTTP if self._head_bytes else CLOSED

    # what the parser calls

    def on_header(self, name: bytes, value: bytes) -> None:
        self._header_count += 1
        if self._header_count > MAX_HEADERS:
            raise ValueError("too many headers")
        lowered = name.lower()
        if lowered in _KEPT_HEADERS:
            text = value.decode("latin-1").strip()
            self._headers[_KEPT_HEADERS[lowered]] = text[:_KEPT_VALUE]
        elif lowered in {b"content-length", b"transfer-encoding"}:
            self._delimited = True

    def on_headers_complete(self) -> None:
        status = self._parser.get_status_code()
        if status >= 200:
            self._status, self._head_done = status, True
            return
        self._provisional += 1
        self._headers.clear()
        self._delimited = False
        if self._provisional > MAX_PROVISIONAL:
            raise ValueError("too many provisional answers")

    def on_body(self, data: bytes) -> None:
        self._body += data[: MAX_ANSWER - len(self._body)]
        if len(self._body) >= MAX_ANSWER and not self._complete:
            self._end()

    def on_message_complete(self) -> None:
        if not self._head_done or self._complete:
            self._reusable = False
            return
        self._complete = True
        self._reusable = (
            self._parser.should_keep_alive() and self._transport.get_write_buffer_size() == 0
        )
        self._end()

    def on_message_begin(self) -> None:
        if self._complete:  # a second answer to one request
            self._reusable = False
