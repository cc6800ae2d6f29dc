"""What is SQLite's own: its file, its writer thread, and the ways its disk fails.

The oracle for what is on disk is a second program: a new process with the standard library alone.
"""

import asyncio
import contextlib
import ctypes
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.port import StoreError
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore, database, migrate

READER = "import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); print(*db.execute(sys.argv[2]))"
CAPABILITIES_V3 = 0x20080522


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
async def store(file: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(file)
    yield opened
    await opened.close()


def batch(offset: int, events: int = 0, size: int = 100) -> Batch:
    made = [
        Event(
            id=EventId(f"{offset}/{number}"),
            type="user_inbound",
            call=CallId(f"c{offset}"),
            revision=1,
            at=1,
            body=b"x" * size,
        )
        for number in range(events)
    ]
    return Batch(
        node="n1",
        cursor=Cursor(1, offset),
        calls=[CallState(id=CallId(f"c{offset}"), started_at=1)],
        events=made,
        deliveries=[
            NewDelivery(event=each.id, call=each.call, endpoint=EndpointId("crm")) for each in made
        ],
        at=1,
    )


def on_disk(file: Path, query: str) -> str:
    """What another program reads; it closes the file as every program does."""
    argv = [sys.executable, "-c", READER, str(file), query]
    return subprocess.run(argv, capture_output=True, text=True, check=True, timeout=300).stdout


def unprivileged(work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine in a thread that file permissions apply to, also when root runs the tests."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            if os.geteuid() == 0:
                header = (ctypes.c_uint32 * 2)(CAPABILITIES_V3, 0)
                assert ctypes.CDLL(None).capset(header, (ctypes.c_uint32 * 6)()) == 0
            asyncio.run(work())
        except BaseException as error:  # noqa: BLE001  it is raised again below
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]


async def test_the_files_are_private_whatever_the_umask(file: Path) -> None:
    before = os.umask(0)
    try:
        store = await SqliteStore.open(file)
        await store.commit(batch(1))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    await store.close()
    assert modes == {"store.db": 0o600, "store.db-wal": 0o600, "store.db-shm": 0o600}


async def test_a_commit_is_on_disk_when_it_returns(store: SqliteStore, file: Path) -> None:
    for offset in (1, 2, 3):
        await store.commit(batch(offset))
        assert on_disk(file, "SELECT byte_offset FROM line") == f"({offset},)\n"


async def test_another_program_that_reads_does_not_lose_our_commits(
    store: SqliteStore, file: Path
) -> None:
    """Its close is not the last one: it must not take the write-ahead log away under us."""
    await store.commit(batch(1))
    await store.load_line("n1")
    on_disk(file, "SELECT 1")
    assert (file.parent / "store.db-wal").exists()
    await store.commit(batch(2))
    await store.load_line("n1")
    assert on_disk(file, "SELECT byte_offset FROM line") == "(2,)\n"


async def test_a_full_disk_is_told_leaves_nothing_and_is_over_by_itself(
    store: SqliteStore,
) -> None:
    await store.commit(batch(1))
    pages = await store._db.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await limit_pages(store, pages + 2)
    big = batch(2, 50, 4096)
    for _ in range(2):
        with pytest.raises(StoreError, match="free some space on its disk; work goes on by itself"):
            await store.commit(big)
    state = await store.load_line("n1")
    assert state.cursor == Cursor(1, 1)
    assert [call.id for call in state.open_calls] == ["c1"]
    assert list(await store.deliveries()) == list(await store.events(CallId("c2"))) == []
    await limit_pages(store, 1_000_000)
    await store.commit(big)
    assert len(await store.deliveries()) == 50
    assert on_disk(store._db.path, "PRAGMA integrity_check") == "('ok',)\n"


async def limit_pages(store: SqliteStore, pages: int) -> None:
    await store._db.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())


async def test_a_full_disk_does_not_undo_what_was_told_to_be_done(store: SqliteStore) -> None:
    """Of many writers side by side, each one's answer is the truth."""
    pages = await store._db.read(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await limit_pages(store, pages + 40)
    answers: list[BaseException | None] = []
    for first in range(1, 60, 6):
        work = [store.commit(batch(offset, 3, 4096)) for offset in range(first, first + 6)]
        answers += await asyncio.gather(*work, return_exceptions=True)
    done = {f"c{number}" for number, answer in enumerate(answers, 1) if answer is None}
    assert {type(answer) for answer in answers} == {type(None), StoreError}
    assert {call.id for call in await store.calls(limit=1000)} == done


async def test_a_directory_that_is_read_only(tmp_path: Path) -> None:
    closed, old = tmp_path / "closed", tmp_path / "old"
    for folder in (closed, old):
        folder.mkdir()
    await (await SqliteStore.open(old / "store.db")).close()
    for folder in (closed, old):
        folder.chmod(0o500)

    async def refused() -> None:
        for folder in (closed, old):
            with pytest.raises(StoreError, match="make the data directory and the file writable"):
                await SqliteStore.open(folder / "store.db")

    try:
        unprivileged(refused)
    finally:
        for folder in (closed, old):
            folder.chmod(0o700)
    assert list(closed.iterdir()) == []


async def test_a_file_that_is_read_only(file: Path) -> None:
    await (await SqliteStore.open(file)).close()
    make_read_only(file)

    async def refused() -> None:
        with pytest.raises(StoreError, match="make the data directory and the file writable"):
            await SqliteStore.open(file)

    unprivileged(refused)


async def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="create the data directory"):
        await SqliteStore.open(tmp_path / "full" / "store.db")


