"""Just enough of a phone over a connection (TLS, WebSocket): registers, is called, calls.

The product's own phone speaks UDP only; what is tested with this one is the engine's side.
"""

import asyncio
import re
import secrets
import ssl
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, Self

from hookswitch.phone.address import Address
from hookswitch.phone.digest import Credentials
from hookswitch.phone.message import Message, Request, Response, parse

WITHIN_S = 60.0


class Wire(Protocol):
    """A connection that carries whole messages; `transport` is its name in a Via."""

    transport: str
    host: str

    async def send(self, message: bytes) -> None: ...
    async def receive(self) -> bytes: ...


class WirePhone:
    """One account on one connection."""

    def __init__(self, wire: Wire, user: str, password: str) -> None:
        self._wire, self._user = wire, user
        self._credentials = Credentials(user, password)

    async def register(self) -> int:
        scheme = f"transport={self._wire.transport.lower()}"
        contact = f"<sip:{self._user}@{self._wire.host};{scheme}>"
        headers = [("Contact", contact), ("Expires", "60")]
        return (await self.ask("REGISTER", "sip:pbx.invalid", headers)).status

    async def invite(self, number: str, offer: str) -> Response:
        """Call, and acknowledge the answer."""
        headers = [
            ("Contact", f"<sip:{self._user}@{self._wire.host}>"),
            ("Content-Type", "application/sdp"),
        ]
        return await self.ask("INVITE", f"sip:{number}@pbx.invalid", headers, offer.encode())

    async def ask(
        self, method: str, uri: str, headers: Sequence[tuple[str, str]], body: bytes = b""
    ) -> Response:
        """Send a request, answer the challenge, and give the final answer."""
        request = self._request(method, uri, headers, body)
        response = await self._exchange(request)
        again = self._credentials.retry(request, response, self._via())
        return response if again is None else await self._exchange(again)

    async def asked(self) -> Request:
        """The next request beside OPTIONS and NOTIFY, which are answered."""
        while True:
            message = await self._next()
            if isinstance(message, Request):
                if message.method not in {"OPTIONS", "NOTIFY"}:
                    return message
                await self.answer(message, 200)

    async def answer(self, request: Request, status: int) -> None:
        response = Response(status, "As you like")
        kept = ("Via", "From", "To", "Call-ID", "CSeq")
        response.headers = [h for h in request.headers if h[0] in kept]
        await self._wire.send(bytes(response))

    async def _exchange(self, request: Request) -> Response:
        await self._wire.send(bytes(request))
        while True:
            message = await self._next()
            if isinstance(message, Response) and message.status >= 200:
                if request.method == "INVITE":
                    await self._wire.send(bytes(self._ack(request, message)))
                return message

    def _ack(self, request: Request, response: Response) -> Request:
        ack = Request("ACK", request.uri)
        kept = ("From", "Call-ID", "Max-Forwards")
        number, _ = request.cseq
        via = self._via() if response.status < 300 else request.get("Via")
        ack.headers = [("Via", via), *(h for h in request.headers if h[0] in kept)]
        ack.headers += [("To", response.get("To")), ("CSeq", f"{number} ACK")]
        return ack

    async def _next(self) -> Message:
        async with asyncio.timeout(WITHIN_S):
            return parse(await self._wire.receive())

    def _request(
        self, method: str, uri: str, headers: Sequence[tuple[str, str]], body: bytes
    ) -> Request:
        request = Request(method, uri, body=body)
        who = f"<sip:{self._user}@pbx.invalid>"
        request.headers = [
            ("Via", self._via()),
            ("Max-Forwards", "70"),
            ("From", f"{who};tag={secrets.token_hex(4)}"),
            ("To", who if method == "REGISTER" else f"<{uri}>"),
            ("Call-ID", secrets.token_hex(8)),
            ("CSeq", f"1 {method}"),
            *headers,
        ]
        return request

    def _via(self) -> str:
        branch = secrets.token_hex(8)
        return f"SIP/2.0/{self._wire.transport} {self._wire.host};rport;branch=z9hG4bK{branch}"


class TlsWire:
    """A TLS connection that trusts one certificate only."""

    transport = "TLS"
    host = "127.0.0.1"

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def open(cls, server: Address, trusted: Path) -> Self:
        context = ssl.create_default_context(cafile=str(trusted))
        return cls(*await asyncio.open_connection(*server, ssl=context))

    async def close(self) -> None:
        """At once: the engine does not answer TLS's own goodbye."""
        self._writer.transport.abort()
        await asyncio.gather(self._writer.wait_closed(), return_exceptions=True)

    async def send(self, message: bytes) -> None:
        self._writer.write(message)
        await self._writer.drain()

    async def receive(self) -> bytes:
        head = await self._reader.readuntil(b"\r\n\r\n")
        found = re.search(rb"(?im)^(?:Content-Length|l)\s*:\s*(\d+)", head)
        return head.lstrip() + await self._reader.readexactly(int(found[1]) if found else 0)
