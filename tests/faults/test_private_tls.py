"""Endpoints with an authority and a client certificate of their own, against real TLS servers."""

import asyncio
import datetime as dt
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.transport import Answer
from hookswitch.model.endpoints import PrivateTls
from hookswitch.model.secret import Secret
from kit.certificates import DAY, Authority

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BODY = b"{}"


class Receiver:
    """Answers 200, and remembers who its clients say they are."""

    def __init__(self) -> None:
        self.clients: list[str | None] = []
        self.port = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        shown = writer.get_extra_info("peercert")
        self.clients.append(
            dict(pair[0] for pair in shown["subject"])["commonName"] if shown else None
        )
        try:
            while True:
                await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(len(BODY))
                writer.write(OK)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()


@asynccontextmanager
async def receiving(
    place: Path, certificate: str, clients_of: Authority | None = None
) -> AsyncIterator[Receiver]:
    file = place / "server.pem"
    file.write_text(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    if clients_of is not None:
        context.load_verify_locations(cadata=clients_of.pem)
        context.verify_mode = ssl.CERT_REQUIRED
    made = Receiver()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, ssl=context)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


@asynccontextmanager
async def transport_to(receiver: Receiver) -> AsyncIterator[HttpTransport]:
    networks = [AllowedNetwork(cidr, (receiver.port,)) for cidr in ("127.0.0.0/8", "::1/128")]
    transport = HttpTransport(Guard(networks))
    try:
        yield transport
    finally:
        await transport.close()


async def send(
    transport: HttpTransport, receiver: Receiver, tls: PrivateTls | None = None
) -> Answer:
    url = f"https://localhost:{receiver.port}/"
    return await transport.post(url, [], BODY, 20, tls)


async def test_only_the_endpoints_own_authority_is_trusted(tmp_path: Path) -> None:
    ours, theirs = Authority(), Authority()
    async with (
        receiving(tmp_path, ours.certificate()) as receiver,
        transport_to(receiver) as transport,
    ):
        good = await send(transport, receiver, PrivateTls(ours.pem))
        other = await send(transport, receiver, PrivateTls(theirs.pem))
        system = await send(transport, receiver)
    assert good.status == 200
    assert (other.error, system.error) == ("tls", "tls")
    assert "issuer" in other.detail


async def test_the_receiver_sees_who_we_are(tmp_path: Path) -> None:
    ours = Authority()
    me = PrivateTls(ours.pem, Secret(ours.certificate("hookswitch")))
    async with (
        receiving(tmp_path, ours.certificate(), clients_of=ours) as receiver,
        transport_to(receiver) as transport,
    ):
        known = await send(transport, receiver, me)
        unknown = await send(transport, receiver, PrivateTls(ours.pem))
    assert known.status == 200
    assert unknown.error in {"tls", "connect", "protocol"}
    assert receiver.clients[0] == "hookswitch"


async def test_connections_are_shared_only_under_the_same_settings(tmp_path: Path) -> None:
    ours = Authority()
    one = PrivateTls(ours.pem, Secret(ours.certificate("one")))
    two = PrivateTls(ours.pem, Secret(ours.certificate("two")))
    async with (
        receiving(tmp_path, ours.certificate(), clients_of=ours) as receiver,
        transport_to(receiver) as transport,
    ):
        for tls in (one, two, one, two, one):
            assert (await send(transport, receiver, tls)).status == 200
    assert sorted(map(str, receiver.clients)) == ["one", "two"]


@pytest.mark.parametrize(
    ("begins", "ends"),
    [(-2 * DAY, -DAY), (DAY, 2 * DAY)],
    ids=["expired", "not yet valid"],
)
async def test_a_certificate_out_of_its_time(
    tmp_path: Path, begins: dt.timedelta, ends: dt.timedelta
) -> None:
    ours = Authority()
    certificate = ours.certificate(begins=begins, ends=ends)
    async with receiving(tmp_path, certificate) as receiver, transport_to(receiver) as transport:
        answer = await send(transport, receiver, PrivateTls(ours.pem))
    assert answer.error == "tls"
    assert "certificate" in answer.detail


async def test_a_certificate_for_another_host(tmp_path: Path) -> None:
    ours = Authority()
    certificate = ours.certificate("other.example")
    async with receiving(tmp_path, certificate) as receiver, transport_to(receiver) as transport:
        answer = await send(transport, receiver, PrivateTls(ours.pem))
    assert (answer.error, answer.detail) == ("tls", "the certificate is for another host name")


@pytest.mark.parametrize("tls", [PrivateTls("junk"), PrivateTls("", Secret("junk"))])
async def test_settings_that_cannot_be_used(tmp_path: Path, tls: PrivateTls) -> None:
    ours = Authority()
    async with (
        receiving(tmp_path, ours.certificate()) as receiver,
        transport_to(receiver) as transport,
    ):
        answer = await send(transport, receiver, tls)
    assert answer.error == "config"
    assert receiver.clients == []
