"""Real calls while the disk runs full: new ones are refused, the others go on, nothing is lost.

As root the disk is a small file system of its own that is really filled; the same marks are also
driven by an injected measure of free space, which needs no privilege.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

import aiohttp
import pytest
from support.office import EVENTS, NUMBER, office, talking
from support.receiver import Request
from support.serving import Serving, serving

from hookswitch.app.upkeep.disk import FULL, Level
from hookswitch.phone import CallFailed
from kit.disk import mounted

pytestmark = pytest.mark.usefixtures("engine")

MB = 1 << 20
SIZE = 96
MARKS = {"disk_stop_recordings_mb": 40, "disk_refuse_calls_mb": 20, "disk_ballast_mb": 16}


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    with mounted(tmp_path / "disk", f"size={SIZE}m,mode=700"):
        yield tmp_path / "disk"


async def refused(at: Serving) -> int | None:
    call = await at.carrier.call(NUMBER)
    with pytest.raises(CallFailed):
        await call.answered()
    return call.final_status


async def until(true: Callable[[], bool], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not true():
            await asyncio.sleep(0.05)


async def asked(at: Serving, name: str) -> str:
    answer = await at.server.supervisor.ami.action("Getvar", Variable=name)
    return answer.get("Value")


async def told(at: Serving, name: str, value: str) -> None:
    """Wait until the engine knows; the level is set a moment before it is told."""
    async with asyncio.timeout(60):
        while await asked(at, name) != value:
            await asyncio.sleep(0.05)


async def health(at: Serving) -> tuple[int, str]:
    url = f"{at.server.web.url}/healthz"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, (await answer.json())["parts"]["disk"]


async def metric(at: Serving, name: str) -> float:
    url = f"{at.server.web.url}/metrics"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        text = await answer.text()
    return float(next(line.split()[1] for line in text.splitlines() if line.startswith(f"{name} ")))


def kinds(requests: Sequence[Request]) -> list[str]:
    return [request.event["type"] for request in requests]


Fill = Callable[[int], Awaitable[None]]


async def the_marks_hold(at: Serving, leave: Fill) -> None:
    """`leave` leaves so many megabytes free."""
    level = at.server.disk
    await told(at, "HS_REFUSE", "0")
    call = await talking(at)

    await leave(30)
    await until(lambda: level.level is Level.NO_RECORDINGS)
    await told(at, "HS_NO_RECORDING", "1")
    assert await health(at) == (200, "low: nothing is recorded")
    await (await talking(at)).hang_up()

    await leave(14)
    await until(lambda: level.level is Level.NO_CALLS)
    await told(at, "HS_REFUSE", "1")
    assert await health(at) == (503, "full: new calls are refused")
    assert await metric(at, "hookswitch_disk_level") == 2
    assert await refused(at) == 503
    await call.hang_up()
    await until(lambda: len(at.receiver.requests) == 6)

    await leave(60)
    await until(lambda: level.level is Level.OK)
    await told(at, "HS_REFUSE", "0")
    await told(at, "HS_NO_RECORDING", "0")
    assert await health(at) == (200, "ok")
    await (await talking(at)).hang_up()
    await until(lambda: len(at.receiver.requests) == 9)
    assert sorted(kinds(at.receiver.requests)) == sorted(EVENTS * 3), "the refused one gave none"


async def test_low_space_with_an_injected_measure(data: Path) -> None:
    async with office(data, **MARKS) as at:

        async def leave(megabytes: int) -> None:
            at.server.disk._free = lambda _place: megabytes * MB

        await leave(60)
        await the_marks_hold(at, leave)


async def test_low_space_on_a_small_disk(small_disk: Path) -> None:
    async with office(small_disk, **MARKS) as at:
        filler = Filler(small_disk)
        await the_marks_hold(at, filler.leave)


async def test_a_full_disk_leaves_the_journal_its_ballast(small_disk: Path) -> None:
    """The call that is up ends while nothing at all was free; its events come all the same."""
    async with office(small_disk, **MARKS) as at:
        ballast = at.server.supervisor.layout.journal_dir / ".ballast"
        await until(ballast.exists)
        call = await talking(at)
        filler = Filler(small_disk)
        await filler.leave(0)
        # the name is gone a moment before the blocks are free
        await until(lambda: not ballast.exists() and free(small_disk) > FULL)
        await call.hang_up()
        await until(lambda: kinds(at.receiver.requests) == EVENTS)
        assert await metric(at, "hookswitch_journal_dropped_bytes") == 0
        await filler.leave(60)
        await until(ballast.exists)


async def test_the_start_on_a_full_disk_takes_the_ballast(small_disk: Path) -> None:
    async with office(small_disk, **MARKS) as at:
        ballast = at.server.supervisor.layout.journal_dir / ".ballast"
        await until(ballast.exists)
    await Filler(small_disk).leave(0)
    async with serving(small_disk, **MARKS) as at:
        assert at.server.live.revision == 1
        assert not ballast.exists()
        assert await health(at) == (503, "full: new calls are refused")


def free(place: Path) -> int:
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


class Filler:
    """What somebody else writes on the same disk."""

    def __init__(self, disk: Path) -> None:
        self._disk = disk
        self._file = disk / "somebody-elses"

    async def leave(self, megabytes: int) -> None:
        """Measured anew until it succeeds: the system on trial writes in between."""
        self._file.unlink(missing_ok=True)
        with self._file.open("wb") as file:
            while True:
                room = free(self._disk) - megabytes * MB
                assert room > 0, "too much is there already"
                with contextlib.suppress(OSError):
                    os.posix_fallocate(file.fileno(), 0, room)
                    return
