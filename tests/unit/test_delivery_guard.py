"""The guard's table: every form of an address that is known to slip past naive checks."""

import pytest

from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import AllowedNetwork, Guard, IpAddress, is_loopback

CLOSED = [
    # this machine
    "127.0.0.1",
    "127.0.0.2",
    "127.255.255.255",
    "::1",
    "0.0.0.0",
    "0.1.2.3",
    "::",
    # private networks
    "10.0.0.1",
    "10.255.255.255",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.0.1",
    "192.168.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "fc00::1",
    "fd12:3456:789a::1",
    # link-local, metadata services of clouds
    "169.254.169.254",
    "169.254.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fe80::1%25eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    # special blocks
    "192.0.0.1",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    # IPv6 forms of an IPv4 address
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "0:0:0:0:0:ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::127.0.0.1",
    "::10.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::10.0.0.1",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::7f00:1",
    "64:ff9b:1::8.8.8.8",
    "::ffff:0:127.0.0.1",
    "::ffff:0:7f00:1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2001:0:7f00:1::",
    "2001::1",
    # other IPv6 blocks
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "100::1",
    "5f00::1",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2620:4f:8000::1",
    "3ffe::1",
    "3fff::1",
    "4000::1",
    "8000::1",
    # not addresses at all
    "",
    "localhost",
    "2130706433",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "127.1",
    "1.2.3.4 ",
    "1.2.3.4:80",
    "[::1]",
    "example.com",
]
OPEN = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "126.255.255.255",
    "128.0.0.0",
    "168.63.129.17",
    "169.253.255.255",
    "172.15.255.255",
    "172.32.0.0",
    "192.167.255.255",
    "192.169.0.0",
    "198.17.255.255",
    "198.20.0.0",
    "223.255.255.255",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2001:200::1",
    "2001:4860:4860::8888",
    "2606:4700:4700::1111",
    "2a00:1450:4001:80b::200e",
    "3fff:1000::1",
]
NEVER = [
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "fd00:ec2::254",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "::ffff:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b::100.100.100.200",
]
EVERYTHING = (AllowedNetwork("0.0.0.0/0", (443,)), AllowedNetwork("::/0", (443,)))


def passes(guard: Guard, address: str, port: int = 443) -> bool:
    try:
        guard.check(address, port)
    except Blocked:
        return False
    return True


@pytest.mark.parametrize("address", CLOSED)
def test_closed_by_default(address: str) -> None:
    assert not passes(Guard(), address)


@pytest.mark.parametrize("address", OPEN)
def test_open_by_default(address: str) -> None:
    assert passes(Guard(), address)


@pytest.mark.parametrize("address", NEVER)
def test_closed_whatever_is_allowed(address: str) -> None:
    assert not passes(Guard(EVERYTHING), address)


@pytest.mark.parametrize(
    ("cidr", "address"),
    [
        ("10.1.0.0/16", "10.1.2.3"),
        ("10.1.0.0/16", "::ffff:10.1.2.3"),
        ("10.1.0.0/16", "64:ff9b::10.1.2.3"),
        ("127.0.0.1/32", "127.0.0.1"),
        ("::1/128", "::1"),
        ("fd00::/8", "fd12::1"),
    ],
)
def test_an_allowance_opens_its_addresses_and_ports_only(cidr: str, address: str) -> None:
    guard = Guard([AllowedNetwork(cidr, (80, 8080))])
    assert passes(guard, address, 8080)
    assert not passes(guard, address, 8081)
    assert not passes(guard, "10.2.0.1", 8080)


def test_an_allowance_without_ports_opens_nothing() -> None:
    assert not passes(Guard([AllowedNetwork("10.0.0.0/8", ())]), "10.0.0.1", 80)


def test_an_allowance_of_the_wrapper_does_not_open_what_is_wrapped() -> None:
    guard = Guard([AllowedNetwork("64:ff9b::/96", (80,)), AllowedNetwork("::ffff:0:0/96", (80,))])
    assert not passes(guard, "64:ff9b::10.0.0.1", 80)
    assert not passes(guard, "::ffff:10.0.0.1", 80)


def test_our_own_listener_is_closed_though_its_network_is_allowed() -> None:
    guard = Guard([AllowedNetwork("127.0.0.0/8", (5038, 9000))], own=[("127.0.0.1", 5038)])
    assert not passes(guard, "127.0.0.1", 5038)
    assert not passes(guard, "::ffff:127.0.0.1", 5038)
    assert passes(guard, "127.0.0.1", 9000)


@pytest.mark.parametrize("wildcard", ["0.0.0.0", "::", "::ffff:0.0.0.0"])
def test_a_wildcard_listener_closes_its_port_on_every_address_of_this_machine(
    wildcard: str,
) -> None:
    def is_local(address: IpAddress) -> bool:
        return str(address) in {"192.168.1.5", "203.0.114.9"}

    allowed = [AllowedNetwork("192.168.0.0/16", (8080,)), AllowedNetwork("127.0.0.0/8", (8080,))]
    guard = Guard(allowed, own=[(wildcard, 8080)], is_local=is_local)
    assert not passes(guard, "127.0.0.1", 8080)
    assert not passes(guard, "192.168.1.5", 8080)
    assert not passes(guard, "203.0.114.9", 8080)
    assert passes(guard, "192.168.1.6", 8080)
    assert passes(guard, "203.0.114.9", 443)


def test_without_knowledge_of_the_machine_only_loopback_is_local() -> None:
    guard = Guard(
        [AllowedNetwork("10.0.0.0/8", (80,))], own=[("0.0.0.0", 80)], is_local=is_loopback
    )
    assert passes(guard, "10.0.0.1", 80)


def test_a_wrong_network_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        Guard([AllowedNetwork("10.0.0.1/8", (80,))])
