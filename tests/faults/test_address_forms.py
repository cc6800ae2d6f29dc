"""Every way to write an address that is not open: nothing is dialled, and the answer gives nothing
away. A real server listens on loopback, to see that nobody comes.
"""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Final

import pytest

from hookswitch.delivery import resolver
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.http_transport import HttpTransport
from hookswitch.delivery.resolver import AddressInfo
from hookswitch.delivery.transport import Answer

LOOPBACK: Final = (
    "127.0.0.1", "127.0.0.2", "127.255.255.254", "127.1", "127.0.1", "127.0.0.1.", "0", "0.0.0.0",
    "00.0.0.0", "2130706433", "017700000001", "0x7f000001", "0x7f.0.0.1", "0177.0.0.1",
    "0x7f.1", "127.0x0.0.1", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::]",
    "[0:0:0:0:0:0:0:1]", "[::0001]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]", "[::127.0.0.1]", "[::7f00:1]", "[64:ff9b::127.0.0.1]",
    "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2002:7f00:1::1]", "[::ffff:0:7f00:1]",
    "[::1%25lo]", "[::ffff:127.0.0.1%25lo]",
    "user@127.0.0.1", "user:word@127.0.0.1", "example.com@127.0.0.1", "example.com:80@127.0.0.1",
    "%31%32%37.0.0.1", "127%2e0%2e0%2e1", "127\u30020\u30020\u30021",
    "\uff11\uff12\uff17.0.0.1", "\u2460\u2461\u2466.0.0.1", "\u24db\u24de\u24d2\u24d0lhost",
)  # fmt: skip
CLOUDS: Final = (
    "169.254.169.254", "169.254.170.2", "[fd00:ec2::254]", "100.100.100.200", "168.63.129.16",
    "192.0.0.192", "2852039166", "0xa9fea9fe", "0251.0376.0251.0376", "169.254.43518",
    "[::ffff:169.254.169.254]", "[::ffff:a9fe:a9fe]", "[64:ff9b::a9fe:a9fe]", "[2002:a9fe:a9fe::]",
    "[fe80::1]", "[fe80::a9fe:a9fe%251]",
)  # fmt: skip
NOT_PUBLIC: Final = (
    "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.0.1", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "198.51.100.7", "203.0.113.9", "192.88.99.1", "224.0.0.1",
    "239.255.255.250", "240.0.0.1", "255.255.255.255", "[fc00::1]", "[fd12:3456::1]", "[fec0::1]",
    "[ff02::1]", "[100::1]", "[2001::1]", "[2001:db8::1]", "[2001:10::1]", "[3fff::1]", "[5f00::1]",
    "[64:ff9b:1::1]", "[::ffff:10.0.0.1]", "[2002:c0a8:1::]", "[3ffe::1]", "[4000::1]",
)  # fmt: skip

_NETWORKS: Final = ("[fe80", "[2002")
"""Whole networks, of which an administrator may open some."""


