"""Tells whether an address belongs to this machine."""

import socket

from hookswitch.delivery.guard import IpAddress

_ANY_PORT = 9


def is_local(address: IpAddress) -> bool:
    """Ask the kernel's routing: it answers a local address with that address as the source.

    A datagram socket is connected, which sends nothing.
    """
    if address.is_loopback or address.is_unspecified:
        return True
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), _ANY_PORT))
            return str(probe.getsockname()[0]) == str(address)
    except OSError:
        return False
