"""The tail on real files, appended to as the engine does: open, one write, close."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from hookswitch.journal import tail as tail_module
from hookswitch.journal.tail import JournalTail, watch_growth
from hookswitch.model.journal import Cursor
from kit.journal import START, record


def numbered(number: int) -> bytes:
    return record("CHAN_START", START, f"n1b1-1.{number}")


SIZE = len(numbered(100))


def append(path: Path, *numbers: int) -> None:
    for number in numbers:
        with path.open("ab", buffering=0) as file:
            file.write(numbered(number))


def take(tail: JournalTail) -> list[int]:
    """Read once and go on, as the live line does; gives the numbers of the records."""
    read = tail.read()
    if read.cursor != tail.cursor:
        tail.advance(read.cursor)
    return [int(line.uniqueid.rpartition(".")[2]) for line in read.lines]


def drain(tail: JournalTail, until: Callable[[list[int]], bool]) -> list[int]:
    found: list[int] = []
    deadline = time.monotonic() + 10
    while not until(found):
        assert time.monotonic() < deadline, f"only {len(found)} records came"
        found += take(tail)
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.csv"


@pytest.fixture
def quickly_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tail_module, "SETTLED_S", 0.05)


def test_what_is_read_again_before_a_commit_is_the_same(path: Path) -> None:
    append(path, 100, 101)
    tail = JournalTail(path, Cursor())
    assert tail.read() == tail.read()
    assert take(tail) == [100, 101]
    assert take(tail) == []
    append(path, 102)
    assert take(tail) == [102]


def test_a_new_process_goes_on_from_any_record(path: Path) -> None:
    append(path, *range(100, 110))
    for n in range(11):
        tail = JournalTail(path, Cursor(0, n * SIZE))
        assert take(tail) == list(range(100 + n, 110))


def test_a_half_written_record_waits_for_its_rest(path: Path) -> None:
    path.write_bytes(numbered(100) + numbered(101)[:30])
    tail = JournalTail(path, Cursor())
    assert take(tail) == [100]
    assert tail.cursor == Cursor(0, SIZE)
    path.write_bytes(numbered(100) + numbered(101))
    assert take(tail) == [101]


def test_a_torn_record_is_counted(path: Path) -> None:
    path.write_bytes(numbered(100)[:40] + numbered(101))
    read = JournalTail(path, Cursor()).read()
    assert (len(read.lines), read.dropped) == (1, 40)


def test_a_journal_larger_than_one_read_comes_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail_module, "CHUNK", SIZE * 2 + 7)
    append(path, *range(100, 120))
    found = drain(JournalTail(path, Cursor()), lambda found: len(found) == 20)
    assert found == list(range(100, 120))


def test_no_journal_is_an_empty_one(path: Path) -> None:
    tail = JournalTail(path, Cursor())
    assert (take(tail), tail.lag()) == ([], 0)
    append(path, 100)
    assert take(tail) == [100]


def test_an_unreadable_journal_is_an_error(path: Path) -> None:
    path.mkdir()
    with pytest.raises(OSError, match="directory"):
        JournalTail(path, Cursor()).read()


def test_a_shrunk_journal_is_read_from_its_start(path: Path) -> None:
    append(path, 100, 101, 102)
    tail = JournalTail(path, Cursor())
    take(tail)
    path.write_bytes(b"")
    append(path, 103)
    assert take(tail) == []
    assert tail.cursor == Cursor(0, 0)
    assert take(tail) == [103]


def test_lag_is_what_is_not_committed_yet(path: Path) -> None:
    append(path, 100, 101)
    tail = JournalTail(path, Cursor(), rotate_at=2 * SIZE)
    assert tail.lag() == 2 * SIZE
    take(tail)
    assert tail.lag() == 0
    append(path, 102)
    assert tail.lag() == SIZE
    append(path.with_name("journal.csv.0"), 103)
    assert tail.lag() == 2 * SIZE


@pytest.mark.usefixtures("quickly_settled")
def test_rotation_waits_for_a_writer_that_had_the_file_open(path: Path) -> None:
    append(path, 100)
    tail = JournalTail(path, Cursor(), rotate_at=1)
    with path.open("ab", buffering=0) as late:
        assert take(tail) == [100]
        assert path.with_name("journal.csv.0").exists()
        append(path, 102)
        assert take(tail) == []
        late.write(numbered(101))
    assert drain(tail, lambda found: len(found) == 2) == [101, 102]
    assert tail.cursor.generation == 1


@pytest.mark.usefixtures("quickly_settled")
def test_a_record_torn_at_the_end_of_a_generation_does_not_stop_it(path: Path) -> None:
    append(path, 100)
    tail = JournalTail(path, Cursor(), rotate_at=1)
    take(tail)
    with path.with_name("journal.csv.0").open("ab") as file:
        file.write(numbered(101)[:50])
    append(path, 102)
    assert drain(tail, bool) == [102]


@pytest.mark.usefixtures("quickly_settled")
def test_rotating_under_a_writer_loses_and_doubles_nothing(path: Path) -> None:
    numbers = list(range(1, 601))

    def write() -> None:
        for number in numbers:
            append(path, number)
            time.sleep(0.0005)

    writer = threading.Thread(target=write)
    writer.start()
    tail = JournalTail(path, Cursor(), rotate_at=20 * SIZE, keep=2)
    found: list[int] = []
    while len(found) < len(numbers):
        tail = JournalTail(path, tail.cursor, rotate_at=20 * SIZE, keep=2)  # a new process
        found += drain(tail, bool)
    writer.join()
    assert found == numbers
    assert tail.cursor.generation >= 2


@pytest.mark.usefixtures("quickly_settled")
def test_only_the_newest_generations_are_kept(path: Path) -> None:
    tail = JournalTail(path, Cursor(), rotate_at=1, keep=2)
    for number in range(100, 106):
        append(path, number)
        assert drain(tail, bool) == [number]
    while tail.cursor.generation < 6:
        take(tail)
    left = sorted(file.name for file in path.parent.iterdir())
    assert left == ["journal.csv.4", "journal.csv.5"]


@pytest.mark.parametrize("generation", [0, 1, 2])
@pytest.mark.usefixtures("quickly_settled")
def test_a_cursor_in_an_earlier_generation_reads_all_that_follow(
    path: Path, generation: int
) -> None:
    for old in range(3):
        append(path.with_name(f"journal.csv.{old}"), 100 + old, 200 + old)
    append(path, 103)
    time.sleep(0.1)
    tail = JournalTail(path, Cursor(generation, SIZE))
    last = [n for old in range(generation + 1, 3) for n in (100 + old, 200 + old)]
    expected = [200 + generation, *last, 103]
    assert drain(tail, lambda found: len(found) == len(expected)) == expected
    assert tail.cursor.generation == 3


@pytest.mark.usefixtures("quickly_settled")
def test_a_cursor_older_than_all_that_is_kept_goes_on_at_the_oldest(path: Path) -> None:
    """A restored database: what is deleted is gone, what is there is read in order."""
    append(path.with_name("journal.csv.4"), 104)
    append(path.with_name("journal.csv.5"), 105)
    append(path, 106, 107)
    time.sleep(0.1)
    tail = JournalTail(path, Cursor(1, SIZE))
    assert drain(tail, lambda found: 107 in found) == [104, 105, 106, 107]


def test_other_files_beside_the_journal_are_left_alone(path: Path) -> None:
    for name in ("journal.csv.old", "journal.csv.1x", "journal.csv."):
        path.with_name(name).write_bytes(b"")
    append(path, 100)
    tail = JournalTail(path, Cursor(9, 0), keep=0)
    assert take(tail) == [100]
    tail.advance(Cursor(10, 0))
    assert len(list(path.parent.iterdir())) == 4


async def test_growth_wakes_the_reader(tmp_path: Path) -> None:
    wake = asyncio.Event()
    watching = asyncio.create_task(watch_growth(tmp_path, wake))
    try:
        await woken(wake, lambda: append(tmp_path / "journal.csv", 100))
        await woken(wake, lambda: append(tmp_path / "journal.csv", 101))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def test_a_directory_that_vanished_is_watched_again(tmp_path: Path) -> None:
    directory = tmp_path / "log"
    directory.mkdir()
    wake = asyncio.Event()
    watching = asyncio.create_task(watch_growth(directory, wake))
    try:
        await woken(wake, lambda: append(directory / "journal.csv", 100))
        (directory / "journal.csv").unlink()
        directory.rmdir()
        directory.mkdir()
        await woken(wake, lambda: append(directory / "journal.csv", 101))
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)


async def woken(wake: asyncio.Event, write: Callable[[], None]) -> None:
    """Write until the watch, which may not be set up yet, tells of it."""
    wake.clear()
    async with asyncio.timeout(60):
        while not wake.is_set():
            write()
            await asyncio.sleep(0.02)
