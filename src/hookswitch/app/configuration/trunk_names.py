"""The names of trunks, looked up before the engine does it.

The engine looks up whose calls are a trunk's while it reads its configuration: it waits for a name
service that is silent, and refuses the trunk when it says no. So a name that cannot be looked up is
left out, and put in once it can; what calls the trunk itself looks its name up for each call.
"""

import asyncio
import ipaddress
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Final

from hookswitch.config.document import Document, TrunkConfig
from hookswitch.delivery.failures import NameUnknownError
from hookswitch.delivery.resolver import ThreadResolver

WITHIN_S: Final = 2.0
"""How long Apply and a start wait for all names together."""
AGAIN_S: Final = 10.0

Places = Mapping[str, tuple[str, ...]]
"""Of hosts that cannot be looked up: the addresses they had last, or none."""


class TrunkNames:
    """Remembers what names stood for: a trunk that was known stays so without a name service."""

    def __init__(self) -> None:
        self._resolver = ThreadResolver()
        self._last: dict[str, tuple[str, ...]] = {}

    async def missing(self, document: Document) -> Places:
        """Give the hosts of `document` that cannot be looked up now."""
        hosts = sorted({trunk.host for trunk in document.trunks if _is_name(trunk.host)})
        found = await asyncio.gather(*map(self._look_up, hosts))
        missing = (host for host, is_known in zip(hosts, found, strict=True) if not is_known)
        return {host: self.known(host) for host in missing}

    def known(self, host: str) -> tuple[str, ...]:
        return self._last.get(host, ())

    async def _look_up(self, host: str) -> bool:
        try:
            async with asyncio.timeout(WITHIN_S):
                found = await self._resolver.resolve(host, 0)
        except (NameUnknownError, TimeoutError):
            return False
        self._last[host] = tuple(dict.fromkeys(str(info[4][0]) for info in found))
        return True

    def close(self) -> None:
        self._resolver.close()


class NameWatch:
    """Runs until `stop`; `again` looks whether names that are missing can be looked up now."""

    def __init__(self, again: Callable[[], Awaitable[None]]) -> None:
        self._again = again
        self._stopped = asyncio.Event()

    def stop(self) -> None:
        self._stopped.set()

    async def run(self) -> None:
        while not self._stopped.is_set():
            try:
                await asyncio.wait_for(self._stopped.wait(), AGAIN_S)
            except TimeoutError:
                await self._again()


def warnings_of(trunks: Iterable[TrunkConfig], missing: Places) -> tuple[str, ...]:
    """What an administrator is told of each trunk whose host cannot be looked up."""
    return tuple(
        f"trunks {trunk.name}: host: {trunk.host} cannot be looked up: the trunk is away until it"
        " can: mend the name, or the name service (DNS) of this machine"
        for trunk in trunks
        if trunk.host in missing
    )


def _is_name(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
