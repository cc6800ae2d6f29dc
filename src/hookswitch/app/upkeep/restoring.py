"""A backup in the place of what is here: unpacked while it runs, exchanged between two runs.

Until everything is unpacked and its database opens, nothing here is touched. What was here lies in
`before-restore` until the next restore.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

from hookswitch.app.datadir import DataDir
from hookswitch.app.upkeep import backup
from hookswitch.app.upkeep.backup import BackupError
from hookswitch.asterisk import process, state
from hookswitch.asterisk.layout import Layout
from hookswitch.store.port import StoreError
from hookswitch.store.sqlite import SqliteStore

STAGE: Final = "restored"
ASIDE: Final = "before-restore"
READY: Final = ".ready"
MOVED: Final = ".moved"
STAYS: Final = {"lock", backup.FOLDER, STAGE, ASIDE}
PATIENCE_S: Final = 10.0
ROOM: Final = 256 << 20
"""Bytes that a backup which is brought leaves free, so that calls are still taken."""


async def take(content: AsyncIterator[bytes], data: DataDir) -> str:
    """Keep what is brought among the backups, if it is one; gives its name."""
    place = backup.new_place(data)
    part = place.with_name(f".{place.name}.part")
    try:
        part.touch(0o600)
        with part.open("wb") as out:
            async for chunk in content:
                if shutil.disk_usage(part).free < ROOM + len(chunk):
                    raise BackupError("it cannot be kept: the disk is nearly full: make room")
                await asyncio.to_thread(out.write, chunk)
        await asyncio.to_thread(backup.check, part)
        part.rename(place)
    except OSError as error:
        raise BackupError(f"it cannot be kept: {error.strerror}: make room") from error
    finally:
        part.unlink(missing_ok=True)
    return place.name


async def stage(source: Path, data: DataDir) -> Mapping[str, Any]:
    """Unpack it beside what is here; gives its manifest, or raises BackupError."""
    place = data.path / STAGE
    await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
    try:
        manifest = await _unpack(source, DataDir(place))
        await asyncio.to_thread(_make_ready, data)
    except BaseException:
        await asyncio.to_thread(shutil.rmtree, place, ignore_errors=True)
        raise
    return manifest


async def _unpack(source: Path, target: DataDir) -> Mapping[str, Any]:
    await asyncio.to_thread(target.make)
    manifest = await asyncio.to_thread(backup.restore, source, target)
    try:
        store = await SqliteStore.open(target.database)
    except StoreError as error:
        raise BackupError(f"its database cannot be used here: {error}") from error
    await store.close()
    return manifest


def _make_ready(data: DataDir) -> None:
    aside = data.path / ASIDE
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    (data.path / STAGE / READY).touch()


async def finish(data: DataDir) -> bool:
    """Exchange what is staged, if it is; goes on where it was killed. The lock is held."""
    place = data.path / STAGE
    if not (place / READY).exists() and not (place / MOVED).exists():
        return False
    engine = state.read(Layout(data.path).state).process
    if engine is not None:  # we were killed before
        await process.end(engine, PATIENCE_S)
    await asyncio.to_thread(_exchange, data.path, place)
    return True


def _exchange(home: Path, place: Path) -> None:
    if not (place / MOVED).exists():
        for path in [path for path in home.iterdir() if path.name not in STAYS]:
            if (home / ASIDE / path.name).exists():  # an empty one, made since we were killed
                path.rmdir()
            else:
                path.replace(home / ASIDE / path.name)
        (place / READY).rename(place / MOVED)
    for path in list(place.iterdir()):
        if path.name != MOVED:
            path.replace(home / path.name)
    shutil.rmtree(place)
