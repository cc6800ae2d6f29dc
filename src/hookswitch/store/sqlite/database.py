"""One writer thread that groups work into commits, and readers beside it."""

import asyncio
import contextlib
import os
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import Final, TypeVar

from hookswitch.store.port import StoreError

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

GROUP: Final = 64
"""Most pieces of work in one commit: the fsync is shared, the wait stays short."""

WRITER_CACHE_KB: Final = 16 * 1024
CHECKPOINT_PAGES: Final = 4000
"""Pages written often are copied back seldom; the log grows to about 16 MB."""

BUSY_TIMEOUT_S: Final = 5.0


class _Job:
    """A piece of work and the future of the loop that waits for it."""

    def __init__(
        self, work: Work[object], loop: asyncio.AbstractEventLoop, *, is_promise: bool
    ) -> None:
        self.work = work
        self.is_promise = is_promise
        self.loop = loop
        self.future: asyncio.Future[object] = loop.create_future()
        self.result: object = None
        self.error: BaseException | None = None

    def settle(self) -> None:
        # The loop may be gone when a process is ending; then nobody waits any more.
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        if self.future.done():
            return
        if self.error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(self.error)


class Database:
    """A SQLite file in WAL mode with synchronous=FULL: what `write` returned is on disk.

    Work that promises nothing waits for no disk, unless it shares its commit with some that does.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._writer = connect(path)
        self._writer.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KB}")
        self._waits_for_disk = True
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="sqlite-writer", daemon=True)
        self._local = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._pool = ThreadPoolExecutor(2, thread_name_prefix="sqlite-reader")
        self._thread.start()

    async def write(self, work: Work[T], *, is_promise: bool = True) -> T:
        """Run in the writer thread; returns after the commit that holds it, or raises."""
        self._check_open()
        job = _Job(work, asyncio.get_running_loop(), is_promise=is_promise)
        self._jobs.put(job)
        return await job.future  # type: ignore[return-value]  # the job carries its own T

    async def read(self, work: Work[T]) -> T:
        """Run on a read-only connection; sees every finished write."""
        self._check_open()
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._read, work)

    async def close(self) -> None:
        """Finish the work handed in so far; later work is refused."""
        if self._closed:
            return
        self._closed = True
        self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)
        self._pool.shutdown()
        for reader in self._readers:
            reader.close()
        self._writer.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError(f"database {self.path}: it is closed: the process is ending")

    def _read(self, work: Work[T]) -> T:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        try:
            if connection is None:
                connection = self._local.connection = connect(self.path)
                connection.execute("PRAGMA query_only = ON")
                self._readers.append(connection)
            return work(connection)
        except sqlite3.Error as error:
            raise translate(error, self.path) from error

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            group = [job]
            last = False
            while len(group) < GROUP and not self._jobs.empty():
                following = self._jobs.get()
                if following is None:
                    last = True
                    break
                group.append(following)
            self._commit(group)
            if last:
                return

    def _commit(self, group: list[_Job]) -> None:
        """Run each job in a savepoint of one transaction; a failing job undoes only itself."""
        try:
            if self._writer.in_transaction:  # an earlier ROLLBACK failed too
                self._writer.execute("ROLLBACK")
            self._wait_for_disk(any(job.is_promise for job in group))
            self._writer.execute("BEGIN IMMEDIATE")
            for job in group:
                self._run_job(job)
            self._writer.execute("COMMIT")
        except sqlite3.Error as error:
            with contextlib.suppress(sqlite3.Error):
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
            for job in group:
                job.error = job.error or translate(error, self.path)
        for job in group:
            job.settle()

    def _wait_for_disk(self, wanted: bool) -> None:
        """For the next commit. What one without the wait wrote, the next one with it syncs."""
        if wanted != self._waits_for_disk:
            self._writer.execute(f"PRAGMA synchronous = {'FULL' if wanted else 'NORMAL'}")
            self._waits_for_disk = wanted

    def _run_job(self, job: _Job) -> None:
        self._writer.execute("SAVEPOINT job")
        try:
            job.result = job.work(self._writer)
        except Exception as error:
            if not self._writer.in_transaction:  # the whole transaction was lost (disk full)
                raise sqlite3.OperationalError(str(error)) from error
            self._writer.execute("ROLLBACK TO job")
            job.error = translate(error, self.path) if _is_database(error) else error
        self._writer.execute("RELEASE job")


def connect(path: Path) -> sqlite3.Connection:
    """Open (creating it 0600) with the settings every connection needs."""
    try:
        _create(path)
        connection = sqlite3.connect(
            path, isolation_level=None, check_same_thread=False, timeout=BUSY_TIMEOUT_S
        )
    except (OSError, sqlite3.Error) as error:
        raise translate(error, path) from error
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA temp_store = MEMORY")
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    except sqlite3.Error as error:
        connection.close()
        raise translate(error, path) from error
    return connection


def _create(path: Path) -> None:
    """Make the file private from its first moment.

    An existing one is not opened: closing it again would drop every POSIX lock that SQLite holds
    on it in this process, and the next program to read it would delete the log under our commits.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))


def _is_database(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error)


def translate(error: BaseException, path: Path) -> StoreError:
    """Give the error of the port, which says what to do."""
    text = str(error.strerror) if isinstance(error, OSError) else str(error)
    for sign, mend in _MENDS:
        if sign in text:
            return StoreError(f"database {path}: {text}: {mend}")
    return StoreError(f"database {path}: {text}")


_WRITABLE: Final = "make the data directory and the file writable for this user"
_MENDS: Final = (
    ("full", "free some space on its disk; work goes on by itself"),
    ("No space left", "free some space on its disk; work goes on by itself"),
    ("quota", "free some space on its disk; work goes on by itself"),
    ("locked", "another program holds it; close that program"),
    ("malformed", "restore it from a backup"),
    ("not a database", "restore it from a backup, or name another data directory"),
    ("readonly", _WRITABLE),
    ("Read-only", _WRITABLE),
    ("Permission denied", _WRITABLE),
    ("unable to open", _WRITABLE),
    ("disk I/O error", "its disk fails: look at the system's log"),
    ("No such file", "create the data directory"),
)
