"""Name resolution with threads of its own, so that a name server that hangs blocks nothing else."""

import asyncio
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from hookswitch.delivery.failures import NameUnknownError

AddressInfo = tuple[int, int, int, str, tuple[str, int] | tuple[str, int, int, int]]
"""As `socket.getaddrinfo` gives it."""

_THREADS: Final = 32
_MAX_ADDRESSES: Final = 6
"""More of them would only eat the deadline."""


class ThreadResolver:
    """The system's resolver (hosts file, mDNS, DNS), asked once per name at a time."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="webhook-dns")
        self._asking: dict[tuple[str, int], asyncio.Future[Sequence[AddressInfo]]] = {}

    async def resolve(self, host: str, port: int) -> Sequence[AddressInfo]:
        """Give at most a handful of addresses; raises `NameUnknownError` only."""
        asked = (host, port)
        asking = self._asking.get(asked)
        if asking is None:
            loop = asyncio.get_running_loop()
            asking = loop.run_in_executor(self._threads, _look_up, host, port)
            self._asking[asked] = asking
            asking.add_done_callback(lambda _: self._asking.pop(asked, None))
        # One who gives up must not take the answer from the others.
        return await asyncio.shield(asking)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int) -> Sequence[AddressInfo]:
    flags = socket.AI_ADDRCONFIG
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=flags)
    except (OSError, UnicodeError) as error:  # a label too long for the IDNA codec
        raise NameUnknownError("not resolved") from error
    return found[:_MAX_ADDRESSES]  # type: ignore[return-value]  # bytes only without IPv6
