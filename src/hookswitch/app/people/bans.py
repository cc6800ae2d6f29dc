"""Addresses that guess SIP passwords are banned for a while; the engine refuses them.

Who logs in with success has guessed nothing: it clears what was counted for the address. Trunks,
this machine and the exempt networks are never banned, however many phones fail behind them.
"""

import asyncio
import contextlib
import ipaddress
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable, Collection, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from pathlib import Path
from typing import Final

import msgspec
import structlog
from msgspec import Struct

from hookswitch.app.clock import now_ms
from hookswitch.asterisk.configuration import acl
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.supervise import State, Supervisor
from hookswitch.model.access import AuditEntry
from hookswitch.model.bans import Ban
from hookswitch.model.ids import Ms
from hookswitch.store.port import StoreError

EVERY_S: Final = 1.0
WINDOW_MS: Final = 300_000
"""Failures that are older do not count."""
MOST_COUNTED: Final = 10_000
MOST_BANNED: Final = 5_000
"""Addresses; the oldest make room."""
OWN: Final = frozenset({"127.0.0.1", "::1"})

log = structlog.get_logger(__name__)

Network = IPv4Network | IPv6Network


class BanRules(Struct, frozen=True, kw_only=True):
    """So many failures within five minutes ban for so long; 0 failures: nobody is banned."""

    failures: int
    minutes: int
    exempt: Sequence[Network] = ()


class Bans:
    """`trunks` gives the hosts that are never banned; `file` keeps the bans over restarts.

    `audit` is told of each ban.
    """

    def __init__(
        self,
        file: Path,
        supervisor: Supervisor,
        rules: BanRules,
        *,
        trunks: Callable[[], Collection[str]],
        audit: Callable[[AuditEntry], Awaitable[object]],
        clock: Callable[[], Ms] = now_ms,
    ) -> None:
        self._file = file
        self._supervisor = supervisor
        self._rules = rules
        self._trunks = trunks
        self._audit = audit
        self._untold: deque[Ban] = deque(maxlen=MOST_BANNED)
        self._clock = clock
        self._bans: dict[str, Ban] = _read(file)
        self._failures: OrderedDict[str, deque[Ms]] = OrderedDict()
        self._changed = asyncio.Event()
        self._version, self._told = 1, 0
        self._stopping = False
        self.failed_logins = 0

    @property
    def all(self) -> Sequence[Ban]:
        """The newest first."""
        return sorted(self._bans.values(), key=lambda ban: ban.since, reverse=True)

    def login(self, address: str, account: str, succeeded: bool) -> None:
        """Count a failure, or forget those there were."""
        if succeeded:
            self._failures.pop(address, None)
            return
        self.failed_logins += 1
        if address in self._bans:  # the engine did not know yet: nothing is held against it later
            return
        now = self._clock()
        times = self._failures.setdefault(address, deque(maxlen=max(1, self._rules.failures)))
        self._failures.move_to_end(address)
        times.append(now)
        while times and times[0] <= now - WINDOW_MS:
            times.popleft()
        if len(self._failures) > MOST_COUNTED:
            self._failures.popitem(last=False)
        if 0 < self._rules.failures <= len(times) and not self._is_exempt(address):
            self._ban(address, account, len(times))

    def remove(self, address: str) -> bool:
        """Let the address in again; False if it was not banned."""
        if self._bans.pop(address, None) is None:
            return False
        log.warning("sip.unbanned", address=address)
        self._change()
        return True

    def pardon(self, address: str) -> None:
        """It is known now: what it did as a stranger counts no more."""
        self._failures.pop(address, None)
        self.remove(address)

    def write(self) -> None:
        """For an engine that is about to start."""
        self._expire()
        acl.write_banned(self._supervisor.layout, self._bans)

    def stop(self) -> None:
        self._stopping = True
        self._changed.set()

    async def run(self) -> None:
        """Tell the engine whenever the list changes, until `stop`."""
        while not self._stopping:
            self._changed.clear()
            if self._expire():
                self._change()
            if self._told != self._version:
                await self._enforce()
            await self._tell()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._changed.wait()

    def _ban(self, address: str, account: str, failures: int) -> None:
        if address in self._bans:
            return
        now = self._clock()
        until = now + self._rules.minutes * 60_000
        self._bans[address] = Ban(
            address=address, since=now, until=until, failures=failures, account=account
        )
        if len(self._bans) > MOST_BANNED:
            del self._bans[next(iter(self._bans))]
        self._failures.pop(address, None)
        self._untold.append(self._bans[address])
        log.warning(
            "sip.banned",
            address=address,
            failures=failures,
            account=account,
            minutes=self._rules.minutes,
        )
        self._change()

    def _is_exempt(self, address: str) -> bool:
        parsed = _parsed(address)
        if parsed is None or address in OWN:
            return True
        trunks = (_network(place) for place in self._trunks())
        return any(net is not None and parsed in net for net in (*trunks, *self._rules.exempt))

    def _expire(self) -> bool:
        now = self._clock()
        over = [address for address, ban in self._bans.items() if ban.until <= now]
        for address in over:
            del self._bans[address]
            log.info("sip.ban_over", address=address)
        return bool(over)

    def _change(self) -> None:
        self._version += 1
        self._changed.set()

    async def _enforce(self) -> None:
        """A disk that is full or an engine that is away is tried again."""
        version = self._version
        try:
            await asyncio.to_thread(self._save, list(self._bans.values()))
            if self._supervisor.state is State.READY:
                await acl.reload_banned(self._supervisor.ami)
                self._told = version
        except (EngineError, OSError) as error:
            log.warning("sip.bans_not_enforced", error=str(error))

    async def _tell(self) -> None:
        """A database that is away is told later."""
        with contextlib.suppress(StoreError):
            while self._untold:
                await self._audit(_entry(self._untold[0]))
                self._untold.popleft()

    def _save(self, bans: Sequence[Ban]) -> None:
        acl.write_banned(self._supervisor.layout, [ban.address for ban in bans])
        write_atomic(self._file, msgspec.json.encode(bans).decode())


def _entry(ban: Ban) -> AuditEntry:
    said = f"{ban.failures} failed logins, the last one as {ban.account[:80]!r}"
    return AuditEntry(
        at=ban.since,
        who="hookswitch",
        what="sip ban",
        target=ban.address,
        address=ban.address,
        details=said,
    )


def _read(file: Path) -> dict[str, Ban]:
    try:
        found = msgspec.json.decode(file.read_bytes(), type=list[Ban])
    except FileNotFoundError:
        return {}
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("sip.bans_not_read", error=str(error))
        return {}
    return {ban.address: ban for ban in found if _parsed(ban.address)}


def _network(place: str) -> Network | None:
    """None for a host's name: it proves nothing."""
    try:
        return ipaddress.ip_network(place)
    except ValueError:
        return None


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(address)
    except ValueError:
        return None
