"""From a URL to an open connection: every address vetted as it is dialled."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import aiohappyeyeballs
from msgspec import Struct
from yarl import URL

from hookswitch.delivery.connection import Connection
from hookswitch.delivery.errors import Blocked
from hookswitch.delivery.guard import Guard
from hookswitch.delivery.resolver import ThreadResolver

_NEXT_ADDRESS_S: Final = 0.25
"""How long an address may take before the name's next one is dialled beside it."""


class Target(Struct, frozen=True):
    """A URL as the wire needs it; `host` is what is looked up and what the certificate names."""

    tls: bool
    host: str
    port: int
    head: bytes
    """The request's first line, and Host."""


@lru_cache(maxsize=4096)
def parse_target(url: str) -> Target | None:
    """None for what is no http or https URL."""
    try:
        parsed = URL(url)
        host, port = parsed.raw_host, parsed.port
    except ValueError:
        return None
    if parsed.scheme not in {"http", "https"} or not host or port is None:
        return None
    shown = f"[{host}]" if ":" in host else host
    authority = shown if parsed.is_default_port() else f"{shown}:{port}"
    lines = (f"POST {parsed.raw_path_qs or '/'} HTTP/1.1", f"Host: {authority}", "")
    if not all(line.isascii() and line.isprintable() for line in lines):
        return None
    head = "\r\n".join(lines).encode()
    return Target(tls=parsed.scheme == "https", host=host, port=port, head=head)


class _RefusedError(OSError):
    """The guard's verdict, as the dialler takes it: it goes on to the name's next address."""


async def dial(
    target: Target,
    guard: Guard,
    resolver: ThreadResolver,
    trust: ssl.SSLContext | None,
    make: Callable[[], Connection],
) -> Connection:
    """Connect, and shake hands if there is `trust`. Raises `Blocked` or an `OSError`."""
    blocked: list[Blocked] = []
    infos = await resolver.resolve(target.host, target.port)
    try:
        connected = await aiohappyeyeballs.start_connection(
            infos,
            happy_eyeballs_delay=_NEXT_ADDRESS_S,
            socket_factory=_vetting(guard, blocked),
        )
    except OSError as error:
        if blocked:
            raise blocked[0] from error
        raise
    except RuntimeError as error:  # uvloop, when the loop is closing
        raise ConnectionAbortedError("not connected") from error
    return await _open(connected, target, trust, make)


async def _open(
    connected: socket.socket,
    target: Target,
    trust: ssl.SSLContext | None,
    make: Callable[[], Connection],
) -> Connection:
    loop = asyncio.get_running_loop()
    name = target.host if trust is not None else None
    try:
        _, connection = await loop.create_connection(
            make, sock=connected, ssl=trust, server_hostname=name
        )
    except BaseException:
        connected.close()
        raise
    return connection


def _vetting(
    guard: Guard, blocked: list[Blocked]
) -> Callable[[aiohappyeyeballs.AddrInfoType], socket.socket]:
    def open_vetted(info: aiohappyeyeballs.AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = info
        try:
            guard.check(str(address[0]), int(address[1]))
        except Blocked as error:
            blocked.append(error)
            raise _RefusedError("blocked") from error
        return socket.socket(family, kind, protocol)

    return open_vetted
