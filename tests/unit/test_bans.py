"""The rules of bans, by a clock of the test's own; the engine's part is in tests/engine."""

import asyncio
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from hookswitch.app.people.bans import MOST_BANNED, WINDOW_MS, BanRules, Bans
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.model.access import AuditEntry
from hookswitch.store.port import StoreError

ADDRESS = "192.0.2.7"


class Clock:
    now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def bans(place: Path, clock: Clock, failures: int = 3, audit: Any = None) -> Bans:
    supervisor = Supervisor(Engine(argv=("none",), version="22"), place)
    supervisor.layout.make()
    rules = BanRules(failures=failures, minutes=10, exempt=[ip_network("198.51.100.0/24")])
    return Bans(
        place / "bans.json",
        supervisor,
        rules,
        trunks=lambda: {"203.0.113.1", "2001:db8:1::/48", "sip.example"},
        audit=audit or _nobody,
        clock=clock,
    )


async def _nobody(_entry: AuditEntry) -> None:
    """Nobody listens."""


async def test_failures_count_within_five_minutes(tmp_path: Path, clock: Clock) -> None:
    found = bans(tmp_path, clock)
    for _ in range(5):
        found.login(ADDRESS, "alice", False)
        clock.now += WINDOW_MS // 2
    assert not found.all
    for _ in range(2):
        found.login(ADDRESS, "alice", False)
    assert [ban.address for ban in found.all] == [ADDRESS]


async def test_what_came_before_the_engine_knew_does_not_outlive_the_ban(
    tmp_path: Path, clock: Clock
) -> None:
    found = bans(tmp_path, clock)
    for _ in range(5):
        found.login(ADDRESS, "alice", False)
    assert found.remove(ADDRESS)
    for _ in range(2):
        found.login(ADDRESS, "alice", False)
    assert not found.all
    found.login(ADDRESS, "alice", False)
    assert [ban.address for ban in found.all] == [ADDRESS]


async def test_a_ban_ends_by_itself(tmp_path: Path, clock: Clock) -> None:
    found = bans(tmp_path, clock, failures=1)
    found.login(ADDRESS, "alice", False)
    clock.now += 10 * 60_000 - 1
    found.write()
    listed = (tmp_path / "engine/etc/banned.conf").read_text()
    assert listed == f"deny={ADDRESS}/32\n"
    clock.now += 1
    found.write()
    assert not found.all
    assert (tmp_path / "engine/etc/banned.conf").read_text() == ""


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "::1", "198.51.100.9", "203.0.113.1", "2001:db8:1::9", "", "x/y\ndeny=0.0.0.0/0"],
)
async def test_who_is_never_banned(tmp_path: Path, clock: Clock, address: str) -> None:
    found = bans(tmp_path, clock, failures=1)
    found.login(address, "alice", False)
    assert not found.all


async def test_none_is_banned_when_that_is_off(tmp_path: Path, clock: Clock) -> None:
    found = bans(tmp_path, clock, failures=0)
    for _ in range(1000):
        found.login(ADDRESS, "alice", False)
    assert not found.all


async def test_ipv6_is_one_address(tmp_path: Path, clock: Clock) -> None:
    found = bans(tmp_path, clock, failures=1)
    found.login("2001:db8::5", "alice", False)
    found.write()
    assert (tmp_path / "engine/etc/banned.conf").read_text() == "deny=2001:db8::5/128\n"


async def test_the_list_has_an_end(tmp_path: Path, clock: Clock) -> None:
    found = bans(tmp_path, clock, failures=1)
    for n in range(MOST_BANNED + 10):
        found.login(f"10.0.{n // 256}.{n % 256}", "alice", False)
    assert len(found.all) == MOST_BANNED
    assert "10.0.0.0" not in {ban.address for ban in found.all}


@pytest.mark.parametrize("content", ["", "{", "[]", '[{"address": "x"}]', "\udcff"])
async def test_a_damaged_file_is_no_obstacle(tmp_path: Path, clock: Clock, content: str) -> None:
    (tmp_path / "bans.json").write_bytes(content.encode(errors="surrogateescape"))
    assert not bans(tmp_path, clock).all


async def test_the_log_is_told_of_each_ban_when_it_can_be(tmp_path: Path, clock: Clock) -> None:
    told: list[AuditEntry] = []
    away = [True]

    async def audit(entry: AuditEntry) -> None:
        if away:
            away.clear()
            raise StoreError("away")
        told.append(entry)

    found = bans(tmp_path, clock, failures=2, audit=audit)
    running = asyncio.create_task(found.run())
    for account in ("alice", "x" * 300):
        found.login(ADDRESS, account, False)
    async with asyncio.timeout(60):
        while not told:
            await asyncio.sleep(0.01)
    found.stop()
    await running
    (entry,) = told
    assert (entry.what, entry.target, entry.at) == ("sip ban", ADDRESS, clock.now)
    assert entry.details == f"2 failed logins, the last one as {'x' * 80!r}"
