"""One file with everything that is kept: database, keys, prompts, and audio if it is wanted."""

import io
import json
import os
import re
import shutil
import sqlite3
import tarfile
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from hookswitch import __version__
from hookswitch.app.datadir import DataDir
from hookswitch.asterisk import state
from hookswitch.asterisk.layout import Layout
from hookswitch.model.instants import iso

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
DATABASE: Final = "hookswitch.db"
LARGEST_MANIFEST: Final = 1 << 16
KEYS: Final = ("secrets.key", "link-key", "api-token", "receiver-port")
FOLDER: Final = "backups"
NAME: Final = re.compile(r"hookswitch-\d{8}-\d{6}(-\d+)?\.tar\.gz")


class BackupError(Exception):
    """It cannot be made or restored; the text says the mend."""


def make(data: DataDir, target: Path, *, audio: bool = False) -> None:
    """Write the file, readable by its owner alone; the server may be running. Blocking."""
    if not data.database.exists():
        raise BackupError(f"{data.path} holds no database: name the directory with --data-dir")
    part = target.with_name(f".{target.name}.part")
    copy = target.with_name(f".{target.name}.db")
    try:
        _copy_database(data.database, copy)
        descriptor = os.open(part, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w:gz") as tar:
            _add_text(tar, MANIFEST, json.dumps(_manifest(data)))
            for name, path in _parts(data, copy, audio=audio):
                tar.add(path, name, recursive=False)
        part.replace(target)
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}: name another file") from error
    except sqlite3.Error as error:
        raise BackupError(f"{data.database}: {error}") from error
    finally:
        part.unlink(missing_ok=True)
        copy.unlink(missing_ok=True)


def restore(source: Path, data: DataDir) -> Mapping[str, Any]:
    """Fill an empty data directory, whose lock is held; gives the manifest. Blocking."""
    if data.database.exists():
        raise BackupError(
            f"{data.path} holds a phone system already:"
            " restore into an empty directory (--data-dir)"
        )
    try:
        with tarfile.open(source, "r:gz") as tar:
            manifest = _read_manifest(tar, source)
            members = [member for member in tar.getmembers() if _is_ours(member)]
            _require_room(data.path, sum(member.size for member in members))
            for member in members:
                _unpack(tar, member, data.path)
    except FileNotFoundError:
        raise BackupError(f"{source}: there is no such file: name another") from None
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupError(f"{source} is no backup that can be read: {error}") from error
    try:
        _begin_anew(data, int(manifest.get("boot", 0)))
    except sqlite3.Error as error:
        raise BackupError(f"its database cannot be read: {error}: take another backup") from error
    return manifest


def check(source: Path) -> Mapping[str, Any]:
    """Give the manifest of a file that was uploaded. Blocking."""
    try:
        with tarfile.open(source, "r:gz") as tar:
            return _read_manifest(tar, "it")
    except (OSError, tarfile.TarError, EOFError, zlib.error) as error:
        raise BackupError(
            "it is no backup that can be read: choose the file that was fetched"
        ) from error


def listed(data: DataDir) -> Sequence[Mapping[str, Any]]:
    """The backups that lie in the data directory, the newest first."""
    found = []
    for path in sorted((data.path / FOLDER).glob("*.tar.gz"), reverse=True):
        stat = path.stat()
        found.append(
            {"name": path.name, "created_at": int(stat.st_mtime * 1000), "bytes": stat.st_size}
        )
    return found


def new_place(data: DataDir) -> Path:
    folder = data.path / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    stem = time.strftime("hookswitch-%Y%m%d-%H%M%S", time.gmtime())
    place, number = folder / f"{stem}.tar.gz", 1
    while place.exists():
        number += 1
        place = folder / f"{stem}-{number}.tar.gz"
    return place


def place_of(data: DataDir, name: str) -> Path | None:
    """One of those listed; None for any other name."""
    path = data.path / FOLDER / name
    return path if NAME.fullmatch(name) and path.is_file() else None


def _manifest(data: DataDir) -> Mapping[str, Any]:
    boot = state.read(Layout(data.path).state).boot
    at = iso(time.time_ns() // 1_000_000)
    return {"backup": FORMAT, "version": __version__, "made_at": at, "boot": boot}


def _copy_database(source: Path, target: Path) -> None:
    """As it is at one moment, while others write."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    reading = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        reading.close()
        writing.close()


def _parts(data: DataDir, database: Path, *, audio: bool) -> Iterator[tuple[str, Path]]:
    yield DATABASE, database
    for name in KEYS:
        if (data.path / name).is_file():
            yield name, data.path / name
    for folder in (data.prompts, *((data.media,) if audio else ())):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield str(path.relative_to(data.path)), path


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(text.encode()), 0o600, int(time.time())
    tar.addfile(info, io.BytesIO(text.encode()))


def _read_manifest(tar: tarfile.TarFile, source: Path | str) -> Mapping[str, Any]:
    try:
        file = tar.extractfile(MANIFEST)
        manifest = json.loads(file.read(LARGEST_MANIFEST)) if file else None
    except (KeyError, ValueError):
        manifest = None
    if not isinstance(manifest, dict) or manifest.get("backup") != FORMAT:
        raise BackupError(f"{source} is no backup of this Hookswitch: install the one that made it")
    return manifest


def _require_room(place: Path, needed: int) -> None:
    """A small file can hold very much; a member is never longer than it says."""
    free = shutil.disk_usage(place).free
    if needed > free:
        raise BackupError(
            f"unpacked it has {needed >> 20} MB, and {free >> 20} MB are free in {place}: make room"
        )


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, into: Path) -> None:
    """By hand: the library's filters came with Python 3.11.4, and Debian 12 has 3.11.2."""
    target = into / member.name
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(target, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        shutil.copyfileobj(tar.extractfile(member) or io.BytesIO(), out)


def _is_ours(member: tarfile.TarInfo) -> bool:
    top, _, rest = member.name.partition("/")
    if ".." in Path(member.name).parts:
        return False
    known = member.name in {DATABASE, *KEYS} or (top in {"prompts", "media"} and bool(rest))
    return member.isfile() and known


def _begin_anew(data: DataDir, boot: int) -> None:
    """The engine here writes a new journal; its ids go on from those of the old one."""
    connection = sqlite3.connect(data.database)
    try:
        with connection:
            connection.execute("DELETE FROM line")
    finally:
        connection.close()
    layout = Layout(data.path)
    layout.make()
    state.write(layout.state, state.EngineState(boot=boot))
