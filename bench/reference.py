"""The reference: a bare asyncio protocol that signs and sends, and stores nothing.

It sends the headers that a delivery has, and asks of each answer that it is whole and a 200.
"""

import asyncio
import base64
import hashlib
import hmac
import ssl
import time
from collections.abc import Callable

from hookswitch.delivery.request import USER_AGENT

_HEAD = (
    "POST /e{endpoint} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"
    "User-Agent: {agent}\r\nAccept-Encoding: identity\r\nX-Pbx-Token: token\r\n"
    "X-Hookswitch-Attempt: 1\r\nX-Hookswitch-Call-Sequence: 1\r\nContent-Length: {length}\r\n"
)
_REQUEST = b"%swebhook-id: %s\r\nwebhook-timestamp: %d\r\nwebhook-signature: v1,%s\r\n\r\n%s"
_RIGHT = b"HTTP/1.1 200 "


class _Sending(asyncio.Protocol):
    """One request after the other on one connection."""

    def __init__(self, make: Callable[[], bytes | None]) -> None:
        self._make = make
        self._answer = b""
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]  # TCP
        self._send()

    def data_received(self, data: bytes) -> None:
        self._answer += data
        if not self._answer.endswith(b"\r\n\r\nok"):
            return
        if not self._answer.startswith(_RIGHT):
            raise ValueError(self._answer)
        self._answer = b""
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set_result(None)

    def _send(self) -> None:
        request = self._make()
        if request is None:
            self._transport.close()
        else:
            self._transport.write(request)


class Maker:
    """Gives signed requests until the time is over."""

    def __init__(self, port: int, endpoints: int, body: bytes, secret: str, seconds: float) -> None:
        self._heads = [
            _HEAD.format(endpoint=number, port=port, length=len(body), agent=USER_AGENT).encode()
            for number in range(endpoints)
        ]
        self._body = body
        self._key = base64.b64decode(secret.removeprefix("whsec_"))
        self._until = time.monotonic() + seconds
        self.made = 0

    def __call__(self) -> bytes | None:
        if time.monotonic() > self._until:
            return None
        self.made += 1
        name, at = b"evt_%036d" % self.made, int(time.time())
        signed = b"%s.%d.%s" % (name, at, self._body)
        signature = base64.b64encode(hmac.digest(self._key, signed, hashlib.sha256))
        head = self._heads[self.made % len(self._heads)]
        return _REQUEST % (head, name, at, signature, self._body)


async def reference(
    maker: Maker, port: int, connections: int, trust: ssl.SSLContext | None
) -> float:
    """Requests answered per second over so many connections."""
    loop = asyncio.get_running_loop()
    began = time.monotonic()
    made = [
        await loop.create_connection(
            lambda: _Sending(maker),
            "127.0.0.1",
            port,
            ssl=trust,
            server_hostname="localhost" if trust else None,
        )
        for _ in range(connections)
    ]
    await asyncio.gather(*(protocol.closed for _, protocol in made))
    return maker.made / (time.monotonic() - began)
