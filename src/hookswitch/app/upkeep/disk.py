"""Room on the disk: recordings stop first, then new calls are refused; the journal has a reserve.

Calls that are up go on in any case. Everything comes back by itself when there is room again.
"""

import asyncio
import contextlib
import os
from collections.abc import Awaitable, Callable, Sequence
from enum import IntEnum
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.asterisk.errors import AmiError, EngineError
from hookswitch.asterisk.layout import Layout
from hookswitch.asterisk.supervise import State, Supervisor

EVERY_S: Final = 1.0
FULL: Final = 8 << 20
"""Bytes; with less than this the ballast is given to the journal."""
RECOVERED: Final = 1.1
"""So many times a mark must be free before what it stopped begins again."""
BALLAST: Final = ".ballast"

log = structlog.get_logger(__name__)

FreeSpace = Callable[[Path], int]


class Level(IntEnum):
    """What is stopped for want of space; each level stops what the ones before it do."""

    OK = 0
    NO_RECORDINGS = 1
    NO_CALLS = 2


HEALTH: Final = {
    Level.OK: "ok",
    Level.NO_RECORDINGS: "low: nothing is recorded",
    Level.NO_CALLS: "full: new calls are refused",
}


class Marks(Struct, frozen=True, kw_only=True):
    """Free bytes below which something is stopped, and how large the ballast is; 0 means never."""

    stop_recordings: int
    refuse_calls: int
    ballast: int


def free_bytes(place: Path) -> int:
    """What this user can still write on the file system of `place`."""
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize


class DiskWatch:
    """Compares the free space of `places` with the marks, and tells the engine what is stopped.

    `boot` counts the engine's starts: one that was started anew has forgotten what it was told.
    `recorded` names the channels that are being recorded.
    """

    def __init__(
        self,
        places: Sequence[Path],
        marks: Marks,
        *,
        ballast: Path,
        boot: Callable[[], int],
        tell: Callable[[Level], Awaitable[None]],
        recorded: Callable[[], frozenset[str]] = frozenset,
        free: FreeSpace = free_bytes,
    ) -> None:
        self._places = places
        self._marks = marks
        self._ballast = ballast
        self._boot = boot
        self._tell = tell
        self._recorded = recorded
        self._free = free
        self._told: tuple[int, Level, frozenset[str]] | None = None
        self._stop = asyncio.Event()
        self.level = Level.OK
        self.free = 0
        """Bytes, on the fullest of the places."""

    @property
    def health(self) -> str:
        return HEALTH[self.level]

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        """Look every second until `stop`."""
        while not self._stop.is_set():
            await asyncio.to_thread(self.look)
            await self._tell_engine()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._stop.wait()

    def look(self) -> None:
        """Measure, set the level, and free or make the ballast. Blocking."""
        found = [(free, place) for place in self._places if (free := self._measure(place)) >= 0]
        if not found:
            return
        self.free, place = min(found)
        level = self._level()
        if level != self.level:
            _log_level(level, self.free, place)
            self.level = level
        with contextlib.suppress(OSError):
            self._mind_ballast(self._measure(self._ballast.parent))

    def _measure(self, place: Path) -> int:
        """The free bytes, or -1 where nothing can be said: a folder that has vanished."""
        try:
            return self._free(place)
        except OSError:
            return -1

    def _level(self) -> Level:
        marks = {
            Level.NO_RECORDINGS: self._marks.stop_recordings,
            Level.NO_CALLS: self._marks.refuse_calls,
        }
        reached = [level for level, mark in marks.items() if self._is_below(level, mark)]
        return max(reached, default=Level.OK)

    def _is_below(self, level: Level, mark: int) -> bool:
        return self.free < mark * (RECOVERED if self.level >= level else 1)

    def _mind_ballast(self, free: int) -> None:
        size = self._marks.ballast
        if self._ballast.exists():
            if 0 <= free < FULL or not size:
                self._ballast.unlink()
                log.warning("disk.ballast_freed", free_mb=free >> 20)
        elif size and free - size >= max(self._marks.refuse_calls, FULL) * RECOVERED:
            _fill(self._ballast, size)
            log.info("disk.ballast_made", megabytes=size >> 20)

    async def _tell_engine(self) -> None:
        now = self._boot(), self.level, self._recorded() if self.level else frozenset()
        if now == self._told:
            return
        try:
            await self._tell(self.level)
        except EngineError as error:
            log.debug("disk.engine_not_told", error=str(error))
        else:
            self._told = now


def disk_watch(
    settings: Settings,
    data: DataDir,
    supervisor: Supervisor,
    recorded: Callable[[], frozenset[str]],
) -> DiskWatch:
    """The watch over everything that a running phone system writes."""
    layout = supervisor.layout
    return DiskWatch(
        (data.path, data.media, layout.spool, layout.journal_dir),
        Marks(
            stop_recordings=settings.disk_stop_recordings_mb << 20,
            refuse_calls=settings.disk_refuse_calls_mb << 20,
            ballast=settings.disk_ballast_mb << 20,
        ),
        ballast=_ballast(layout),
        boot=lambda: supervisor.boot,
        tell=lambda level: tell_engine(supervisor, level, recorded()),
        recorded=recorded,
    )


def make_room(data: DataDir) -> None:
    """Before a start: give the ballast away if the disk is full, or nothing could be opened."""
    ballast = _ballast(Layout(data.path))
    with contextlib.suppress(OSError):
        if free_bytes(ballast.parent) < FULL:
            ballast.unlink()


def _ballast(layout: Layout) -> Path:
    return layout.journal_dir / BALLAST


async def tell_engine(supervisor: Supervisor, level: Level, recorded: frozenset[str]) -> None:
    """Set the globals that the dialplan asks before it takes a call or records one, and end the
    recordings under way if there is no room for them: their calls go on.
    """
    if supervisor.state is not State.READY:
        raise EngineError("the engine is not ready")
    for name, least in (("HS_NO_RECORDING", Level.NO_RECORDINGS), ("HS_REFUSE", Level.NO_CALLS)):
        value = "1" if level >= least else "0"
        await supervisor.ami.action("Setvar", Variable=name, Value=value)
    if level >= Level.NO_RECORDINGS:
        for channel in recorded:
            with contextlib.suppress(AmiError):  # it has just ended
                await supervisor.ami.action("StopMixMonitor", Channel=channel)


def _fill(path: Path, size: int) -> None:
    """Make a file that really takes its space, or none.

    Not its folder: if that has vanished, the engine's supervisor must find it so and tell.
    """
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(file)


def _log_level(level: Level, free: int, place: Path) -> None:
    if level is Level.OK:
        log.info("disk.recovered", free_mb=free >> 20, place=str(place))
        return
    log.error(
        "disk.low",
        now=HEALTH[level],
        free_mb=free >> 20,
        place=str(place),
        mend="free some space; the rest happens by itself",
    )
