"""Reading the journal where it grows: a cursor, rotation, and a wait that costs nothing.

The engine opens, appends and closes for every record, so a rename rotates: generation N is
`journal.csv` until it becomes `journal.csv.N` and generation N+1 begins.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog
from asyncinotify import Inotify, Mask
from msgspec import Struct

from hookswitch.journal.parse import parse
from hookswitch.model.journal import Cursor, JournalLine

CHUNK: Final = 1 << 20
ROTATE_AT: Final = 64 << 20
KEEP: Final = 4
"""Rotated files kept behind the cursor, for a look back."""
SETTLED_S: Final = 2.0
"""A record that was being written when the file was renamed is there after this time."""
POLL_S: Final = 0.25
"""How soon growth is seen if the kernel's notice is lost (the directory vanished)."""
NOTICE_S: Final = 0.005
"""How long further growth goes unnoticed."""
_GROWTH: Final = Mask.MODIFY | Mask.CREATE | Mask.MOVED_TO | Mask.DELETE_SELF

log = structlog.get_logger(__name__)


class Read(Struct, frozen=True):
    """Records and the cursor behind the last of them; `dropped` bytes were no records."""

    lines: Sequence[JournalLine]
    cursor: Cursor
    dropped: int = 0


class JournalTail:
    """Reads one node's journal from a cursor. `read` is blocking: call it in a thread."""

    def __init__(
        self, path: Path, cursor: Cursor, *, rotate_at: int = ROTATE_AT, keep: int = KEEP
    ) -> None:
        self.path = path
        self.cursor = cursor
        self._rotate_at = rotate_at
        self._keep = keep

    def read(self) -> Read:
        """Give what can be read now, fsynced, so that a commit behind it is safe.

        An unreadable file raises OSError; a missing one reads as empty.
        """
        rotated = self._rotated(self.cursor.generation)
        source = rotated if rotated.exists() else self.path
        later = [n for n in self._rotations() if n > self.cursor.generation]
        if source is self.path and later:
            log.error("journal.generation_missing", cursor=self.cursor)
            return Read((), Cursor(min(later), 0))
        try:
            file = os.open(source, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return Read((), self.cursor)
        try:
            return self._read_from(file, is_rotated=source is rotated)
        finally:
            os.close(file)

    def start_over(self) -> None:
        """Read the file from its beginning: it is another one than the cursor was made for."""
        self.cursor = Cursor(self.cursor.generation, 0)

    def advance(self, cursor: Cursor) -> None:
        """Go on from `cursor`, once what was read has been committed."""
        began = cursor.generation > self.cursor.generation
        self.cursor = cursor
        if began:
            self._delete_before(cursor.generation - self._keep)
        if cursor.offset >= self._rotate_at and not self._rotated(cursor.generation).exists():
            self._rotate()

    def lag(self) -> int:
        """Bytes written and not yet committed."""
        later = (n for n in self._rotations() if n >= self.cursor.generation)
        sizes = map(_size, (self.path, *map(self._rotated, later)))
        return max(0, sum(sizes) - self.cursor.offset)

    def _read_from(self, file: int, *, is_rotated: bool) -> Read:
        data = os.pread(file, CHUNK, self.cursor.offset)
        size = os.fstat(file).st_size
        if not data and size < self.cursor.offset and not is_rotated:
            log.error("journal.shrunk", size=size, cursor=self.cursor.offset)
            return Read((), Cursor(self.cursor.generation, 0))
        at_end = self.cursor.offset + len(data) >= size
        settled = is_rotated and at_end and _age(file) > SETTLED_S
        records = list(parse(data, complete=settled))
        if not records:
            return Read((), self._next_generation() if settled else self.cursor)
        os.fsync(file)
        offset = self.cursor.offset + records[-1].end
        dropped = sum(record.dropped for record in records)
        lines = [record.line for record in records if record.line is not None]
        return Read(lines, Cursor(self.cursor.generation, offset), dropped)

    def _next_generation(self) -> Cursor:
        return Cursor(self.cursor.generation + 1, 0)

    def _rotated(self, generation: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{generation}")

    def _rotate(self) -> None:
        target = self._rotated(self.cursor.generation)
        try:
            self.path.rename(target)
        except OSError as error:
            log.warning("journal.rotate_failed", error=str(error))
            return
        log.info("journal.rotated", to=target.name)

    def _delete_before(self, generation: int) -> None:
        for number in self._rotations():
            if number < generation:
                self._rotated(number).unlink(missing_ok=True)

    def _rotations(self) -> list[int]:
        """The generations there are rotated files of."""
        files = self.path.parent.glob(f"{self.path.name}.*")
        suffixes = (file.name.removeprefix(f"{self.path.name}.") for file in files)
        return [int(suffix) for suffix in suffixes if suffix.isdecimal() and suffix.isascii()]


async def watch_growth(directory: Path, wake: asyncio.Event) -> None:
    """Set `wake` whenever something is written in the journal's directory; runs until cancelled.

    A directory that vanishes is watched again when it is back; readers poll every POLL_S anyway.
    """
    while True:
        try:
            with Inotify() as inotify:
                inotify.add_watch(directory, _GROWTH)
                async for event in inotify:
                    wake.set()
                    if event.mask & Mask.DELETE_SELF:
                        break
                    # The kernel makes one of equal notices that wait: a busy journal gives few.
                    await asyncio.sleep(NOTICE_S)
        except OSError:
            log.debug("journal.unwatched", directory=str(directory))
        await asyncio.sleep(POLL_S)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _age(file: int) -> float:
    """Seconds since the file was last written or renamed."""
    return max(0.0, time.time() - os.fstat(file).st_ctime)