class Listening:
    """On loopback of both families; counts who comes."""

    def __init__(self) -> None:
        self.came = 0
        self.port = 0

    async def accept(self, _reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.came += 1
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        writer.close()


@pytest.fixture
async def listening() -> AsyncIterator[Listening]:
    made = Listening()
    server = await asyncio.start_server(made.accept, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    six = None
    if socket.has_ipv6:
        try:
            six = await asyncio.start_server(made.accept, "::1", made.port)
        except OSError:  # no IPv6 on this machine
            six = None
    yield made
    server.close()
    if six is not None:
        six.close()


async def send(url: str, *networks: AllowedNetwork) -> Answer:
    transport = HttpTransport(Guard(networks))
    try:
        return await transport.post(url, [], b"{}", 20)
    finally:
        await transport.close()


def test_there_are_enough_of_them() -> None:
    assert len({*LOOPBACK, *CLOUDS, *NOT_PUBLIC}) >= 60


@pytest.mark.parametrize("host", LOOPBACK)
async def test_no_spelling_of_loopback_is_dialled(listening: Listening, host: str) -> None:
    answer = await send(f"http://{host}:{listening.port}/")
    assert answer.error in {"blocked", "config", "dns"}
    assert (answer.status, listening.came) == (None, 0)
    assert "127" not in answer.detail


@pytest.mark.parametrize("host", [host for host in CLOUDS if not host.startswith(_NETWORKS)])
async def test_clouds_keep_their_secrets_whatever_is_allowed(host: str) -> None:
    everything = [AllowedNetwork(cidr, (80,)) for cidr in ("0.0.0.0/0", "::/0")]
    answer = await send(f"http://{host}/latest/meta-data/", *everything)
    assert answer.error in {"blocked", "config", "dns"}


@pytest.mark.parametrize("host", [*CLOUDS, *NOT_PUBLIC])
async def test_what_is_not_public_is_blocked(host: str) -> None:
    answer = await send(f"http://{host}/")
    assert answer.error in {"blocked", "config", "dns"}
    assert "allowed_networks" in answer.detail or answer.error != "blocked"


@pytest.mark.parametrize("port", [0, 65536, -1])
async def test_ports_that_are_none(port: int) -> None:
    answer = await send(f"http://127.0.0.1:{port}/")
    assert answer.error in {"blocked", "config"}


async def test_an_allowed_network_opens_its_ports_and_no_others(listening: Listening) -> None:
    ours = AllowedNetwork("127.0.0.1/32", (listening.port,))
    assert (await send(f"http://127.0.0.1:{listening.port}/", ours)).status == 200
    assert (await send(f"http://127.0.0.1:{listening.port + 1}/", ours)).error == "blocked"
    assert (await send(f"http://127.0.0.2:{listening.port}/", ours)).error == "blocked"
    assert listening.came == 1


# Names


def names(monkeypatch: pytest.MonkeyPatch, *answers: tuple[str, ...]) -> list[str]:
    """Let the name server give these one after the other, the last for good."""
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[AddressInfo]:
        given = answers[min(len(asked), len(answers) - 1)]
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port)) for ip in given]

    monkeypatch.setattr(resolver, "_look_up", look_up)
    return asked


async def test_a_name_that_changes_between_look_ups(
    monkeypatch: pytest.MonkeyPatch, listening: Listening
) -> None:
    """What was vetted is what is dialled: there is no second look-up that could differ."""
    asked = names(monkeypatch, ("10.0.0.1",), ("127.0.0.1",))
    answer = await send(f"http://rebind.example:{listening.port}/")
    assert answer.error == "blocked"
    assert (len(asked), listening.came) == (1, 0)


async def test_a_name_is_judged_each_time_it_is_dialled(
    monkeypatch: pytest.MonkeyPatch, listening: Listening
) -> None:
    ours = AllowedNetwork("127.0.0.1/32", (listening.port,))
    names(monkeypatch, ("127.0.0.1",), ("127.0.0.2",))
    url = f"http://moves.example:{listening.port}/"
    transport = HttpTransport(Guard([ours]))
    first = await transport.post(url, [], b"{}", 20)
    second = await transport.post(url, [], b"{}", 20)
    await transport.close()
    assert (first.status, second.error, listening.came) == (200, "blocked", 1)


async def test_of_a_names_addresses_only_the_open_one_is_dialled(
    monkeypatch: pytest.MonkeyPatch, listening: Listening
) -> None:
    ours = AllowedNetwork("127.0.0.1/32", (listening.port,))
    names(monkeypatch, ("10.0.0.1", "127.0.0.2", "127.0.0.1"))
    answer = await send(f"http://mixed.example:{listening.port}/", ours)
    assert (answer.status, listening.came) == (200, 1), answer


async def test_a_name_with_very_many_addresses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [("", 0, 0, "", (f"10.0.{n // 250}.{n % 250}", 80)) for n in range(5000)]
    monkeypatch.setattr(resolver.socket, "getaddrinfo", lambda *_args, **_named: many)
    judged: list[str] = []

    class Counting(Guard):
        def check(self, ip_text: str, port: int) -> None:
            judged.append(ip_text)
            super().check(ip_text, port)

    transport = HttpTransport(Counting())
    answer = await transport.post("http://many.example/", [], b"{}", 20)
    await transport.close()
    assert answer.error == "blocked"
    assert len(judged) <= 6
