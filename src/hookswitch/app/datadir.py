"""The data directory: one process at a time, readable by its owner alone."""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct


class DataDirError(Exception):
    """The data directory cannot be used; the text says the mend."""


class Running(Struct, frozen=True):
    """How to reach the process that serves this data directory."""

    pid: int
    url: str


class DataDir:
    """Paths below the data directory, and the lock that makes its user the only one."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()

    @property
    def database(self) -> Path:
        return self.path / "hookswitch.db"

    @property
    def token_file(self) -> Path:
        return self.path / "api-token"

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    def make(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.path.chmod(0o700)
        except OSError as error:
            raise DataDirError(
                f"data directory {self.path}: {error.strerror}: name another with --data-dir"
            ) from error

    def token(self) -> str:
        """The API token of whoever may read this directory; made at the first call."""
        try:
            return self.token_file.read_text().strip()
        except FileNotFoundError:
            token = "hsk_" + secrets.token_urlsafe(32)
            file = os.open(self.token_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(file, "w") as out:
                out.write(token + "\n")
            return token

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the directory; raises when another process does."""
        self.make()
        try:
            file = os.open(self._lock_file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DataDirError(
                f"data directory {self.path}: {error.strerror}: make it writable for this user"
            ) from error
        try:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise DataDirError(
                    f"data directory {self.path} is in use by another hookswitch:"
                    " stop it, or name another with --data-dir"
                ) from None
            yield
        finally:
            os.close(file)

    def announce(self, url: str) -> None:
        """Write down where this process serves, for commands on the same machine."""
        os.truncate(self._lock_file, 0)
        self._lock_file.write_text(json.dumps({"pid": os.getpid(), "url": url}))

    def running(self) -> Running | None:
        """The process that holds the directory, or None."""
        try:
            with self._lock_file.open() as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                except BlockingIOError:
                    said = json.loads(file.read() or "{}")
                    return Running(int(said["pid"]), str(said["url"])) if said else None
        except FileNotFoundError:
            return None
        return None