async def test_a_file_that_is_no_database(file: Path) -> None:
    overwrite(file, 0, b"This is not a database. " * 400)
    with pytest.raises(StoreError, match="restore it from a backup"):
        await SqliteStore.open(file)
    assert contents(file).startswith(b"This is not"), "it is left as it was"


async def test_a_damaged_file(file: Path) -> None:
    store = await SqliteStore.open(file)
    await store.commit(batch(1, 200, 4096))
    await store.close()
    overwrite(file, 4096, b"\xa5" * (len(contents(file)) - 4096))
    with pytest.raises(StoreError, match="restore it from a backup"):
        await opened_and_read(file)


async def opened_and_read(file: Path) -> None:
    store = await SqliteStore.open(file)
    try:
        await store.load_line("n1")
    finally:
        await store.close()


def make_read_only(file: Path) -> None:
    file.chmod(0o400)


def overwrite(file: Path, place: int, data: bytes) -> None:
    file.touch()
    with file.open("r+b") as out:
        out.seek(place)
        out.write(data)


def contents(file: Path) -> bytes:
    return file.read_bytes()


async def test_a_file_that_another_program_holds(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0.05)
    store = await SqliteStore.open(file)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="close that program"):
            await store.commit(batch(1))
        other.execute("ROLLBACK")
    await store.commit(batch(1))
    await store.close()


async def test_a_newer_schema_is_refused_and_left_alone(file: Path) -> None:
    await (await SqliteStore.open(file)).close()
    with contextlib.closing(sqlite3.connect(file)) as newer:
        newer.execute("PRAGMA user_version = 99")
    with pytest.raises(StoreError, match=r"has schema 99, .* install the newer Hookswitch again"):
        await SqliteStore.open(file)
    assert on_disk(file, "PRAGMA user_version") == "(99,)\n"


async def test_a_migration_that_fails_leaves_the_schema_before(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrate.migrations()
    broken = (known[-1][0] + 1, "CREATE TABLE half (a); CREATE TABLE half (a);")
    monkeypatch.setattr(migrate, "migrations", lambda: [*known, broken])
    with pytest.raises(StoreError, match="half already exists"):
        await SqliteStore.open(file)
    assert on_disk(file, "PRAGMA user_version") == f"({known[-1][0]},)\n"
    assert on_disk(file, "SELECT name FROM sqlite_master WHERE name = 'half'") == "\n"


class Held:
    """The writer thread, kept busy until all work of a test is in its queue."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._go = threading.Event()
        self._begun = threading.Event()

    async def __aenter__(self) -> None:
        def wait(_db: sqlite3.Connection) -> None:
            self._begun.set()
            assert self._go.wait(10)

        self._task = asyncio.create_task(self._store._db.write(wait))
        assert await asyncio.to_thread(self._begun.wait, 10)

    async def __aexit__(self, *_exc: object) -> None:
        await asyncio.sleep(0)  # the tasks made inside hand their work in
        self._go.set()
        await self._task


async def test_writers_side_by_side_share_commits(store: SqliteStore) -> None:
    said: list[str] = []
    store._db._writer.set_trace_callback(said.append)
    async with Held(store):
        work = [asyncio.create_task(store.commit(batch(n))) for n in range(1, 201)]
    await asyncio.gather(*work)
    store._db._writer.set_trace_callback(None)
    assert len(await store.calls(limit=1000)) == 200
    assert said.count("COMMIT") == 1 + -(-200 // database.GROUP)


async def test_only_work_that_promises_nothing_waits_for_no_disk(store: SqliteStore) -> None:
    def asked(db: sqlite3.Connection) -> str:
        return ("OFF", "NORMAL", "FULL")[db.execute("PRAGMA synchronous").fetchone()[0]]

    assert await store._db.write(asked, is_promise=False) == "NORMAL"
    assert await store._db.write(asked) == "FULL"
    async with Held(store):
        work = [
            asyncio.create_task(store._db.write(asked, is_promise=is_promise))
            for is_promise in (False, True, False)
        ]
    assert await asyncio.gather(*work) == ["FULL"] * 3, "they share a commit"


async def test_work_that_fails_does_not_undo_the_others_of_its_group(store: SqliteStore) -> None:
    def half(db: sqlite3.Connection) -> None:
        db.execute("UPDATE line SET node = 'lost'")
        raise ValueError("mine")

    async with Held(store):
        work = [
            asyncio.create_task(each)
            for each in (
                store.commit(batch(1)),
                store._db.write(half),
                store.commit(Batch(node="n1", cursor=Cursor(1, 9), deliveries=[_nowhere()])),
                store.commit(batch(2)),
            )
        ]
    answers = await asyncio.gather(*work, return_exceptions=True)
    assert [type(answer) for answer in answers] == [type(None), ValueError, StoreError, type(None)]
    state = await store.load_line("n1")
    assert state.cursor == Cursor(1, 2)
    assert [call.id for call in state.open_calls] == ["c1", "c2"]


def _nowhere() -> NewDelivery:
    return NewDelivery(event=EventId("none"), call=CallId("c"), endpoint=EndpointId("crm"))


async def test_a_cancelled_wait_does_not_stop_the_writer(store: SqliteStore) -> None:
    async with Held(store):
        task = asyncio.create_task(store.commit(batch(1)))
        await asyncio.sleep(0)
        task.cancel()
    await store.commit(batch(2))
    assert (await store.load_line("n1")).cursor == Cursor(1, 2)


async def test_close_finishes_the_work_handed_in(file: Path) -> None:
    store = await SqliteStore.open(file)
    async with Held(store):
        work = [asyncio.create_task(store.commit(batch(n))) for n in range(1, 201)]
    await store.close()
    await asyncio.gather(*work)
    assert on_disk(file, "SELECT count(*) FROM calls") == "(200,)\n"
