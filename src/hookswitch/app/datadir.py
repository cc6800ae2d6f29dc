"""The data directory: one process at a time, readable by its owner alone."""

import contextlib
import fcntl
import json
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from msgspec import Struct

LINK_KEY_BYTES: Final = 32


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
        self._held = self._lock_file

    @property
    def database(self) -> Path:
        return self.path / "hookswitch.db"

    @property
    def media(self) -> Path:
        return self.path / "media"

    @property
    def prompts(self) -> Path:
        return self.path / "prompts"

    @property
    def link_key_file(self) -> Path:
        return self.path / "link-key"

    @property
    def secrets_key(self) -> Path:
        return self.path / "secrets.key"

    @property
    def receiver_port(self) -> Path:
        return self.path / "receiver-port"

    @property
    def bans(self) -> Path:
        return self.path / "bans.json"

    @property
    def token_file(self) -> Path:
        return self.path / "api-token"

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    def make(self) -> None:
        if re.search(r"[,&;|\"'$\x00-\x1f]", str(self.path)):
            raise DataDirError(
                f"data directory {str(self.path)!r} has a character the engine cannot take"
                " (one of , & ; | \" ' $): name another with --data-dir"
            )
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self._is_open_to_others():
                self._close_to_others()
            for folder in (self.media, self.prompts, self.prompts / "recorded"):
                folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise DataDirError(
                f"data directory {self.path}: {error.strerror}: name another with --data-dir"
            ) from error

    def _is_open_to_others(self) -> bool:
        return bool(self.path.stat().st_mode & 0o077)

    def _close_to_others(self) -> None:
        """Only an empty directory or our own: a slip must not close `/tmp` to everybody."""
        if not self._lock_file.exists() and any(self.path.iterdir()):
            raise DataDirError(
                f"data directory {self.path} holds other files and others can read it:"
                f" name another with --data-dir, or close it first (chmod 700 {self.path})"
            )
        self.path.chmod(0o700)

    def token(self) -> str:
        """The API token of whoever may read this directory; made at the first call."""
        if kept := self._kept_token():
            return kept
        made = "hsk_" + secrets.token_urlsafe(32)
        _write(self.token_file, made.encode() + b"\n")
        return made

    def _kept_token(self) -> str:
        try:
            return self.token_file.read_text().strip()
        except FileNotFoundError:
            return ""

    def link_key(self) -> bytes:
        """The key of all links to audio; a new one at the first call, and for one that is torn."""
        with contextlib.suppress(FileNotFoundError):
            kept = self.link_key_file.read_bytes()
            if len(kept) == LINK_KEY_BYTES:
                return kept
        made = secrets.token_bytes(LINK_KEY_BYTES)
        _write(self.link_key_file, made)
        return made

    @contextmanager
    def lock(self, name: str = "") -> Iterator[None]:
        """Hold the directory; raises when another process does.

        A process with a `name` only reads there and leaves the lock without one to others.
        """
        self.make()
        self._held = self.path / f"{name}.lock" if name else self._lock_file
        try:
            file = os.open(self._held, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
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
        os.truncate(self._held, 0)
        self._held.write_text(json.dumps({"pid": os.getpid(), "url": url}))

    def running(self) -> Running | None:
        """The process that holds the directory, or else the one that serves its API, or None."""
        return _holder(self._lock_file) or _holder(self.path / "web.lock")


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all: an empty token would let everybody in, an empty key tell all links."""
    new = path.with_name(f".{path.name}.{os.getpid()}")
    file = os.open(new, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(file, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(file)
    new.replace(path)


def _holder(lock: Path) -> Running | None:
    try:
        with lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                said = json.loads(file.read() or "{}")
                return Running(int(said["pid"]), str(said["url"])) if said else None
    except FileNotFoundError:
        return None
    return None
