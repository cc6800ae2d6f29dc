"""Receivers that misbehave, played by real servers on loopback.

Nothing here asserts speed: an attempt must end within its own deadline and a wide margin, with the
error class that tells an integrator what to mend.
"""

import asyncio
import gzip
import socket
import ssl
import struct
import threading
import tracemalloc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

import pytest

from hookswitch.delivery import resolver
from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.resolver import AddressInfo
from hookswitch.delivery.transport import MAX_ANSWER, Answer

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


# What a good receiver gets


async def test_a_good_answer_and_a_connection_that_is_used_again() -> None:
    async with Server(answers(OK)) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url)
        second = await send(transport, server.url)
    assert (first.status, first.error, first.body) == (200, None, b"ok")
    assert second == first
    assert server.connections == 1
    head, _, body = server.requests[0].partition(b"\r\n\r\n")
    assert head.startswith(b"POST /hook?key=hidden HTTP/1.1\r\n")
    assert b"Accept-Encoding: identity" in head
    assert b"Cookie" not in server.requests[1]
    assert body == BODY


async def test_cookies_are_not_kept() -> None:
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n"
    async with Server(answers(cookie)) as server, transport_for(server.port) as transport:
        await send(transport, server.url)
        await send(transport, server.url)
    assert b"a=b" not in server.requests[1]


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert (await answer_of(answers(OK))).status == 200


async def test_only_two_headers_of_the_answer_are_kept() -> None:
    long = b"x" * 1000
    data = (
        b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\nContent-Type: " + long + b"\r\n"
        b"X-Other: 1\r\nContent-Length: 0\r\n\r\n"
    )
    answer = await answer_of(answers(data))
    assert answer.headers == {"retry-after": "7", "content-type": "x" * 200}


# Connections that fail


async def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    async with transport_for(port) as transport:
        answer = await send(transport, f"http://127.0.0.1:{port}/")
    assert (answer.status, answer.error) == (None, "connect")
    assert "refused" in answer.detail


async def test_a_reset_connection() -> None:
    assert (await answer_of(resets)).error == "connect"


async def test_a_connection_closed_without_an_answer() -> None:
    assert (await answer_of(answers(b"", close=True))).error == "protocol"


async def test_a_name_that_does_not_resolve() -> None:
    async with transport_for(80) as transport:
        answer = await send(transport, "http://x.invalid/", deadline_s=20)
    assert answer.error == "dns"


