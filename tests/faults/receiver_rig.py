"""Real servers on loopback that answer as each test says, and the transport that posts to them."""

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.transport import Answer

DEADLINE_S: Final = 0.5
MARGIN_S: Final = 10.0
HEADERS: Final = [("Content-Type", "application/json"), ("Accept-Encoding", "identity")]
BODY: Final = b'{"type":"voicemail"}'
OK: Final = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

# Made for these tests only: self-signed, for the name localhost, valid from 2020 to 2120.
KEY_AND_CERTIFICATE: Final = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgGLkZOqTpjfOXOX3k
o0Pe6sBtxL6p7NqEtSc9NMeuwGuhRANCAAR3ZVcHGga2QzSQNlSBuRumx0M91o0j
qceOFOmRly5Bx5d9+Fz5/eU+/c8EqkvwS+WukHHwkhT++WsnmTi3mC5F
-----END PRIVATE KEY-----
-----BEGIN CERTIFICATE-----
MIIBYDCCAQegAwIBAgIBATAKBggqhkjOPQQDAjAUMRIwEAYDVQQDDAlsb2NhbGhv
c3QwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBQxEjAQBgNVBAMM
CWxvY2FsaG9zdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABHdlVwcaBrZDNJA2
VIG5G6bHQz3WjSOpx44U6ZGXLkHHl334XPn95T79zwSqS/BL5a6QcfCSFP75ayeZ
OLeYLkWjSDBGMBQGA1UdEQQNMAuCCWxvY2FsaG9zdDAPBgNVHRMBAf8EBTADAQH/
MB0GA1UdDgQWBBQJC3Wp91hiY3/Xj2+sVVMmSnEIKDAKBggqhkjOPQQDAgNHADBE
AiA+i4z49hHJFo7hwXlzZPf4qi3rOy210dIN57gBU/IZlAIgdj31B/lQinoGpc7x
2+2MLmfxD6l6qETrkVZzmBUure0=
-----END CERTIFICATE-----
"""

Write = Callable[[asyncio.StreamWriter], Awaitable[None]]


class Server:
    """Reads requests whole, answers each with `write`, and counts connections and requests."""

    def __init__(self, write: Write, tls: ssl.SSLContext | None = None) -> None:
        self.connections = 0
        self.requests: list[bytes] = []
        self.port = 0
        self._write = write
        self._tls = tls
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=self._tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_exc: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self.port}/hook?key=hidden"

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self.requests.append(head + await reader.readexactly(len(BODY)))
                await self._write(writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


def answers(data: bytes, *, close: bool = False) -> Write:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()
        if close:
            writer.close()

    return write


def repeats(first: bytes, again: bytes, pause_s: float = 0.0) -> Write:
    async def write(writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        while True:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(pause_s)

    return write


async def hangs(_writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def resets(writer: asyncio.StreamWriter) -> None:
    sock: socket.socket = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def guard_for(*ports: int) -> Guard:
    return Guard([AllowedNetwork("127.0.0.0/8", ports), AllowedNetwork("::1/128", ports)])


@asynccontextmanager
async def transport_for(
    *ports: int, trust: ssl.SSLContext | None = None
) -> AsyncIterator[HttpTransport]:
    transport = HttpTransport(guard_for(*ports), trust)
    try:
        yield transport
    finally:
        await transport.close()


async def send(transport: HttpTransport, url: str, deadline_s: float = DEADLINE_S) -> Answer:
    async with asyncio.timeout(deadline_s + MARGIN_S):
        return await transport.post(url, HEADERS, BODY, deadline_s)


async def answer_of(write: Write, deadline_s: float = DEADLINE_S) -> Answer:
    async with Server(write) as server, transport_for(server.port) as transport:
        answer = await send(transport, server.url, deadline_s)
    assert "hidden" not in answer.detail
    return answer


def tls_server(tmp_path: Path) -> ssl.SSLContext:
    pem = tmp_path / "server.pem"
    pem.write_text(KEY_AND_CERTIFICATE)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context


def trust_in_the_test_certificate() -> ssl.SSLContext:
    certificate = KEY_AND_CERTIFICATE[KEY_AND_CERTIFICATE.index("-----BEGIN CERT") :]
    return ssl.create_default_context(cadata=certificate)
