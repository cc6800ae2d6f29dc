"""Name resolution with threads of its own, so that a name server that hangs blocks nothing else.

A look-up that hangs keeps its thread until the system gives it up. So names that share a name
server, as far as can be told from them, share few of the threads, and the rest stay free.
"""

import asyncio
import socket
from collections import Counter, defaultdict, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from ipaddress import ip_address
from typing import Final

from hookswitch.delivery.failures import NameUnknownError

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]
"""As `socket.getaddrinfo` gives it."""

_THREADS: Final = 64
_OF_ONE_ZONE: Final = 4
"""Look-ups under way of names below one domain; further ones wait for these."""
_MAX_ADDRESSES: Final = 6
"""More of them would only eat the deadline."""
_SHORT: Final = 3
"""A second-level label of a country no longer than this is a registry's: co.uk, com.au."""

_Asked = tuple[str, int]


class ThreadResolver:
    """The system's resolver (hosts file, mDNS, DNS), asked once per name at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook-dns")
        self._asking: dict[_Asked, asyncio.Future[Sequence[AddressInfo]]] = {}
        self._busy: Counter[str] = Counter()
        self._waiting: dict[str, deque[asyncio.Future[None]]] = defaultdict(deque)

    async def resolve(self, host: str, port: int) -> Sequence[AddressInfo]:
        """Give at most a handful of addresses; raises `NameUnknownError` only."""
        if _is_address(host):
            return _look_up(host, port)  # nobody is asked
        asked = (host, port)
        asking = self._asking.get(asked)
        if asking is None:
            asking = asyncio.ensure_future(self._ask(host, port))
            self._asking[asked] = asking
            asking.add_done_callback(lambda done: self._asked(asked, done))
        # One who gives up must not take the answer from the others.
        return await asyncio.shield(asking)

    async def _ask(self, host: str, port: int) -> Sequence[AddressInfo]:
        loop, zone = asyncio.get_running_loop(), zone_of(host)
        if self._busy[zone] >= _OF_ONE_ZONE:
            turn = loop.create_future()
            self._waiting[zone].append(turn)
            await turn
        else:
            self._busy[zone] += 1
        try:
            return await loop.run_in_executor(self._threads, _look_up, host, port)
        finally:
            self._leave(zone)

    def _leave(self, zone: str) -> None:
        """The place goes to who has waited longest."""
        waiting = self._waiting.get(zone)
        if waiting:
            waiting.popleft().set_result(None)
            return
        self._waiting.pop(zone, None)
        self._busy[zone] -= 1
        if not self._busy[zone]:
            del self._busy[zone]

    def _asked(self, asked: _Asked, done: "asyncio.Future[Sequence[AddressInfo]]") -> None:
        self._asking.pop(asked, None)
        if not done.cancelled():
            done.exception()  # all who asked may have given up

    def close(self) -> None:
        for asking in list(self._asking.values()):
            asking.cancel()
        self._threads.shutdown(wait=False, cancel_futures=True)


def zone_of(host: str) -> str:
    """The domain whose name servers answer for a name, as far as the name tells."""
    labels = host.lower().rstrip(".").split(".")
    registry = len(labels) > 2 and len(labels[-1]) == 2 and len(labels[-2]) <= _SHORT
    return ".".join(labels[-3 if registry else -2 :])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _look_up(host: str, port: int) -> Sequence[AddressInfo]:
    flags = socket.AI_ADDRCONFIG
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:  # a label too long for the IDNA codec
        raise NameUnknownError("not resolved") from error
    return found[:_MAX_ADDRESSES]  # type: ignore[return-value]  # bytes only without IPv6
