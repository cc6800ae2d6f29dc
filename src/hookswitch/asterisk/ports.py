"""Choosing ports and finding them taken."""

import random
import socket
from collections.abc import Iterable

from hookswitch.asterisk.errors import PortInUseError

UDP, TCP = socket.SOCK_DGRAM, socket.SOCK_STREAM
ANY = range(20_002, 32_768)
"""Where a free port is looked for: above the media's ports, and below those that Linux lends to
outgoing connections, one of which could have it before the engine binds it."""


def is_free(host: str, port: int, kinds: Iterable[socket.SocketKind]) -> bool:
    """Tell whether `port` can be bound; port 0 is asking for any."""
    try:
        for kind in kinds:
            with socket.socket(_family(host), kind) as probe:
                if kind == TCP:
                    # As the engine does: a connection that has just ended is no obstacle.
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
    except OSError:
        return False
    return True


def free_port(host: str, kinds: tuple[socket.SocketKind, ...], taken: Iterable[int] = ()) -> int:
    """Give a port that is free for all `kinds` now and is none of `taken`."""
    for port in random.sample(ANY, len(ANY)):
        if port not in taken and is_free(host, port, kinds):
            return port
    raise PortInUseError(
        f"every port of {host} from {ANY[0]} to {ANY[-1]} is in use or not ours to use",
        "end programs that have them, or set the port to one outside of them",
    )


def require_free(setting: str, host: str, port: int, kinds: Iterable[socket.SocketKind]) -> None:
    """Refuse a configured port that is taken, naming the setting."""
    if not is_free(host, port, kinds):
        raise PortInUseError(
            f"{setting}: port {port} on {host} is in use or not ours to use",
            f"end the program that has it or set {setting} to another port (0: any free one)",
        )


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
