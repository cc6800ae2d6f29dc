"""Which addresses a webhook may be sent to: default-deny, asked for each address as it is dialled.

`ipaddress.is_global` is not enough: it is true for NAT64 and 6to4 forms of 127.0.0.1, for the
old site-local range and for multicast.
"""

from collections.abc import Callable, Iterable, Sequence
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)
from typing import Final

from msgspec import Struct

from hookswitch.delivery.errors import Blocked

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network


class AllowedNetwork(Struct, frozen=True):
    """Private addresses an administrator opens. No port listed means no port open."""

    cidr: str
    ports: tuple[int, ...]


def _networks(*cidrs: str) -> tuple[IpNetwork, ...]:
    return tuple(ip_network(cidr) for cidr in cidrs)


NEVER: Final = _networks(
    "0.0.0.0/8",  # dialling "this host" reaches our own loopback
    "::/128",
    "169.254.0.0/16",  # link-local, where clouds keep their machine's credentials
    "fd00:ec2::254/128",
    "100.100.100.200/32",
    "168.63.129.16/32",
    "192.0.0.192/32",
)
"""Closed whatever an administrator allows."""

_NOT_PUBLIC: Final = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",  # AS112
    "192.52.193.0/24",  # AMT relays
    "192.88.99.0/24",  # 6to4 relays
    "192.168.0.0/16",
    "192.175.48.0/24",  # AS112
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "2001::/23",  # Teredo, benchmarking, ORCHID and other protocol assignments
    "2001:db8::/32",
    "2002::/16",  # 6to4 hides an IPv4 address
    "2620:4f:8000::/48",  # AS112
    "3ffe::/16",  # the 6bone, given back
    "3fff::/20",
)
_IPV6_UNICAST: Final = IPv6Network("2000::/3")
_EMBEDS_IPV4: Final = (
    IPv6Network("::ffff:0:0/96"),  # mapped: the kernel dials the IPv4 address
    IPv6Network("64:ff9b::/96"),  # NAT64: a gateway does
    IPv6Network("::/96"),  # compatible, long deprecated
)
_IPV6_HOST_FORMS: Final = (IPv6Address("::"), IPv6Address("::1"))


def is_loopback(address: IpAddress) -> bool:
    return address.is_loopback


class Guard:
    """Says whether an address and port may be dialled.

    `own` are our listeners, always closed; one on a wildcard address counts for every address of
    this machine, which `is_local` recognizes.
    """

    def __init__(
        self,
        allowed: Sequence[AllowedNetwork] = (),
        own: Sequence[tuple[str, int]] = (),
        is_local: Callable[[IpAddress], bool] = is_loopback,
    ) -> None:
        self._allowed = tuple((ip_network(net.cidr), frozenset(net.ports)) for net in allowed)
        listeners = [(effective(ip_address(host)), port) for host, port in own]
        self._own = frozenset(listeners)
        self._own_wildcard = frozenset(port for host, port in listeners if host.is_unspecified)
        self._is_local = is_local

    def check(self, ip_text: str, port: int) -> None:
        """Raise `Blocked` unless this address, as it stands in the sockaddr, may be dialled."""
        address = _parse(ip_text)
        if _within(address, NEVER):
            raise Blocked("always closed")
        if self._is_own(address, port):
            raise Blocked("our own listener")
        if not is_public(address) and not self._is_allowed(address, port):
            raise Blocked("not a public address and not allowed")

    def _is_own(self, address: IpAddress, port: int) -> bool:
        if (address, port) in self._own:
            return True
        return port in self._own_wildcard and (address.is_loopback or self._is_local(address))

    def _is_allowed(self, address: IpAddress, port: int) -> bool:
        return any(port in ports and address in network for network, ports in self._allowed)


def is_public(address: IpAddress) -> bool:
    """Whether an effective address is ordinary unicast of the public Internet."""
    if isinstance(address, IPv6Address) and address not in _IPV6_UNICAST:
        return False
    return not _within(address, NEVER) and not _within(address, _NOT_PUBLIC)


def effective(address: IpAddress) -> IpAddress:
    """The IPv4 address inside an IPv6 one that only wraps it, else the address itself."""
    if isinstance(address, IPv4Address) or address in _IPV6_HOST_FORMS:
        return address
    if any(address in network for network in _EMBEDS_IPV4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _parse(ip_text: str) -> IpAddress:
    if "%" in ip_text:
        raise Blocked("an address with a zone")
    try:
        return effective(ip_address(ip_text))
    except ValueError:
        raise Blocked("not an address") from None


def _within(address: IpAddress, networks: Iterable[IpNetwork]) -> bool:
    return any(address in network for network in networks)