async def test_a_name_server_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    async with Server(answers(OK)) as server, transport_for(server.port) as transport:

        def look_up(host: str, port: int) -> list[AddressInfo]:
            if host == "slow.example":
                release.wait()
            return [(socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", port))]

        monkeypatch.setattr(resolver, "_look_up", look_up)
        slow = await send(transport, f"http://slow.example:{server.port}/")
        fast = await send(transport, f"http://fast.example:{server.port}/")
        release.set()
    assert slow.error == "timeout"
    assert fast.status == 200


async def test_a_kept_connection_that_was_closed_is_replaced() -> None:
    answered = 0

    async def closes_after_one(writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        answered += 1
        if answered == 2:
            writer.close()
        else:
            writer.write(OK)

    async with Server(closes_after_one) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        second = await send(transport, server.url, 10)
    assert (first.status, second.status) == (200, 200)
    assert server.connections == 2


async def test_a_new_connection_that_is_closed_is_not_tried_again() -> None:
    async with Server(answers(b"", close=True)) as server, transport_for(server.port) as transport:
        answer = await send(transport, server.url, 10)
    assert answer.error == "protocol"
    assert len(server.requests) == 1


async def test_a_receiver_that_does_not_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with transport_for(port) as transport:
            body = bytes(16 << 20)
            answer = await transport.post(f"http://127.0.0.1:{port}/", HEADERS, body, DEADLINE_S)
    assert (answer.status, answer.error) == (None, "timeout")


async def test_an_answer_before_the_request_was_read() -> None:
    def answer_at_once(silent: socket.socket) -> None:
        connected, _ = silent.accept()
        with connected:
            connected.sendall(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            connected.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        answering = asyncio.create_task(asyncio.to_thread(answer_at_once, silent))
        async with transport_for(port) as transport:
            body = bytes(16 << 20)
            answer = await transport.post(f"http://127.0.0.1:{port}/", HEADERS, body, 10)
        await answering
    assert answer.status == 413 or answer.error in {"connect", "protocol"}


async def test_bytes_that_nobody_asked_for_end_a_kept_connection() -> None:
    async def speaks_on(writer: asyncio.StreamWriter) -> None:
        writer.write(OK)
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.write(b"HTTP/1.1 500 Late\r\nContent-Length: 0\r\n\r\n")

    async with Server(speaks_on) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        await asyncio.sleep(0.3)
        second = await send(transport, server.url, 10)
    assert (first.status, second.status) == (200, 200)
    assert server.connections == 2


# Answers that never end


async def test_a_receiver_that_hangs() -> None:
    answer = await answer_of(hangs)
    assert (answer.status, answer.error) == (None, "timeout")


async def test_a_status_line_that_drips() -> None:
    assert (await answer_of(repeats(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", 0.05))).error == "timeout"


async def test_a_body_that_drips_is_a_timeout_though_its_status_is_known() -> None:
    first = b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n"
    answer = await answer_of(repeats(first, b"a", 0.05))
    assert (answer.status, answer.error) == (200, "timeout")
    assert answer.body.startswith(b"aaa")


async def test_endless_headers() -> None:
    answer = await answer_of(repeats(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n"), deadline_s=5)
    assert answer.error in {"protocol", "timeout"}


async def test_a_header_line_without_end() -> None:
    answer = await answer_of(repeats(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 4096), deadline_s=5)
    assert answer.error == "protocol"


async def test_a_flood_of_provisional_answers() -> None:
    hundred = b"HTTP/1.1 100 Continue\r\n\r\n"
    answer = await answer_of(repeats(b"", hundred * 50))
    assert answer.error in {"protocol", "timeout"}


async def test_chunks_of_one_byte_that_never_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = await answer_of(repeats(head, b"1\r\na\r\n", 0.02))
    assert (answer.status, answer.error) == (200, "timeout")


async def test_a_hundred_and_one_headers() -> None:
    head = b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 101 + b"Content-Length: 0\r\n\r\n"
    assert (await answer_of(answers(head), deadline_s=5)).error == "protocol"


async def test_trailers_without_end() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    answer = await answer_of(repeats(head, b"X-A: b\r\n"), deadline_s=5)
    assert (answer.status, answer.error) == (200, "protocol")


# Answers that are too much


async def test_a_huge_answer_is_cut_and_its_connection_closed() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    async with (
        Server(repeats(huge, b"a" * 65536)) as server,
        transport_for(server.port) as transport,
    ):
        first = await send(transport, server.url, deadline_s=10)
        second = await send(transport, server.url, deadline_s=10)
    assert (first.status, first.error, len(first.body)) == (200, None, MAX_ANSWER)
    assert second.status == 200
    assert server.connections == 2


async def test_an_endless_chunked_answer_is_cut() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"1000\r\n" + b"a" * 4096 + b"\r\n"
    answer = await answer_of(repeats(head, chunk), deadline_s=10)
    assert (answer.status, answer.error, len(answer.body)) == (200, None, MAX_ANSWER)


async def test_a_gzip_bomb_is_not_unpacked() -> None:
    bomb = gzip.compress(bytes(10_000_000))
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n"
    answer = await answer_of(answers(head.encode() + bomb), deadline_s=10)
    assert (answer.status, answer.error) == (200, None)
    assert answer.body == bomb[:MAX_ANSWER]


async def test_ten_gigabytes_take_no_memory() -> None:
    huge = b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n"
    async with (
        Server(repeats(huge, b"a" * 65536)) as server,
        transport_for(server.port) as transport,
    ):
        await send(transport, server.url, deadline_s=10)
        tracemalloc.start()
        try:
            for _ in range(5):
                answer = await send(transport, server.url, deadline_s=10)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (answer.status, len(answer.body)) == (200, MAX_ANSWER)
    assert peak < 5_000_000


# Answers that are none


@pytest.mark.parametrize(
    "garbage",
    [
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"\x00\x01\x02\x03\r\n\r\n",
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"HTTP/9.9 200 OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX-A: \x00\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX A: b\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"\x15\x03\x01\x00\x02\x02\x46",
        b"220 mail.example ESMTP\r\n",
    ],
)
async def test_garbage_instead_of_http(garbage: bytes) -> None:
    answer = await answer_of(answers(garbage, close=True), deadline_s=5)
    assert answer.error == "protocol"


async def test_an_answer_that_breaks_off() -> None:
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"
    answer = await answer_of(answers(short, close=True), deadline_s=5)
    assert (answer.status, answer.error, answer.body) == (200, "protocol", b"abc")


async def test_a_wrong_chunk() -> None:
    wrong = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"
    answer = await answer_of(answers(wrong, close=True), deadline_s=5)
    assert answer.error == "protocol"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with Server(answers(OK)) as target:
        location = f"HTTP/1.1 {status} Moved\r\nLocation: {target.url}\r\nContent-Length: 0\r\n\r\n"
        async with (
            Server(answers(location.encode())) as server,
            transport_for(server.port, target.port) as transport,
        ):
            answer = await send(transport, server.url)
    assert (answer.status, answer.error) == (status, None)
    assert target.connections == 0


async def test_two_answers_to_one_request_are_one_and_end_the_connection() -> None:
    async with Server(answers(OK + OK)) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        second = await send(transport, server.url, 10)
    assert (first.status, second.status) == (200, 200)
    assert server.connections == 2


async def test_an_answer_that_ends_with_its_connection() -> None:
    old = b"HTTP/1.0 200 OK\r\n\r\nall there is"
    answer = await answer_of(answers(old, close=True), deadline_s=5)
    assert (answer.status, answer.error, answer.body) == (200, None, b"all there is")


async def test_both_length_and_chunks_are_refused() -> None:
    both = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    assert (await answer_of(answers(both, close=True), deadline_s=5)).error == "protocol"


async def test_no_content_with_content_ends_the_connection() -> None:
    odd = b"HTTP/1.1 204 No Content\r\n\r\n<p>but here it is</p>"
    async with Server(answers(odd)) as server, transport_for(server.port) as transport:
        first = await send(transport, server.url, 10)
        second = await send(transport, server.url, 10)
    assert (first.status, first.error, second.status) == (204, None, 204)
    assert server.connections == 2


async def test_provisional_answers_before_the_real_one() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nRetry-After: 9\r\n\r\n"
    answer = await answer_of(answers(hints * 3 + OK), deadline_s=5)
    assert (answer.status, answer.error, answer.headers) == (200, None, {})


async def test_redirects_to_itself_are_one_request() -> None:
    async def again(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 308 Again\r\nLocation: /hook\r\nContent-Length: 0\r\n\r\n")

    async with Server(again) as server, transport_for(server.port) as transport:
        answer = await send(transport, server.url, 10)
    assert (answer.status, len(server.requests)) == (308, 1)


# TLS


async def test_tls_with_a_trusted_certificate(tmp_path: Path) -> None:
    trust = trust_in_the_test_certificate()
    async with (
        Server(answers(OK), tls_server(tmp_path)) as server,
        transport_for(server.port, trust=trust) as transport,
    ):
        answer = await send(transport, f"https://localhost:{server.port}/", deadline_s=10)
    assert (answer.status, answer.error) == (200, None)


async def test_a_self_signed_certificate(tmp_path: Path) -> None:
    async with (
        Server(answers(OK), tls_server(tmp_path)) as server,
        transport_for(server.port) as transport,
    ):
        answer = await send(transport, f"https://localhost:{server.port}/", deadline_s=10)
    assert (answer.error, answer.detail) == ("tls", "the certificate is self-signed")
    assert not server.requests


async def test_a_certificate_for_another_name(tmp_path: Path) -> None:
    trust = trust_in_the_test_certificate()
    async with (
        Server(answers(OK), tls_server(tmp_path)) as server,
        transport_for(server.port, trust=trust) as transport,
    ):
        answer = await send(transport, server.url, deadline_s=10)
    assert (answer.error, answer.detail) == ("tls", "the certificate is for another address")
    assert not server.requests


async def test_a_receiver_without_tls_behind_https() -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(OK)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server, transport_for(port) as transport:
        answer = await send(transport, f"https://127.0.0.1:{port}/", deadline_s=10)
    assert answer.error in {"tls", "connect"}


async def test_a_tls_handshake_that_hangs() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        async with transport_for(port) as transport:
            answer = await send(transport, f"https://127.0.0.1:{port}/")
    assert answer.error == "timeout"


# Targets that are not open


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_a_blocked_target_looks_the_same_whether_it_listens_or_not(host: str) -> None:
    async with Server(answers(OK)) as server, transport_for() as transport:
        with socket.create_server(("127.0.0.1", 0)) as closed:
            closed_port = closed.getsockname()[1]
        listening = await send(transport, f"http://{host}:{server.port}/")
        silent = await send(transport, f"http://{host}:{closed_port}/")
    assert listening == silent
    assert listening.error == "blocked"
    assert "allowed_networks" in listening.detail
    assert server.connections == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f000001", "0177.0.0.1", "127.1", "0"])
async def test_odd_spellings_of_loopback_reach_nothing(host: str) -> None:
    async with Server(answers(OK)) as server, transport_for() as transport:
        answer = await send(transport, f"http://{host}:{server.port}/", deadline_s=20)
    assert answer.error in {"blocked", "config", "dns"}
    assert server.connections == 0


async def test_a_name_is_judged_by_what_it_resolves_to_each_time() -> None:
    async with Server(answers(OK)) as server, transport_for(server.port) as transport:
        url = f"http://localhost:{server.port}/"
        assert (await send(transport, url)).status == 200
        await transport.set_guard(Guard())
        assert (await send(transport, url)).error == "blocked"
        await transport.set_guard(guard_for(server.port))
        assert (await send(transport, url)).status == 200
    assert server.connections == 2


async def test_an_exchange_under_way_survives_a_change_of_the_guard() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def waits(writer: asyncio.StreamWriter) -> None:
        begun.set()
        await go_on.wait()
        writer.write(OK)

    async with Server(waits) as server, transport_for(server.port) as transport:
        sending = asyncio.create_task(send(transport, server.url, deadline_s=10))
        await begun.wait()
        await transport.set_guard(Guard())
        go_on.set()
        assert (await sending).status == 200
        assert (await send(transport, server.url)).error == "blocked"


async def test_a_fault_in_the_guard_is_not_taken_for_a_network_error() -> None:
    class Broken(Guard):
        def check(self, ip_text: str, port: int) -> None:
            raise LookupError

    transport = HttpTransport(Broken())
    with pytest.raises(LookupError):
        await send(transport, "http://127.0.0.1:9/")
    await transport.close()


def test_the_guard_names_its_reason_only_to_us() -> None:
    with pytest.raises(Blocked, match="not a public address"):
        Guard().check("127.0.0.1", 80)


# Settings that cannot be sent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hidden",
        "ftp://hidden.example/",
        "ws://hidden.example/",
        "file:///etc/hidden",
        "http://",
        "http:///hidden",
        "http://hidden.example:99999/",
        "http://[hidden/",
        "http://exa mple.hidden/",
    ],
)
async def test_a_url_that_cannot_be_used(url: str) -> None:
    async with transport_for() as transport:
        answer = await send(transport, url, deadline_s=20)
    assert answer.error in {"config", "dns"}
    assert "hidden" not in answer.detail


async def test_a_host_name_with_a_label_too_long() -> None:
    async with transport_for() as transport:
        answer = await send(transport, f"http://{'a' * 70}.example/", deadline_s=20)
    assert answer.error in {"config", "dns"}


async def test_a_header_with_a_line_break_is_not_sent() -> None:
    async with Server(answers(OK)) as server, transport_for(server.port) as transport:
        answer = await transport.post(server.url, [("X-A", "hidden\r\nX-B: 1")], BODY, DEADLINE_S)
    assert answer.error == "config"
    assert "hidden" not in answer.detail
    assert not server.requests
