"""The guard over the whole address space; the oracle is the standard library's `ipaddress`."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_network

from hypothesis import given
from hypothesis import strategies as st

from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import NEVER, AllowedNetwork, Guard

PORT = 443
GUARD = Guard()
PERMISSIVE = Guard([AllowedNetwork("0.0.0.0/0", (PORT,)), AllowedNetwork("::/0", (PORT,))])
WRAPPERS = ["::ffff:0:0", "64:ff9b::", "::"]
# Blocks where a mistake would hide are drawn as often as the rest of the space.
SPECIAL_V6 = [
    "::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/23",
    "2001::/32", "2001:db8::/32", "2002::/16", "3fff::/20", "fc00::/7", "fe80::/10", "ff00::/8",
]  # fmt: skip
SPECIAL_V4 = [
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
]  # fmt: skip

ipv4 = st.one_of(
    st.ip_addresses(v=4), *(st.ip_addresses(network=network) for network in SPECIAL_V4)
)
ipv6 = st.one_of(
    st.ip_addresses(v=6), *(st.ip_addresses(network=network) for network in SPECIAL_V6)
)


def passes(guard: Guard, address: object) -> bool:
    try:
        guard.check(str(address), PORT)
    except Blocked:
        return False
    return True


@given(ipv4)
def test_only_global_unicast_ipv4_passes(address: IPv4Address) -> None:
    if passes(GUARD, address):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved


@given(ipv6)
def test_only_global_unicast_ipv6_or_a_wrapped_public_ipv4_passes(address: IPv6Address) -> None:
    if not passes(GUARD, address):
        return
    if address in IPv6Network("2000::/3"):
        assert address.is_global
        assert address.teredo is None
        assert address.sixtofour is None
    else:
        assert any(address in IPv6Network(f"{wrapper}/96") for wrapper in WRAPPERS)
        assert passes(GUARD, IPv4Address(int(address) & 0xFFFF_FFFF))


@given(ipv4, st.sampled_from(WRAPPERS))
def test_a_wrapped_address_is_judged_as_the_address(address: IPv4Address, wrapper: str) -> None:
    wrapped = IPv6Address(int(IPv6Address(wrapper)) | int(address))
    if int(address) > 1:  # :: and ::1 are themselves
        assert passes(GUARD, wrapped) == passes(GUARD, address)
        assert passes(PERMISSIVE, wrapped) == passes(PERMISSIVE, address)


@given(ipv4)
def test_every_spelling_of_a_mapped_address_is_judged_alike(address: IPv4Address) -> None:
    number = int(address)
    spellings = {
        f"::ffff:{address}",
        f"::FFFF:{number >> 16:x}:{number & 0xFFFF:x}",
        f"0:0:0:0:0:ffff:{number >> 16:04x}:{number & 0xFFFF:04x}",
    }
    assert {passes(GUARD, spelling) for spelling in spellings} == {passes(GUARD, address)}


@given(st.one_of(*(st.ip_addresses(network=str(network)) for network in NEVER)))
def test_nothing_opens_what_is_always_closed(address: IPv4Address | IPv6Address) -> None:
    assert not passes(GUARD, address)
    assert not passes(PERMISSIVE, address)


@given(ipv4, ipv4, st.integers(0, 32))
def test_an_allowance_opens_nothing_outside_itself(
    allowed: IPv4Address, address: IPv4Address, prefix: int
) -> None:
    network = ip_network((int(allowed) >> (32 - prefix) << (32 - prefix), prefix))
    guard = Guard([AllowedNetwork(str(network), (PORT,))])
    if address not in network:
        assert passes(guard, address) == passes(GUARD, address)


@given(st.text())
def test_any_text_gives_a_verdict(text: str) -> None:
    passes(GUARD, text)
