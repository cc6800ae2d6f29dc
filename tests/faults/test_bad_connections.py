"""What a good receiver gets, and connections that fail; played by real servers on loopback.

Nothing here asserts speed: an attempt must end within its own deadline and a wide margin, with the
error class that tells an integrator what to mend.
"""

import asyncio
import socket
import threading

import pytest
from receiver_rig import (
    BODY,
    DEADLINE_S,
    HEADERS,
    MARGIN_S,
    OK,
    Server,
    answer_of,
    answers,
    guard_for,
    hangs,
    resets,
    send,
    transport_for,
)

from hookswitch.delivery import resolver
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.resolver import AddressInfo

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


async def test_bytes_behind_an_answer_end_the_connection() -> None:
    async with (
        Server(answers(OK + b"\x00garbage")) as server,
        transport_for(server.port) as transport,
    ):
        first = await send(transport, server.url)
        second = await send(transport, server.url)
    assert (first.status, second.status) == (200, 200)
    assert server.connections == 2


async def test_what_is_under_way_ends_with_the_transport() -> None:
    async with Server(hangs) as server:
        transport = HttpTransport(guard_for(server.port))
        sending = asyncio.create_task(send(transport, server.url, deadline_s=1000))
        while not server.requests:
            await asyncio.sleep(0.005)
        await transport.close()
        async with asyncio.timeout(MARGIN_S):
            assert (await sending).error == "protocol"
            assert (await send(transport, server.url)).error == "protocol", "nor is more sent"
