"""The marks, the ballast and what the engine is told, on an injected measure of free space."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from hookswitch.app.upkeep import disk
from hookswitch.app.upkeep.disk import FULL, DiskWatch, Level, Marks
from hookswitch.asterisk.errors import EngineError

MB = 1 << 20
MARKS = Marks(stop_recordings=1000 * MB, refuse_calls=200 * MB, ballast=MB)


class Machine:
    """A disk whose free space is what a test says, and an engine that can be deaf."""

    def __init__(self, place: Path, marks: Marks = MARKS) -> None:
        self.free = {place: 5000 * MB, place / "journal": 5000 * MB}
        (place / "journal").mkdir()
        self.boot = 1
        self.deaf = False
        self.told: list[Level] = []
        self.ballast = place / "journal" / "ballast"
        self.watch = DiskWatch(
            tuple(self.free),
            marks,
            ballast=self.ballast,
            boot=lambda: self.boot,
            tell=self.tell,
            free=lambda at: self.free[at],
        )

    async def tell(self, level: Level) -> None:
        if self.deaf:
            raise EngineError("deaf")
        self.told.append(level)

    def look(self, free_mb: float) -> Level:
        self.free = dict.fromkeys(self.free, int(free_mb * MB))
        self.watch.look()
        return self.watch.level


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_each_mark_stops_its_own_and_recovers_with_room_to_spare(machine: Machine) -> None:
    steps = [
        (1000, Level.OK),
        (999, Level.NO_RECORDINGS),
        (1050, Level.NO_RECORDINGS),
        (199, Level.NO_CALLS),
        (210, Level.NO_CALLS),
        (221, Level.NO_RECORDINGS),
        (1101, Level.OK),
        (10, Level.NO_CALLS),
        (2000, Level.OK),
    ]
    assert [machine.look(free) for free, _ in steps] == [level for _, level in steps]


def test_the_fullest_file_system_counts(machine: Machine, tmp_path: Path) -> None:
    machine.free[tmp_path / "journal"] = 100 * MB
    machine.watch.look()
    assert machine.watch.level is Level.NO_CALLS
    assert machine.watch.free == 100 * MB
    assert machine.watch.health == "full: new calls are refused"


def test_a_mark_of_nothing_never_stops(tmp_path: Path) -> None:
    machine = Machine(tmp_path, Marks(stop_recordings=0, refuse_calls=0, ballast=0))
    assert machine.look(0) is Level.OK
    assert not machine.ballast.exists()


def test_the_ballast_goes_when_the_disk_is_full_and_comes_back(machine: Machine) -> None:
    machine.look(5000)
    assert machine.ballast.stat().st_blocks * 512 >= MB, "it must take its space"
    machine.look(FULL / MB)
    assert machine.ballast.exists()
    machine.look(FULL / MB - 1)
    assert not machine.ballast.exists()
    machine.look(200)
    assert not machine.ballast.exists()
    machine.look(222)
    assert machine.ballast.exists()


def test_a_ballast_that_does_not_fit_is_not_left_half(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(disk.os, "posix_fallocate", full)
    assert machine.look(5000) is Level.OK
    assert not machine.ballast.exists()


def test_a_place_that_vanished_is_left_out(machine: Machine, tmp_path: Path) -> None:
    del machine.free[tmp_path / "journal"]
    gone = machine.watch._places[0]
    machine.free[gone] = 100 * MB
    real = machine.free

    def free(place: Path) -> int:
        if place not in real:
            raise FileNotFoundError(place)
        return real[place]

    machine.watch._free = free
    machine.watch.look()
    assert machine.watch.level is Level.NO_CALLS


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(disk, "EVERY_S", 0.01)
    return


@pytest.mark.usefixtures("quickly")
async def test_the_engine_is_told_once_and_again_when_it_was_started_anew(machine: Machine) -> None:
    """Also at the start: an adopted engine may still hold what an earlier process told it."""
    machine.deaf = True
    running = asyncio.create_task(machine.watch.run())
    await asyncio.sleep(0.05)
    assert machine.told == []
    machine.deaf = False
    await until(machine, [Level.OK])
    machine.free = dict.fromkeys(machine.free, 100 * MB)
    await until(machine, [Level.OK, Level.NO_CALLS])
    machine.boot = 2
    await until(machine, [Level.OK, Level.NO_CALLS, Level.NO_CALLS])
    machine.watch.stop()
    await running


async def until(machine: Machine, told: list[Level]) -> None:
    async with asyncio.timeout(60):
        while machine.told != told:
            await asyncio.sleep(0.005)
