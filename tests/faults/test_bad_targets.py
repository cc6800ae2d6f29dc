"""TLS that fails, targets that are not open, and settings that cannot be sent; real servers."""

import asyncio
import socket
from pathlib import Path

import pytest
from receiver_rig import (
    BODY,
    DEADLINE_S,
    OK,
    Server,
    answers,
    guard_for,
    send,
    tls_server,
    transport_for,
    trust_in_the_test_certificate,
)

from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.http_transport import HttpTransport

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
