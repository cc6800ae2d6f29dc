"""Ageing out: audio older than a limit, then the oldest until the rest fits a size."""

from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct


class Kept(Struct, frozen=True, order=True):
    """A file and what it costs."""

    mtime: float
    path: Path
    size: int


def expire(
    directory: Path, *, now: float, max_age_s: Callable[[Path], float], max_bytes: int
) -> list[Path]:
    """Delete what is too old, or too much; gives what was deleted. Empty folders go too.

    `max_age_s` is asked for each file, by its path below the directory.
    """
    files = sorted(_files(directory))
    total = sum(file.size for file in files)
    deleted = []
    for file in files:
        is_young = now - file.mtime <= max_age_s(file.path.relative_to(directory))
        if is_young and total <= max_bytes:
            continue
        file.path.unlink(missing_ok=True)
        total -= file.size
        deleted.append(file.path)
    for path in deleted:
        _prune(path.parent, directory)
    return deleted


def _files(directory: Path) -> Iterator[Kept]:
    for path in directory.rglob("*"):
        if path.is_file():
            stat = path.stat()
            yield Kept(stat.st_mtime, path, stat.st_size)


def _prune(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
