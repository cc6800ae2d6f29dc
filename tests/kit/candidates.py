"""Engine prefixes without a network: packages and index are linked from the real one."""

import os
import shutil
from pathlib import Path

from msgspec.structs import replace

from hookswitch.asterisk.install import manifest
from hookswitch.asterisk.install.packages import default_prefix

OLD_ROOT = "roots/before"


def prefix_with_candidate(place: Path, *, without: str = "", installed: bool = True) -> Path:
    """A prefix whose next install takes the unpacked tree of the real one, less a file.

    `installed` says that an older version is there already.
    """
    real = default_prefix()
    there = manifest.read(real)
    assert there is not None
    shutil.copytree(real / "apt", place / "apt", copy_function=linked)
    shutil.copytree(real / there.root, place / there.root, symlinks=True, copy_function=linked)
    if without:
        next((place / there.root).rglob(without)).unlink()
    if installed:
        (place / OLD_ROOT).mkdir()
        (main, *others) = sorted(there.packages, key=lambda package: package.name != "asterisk")
        packages = (replace(main, version="1:22.7.0~old-1"), *others)
        manifest.write(
            place, replace(there, version="22.7.0~old-1", root=OLD_ROOT, packages=packages)
        )
    return place


def fetched(place: Path, package: str) -> Path:
    """A prefix with the index and one fetched package, and nothing installed."""
    apt = default_prefix() / "apt"
    shutil.copytree(apt / "state", place / "apt/state", copy_function=linked)
    archives = place / "apt/cache/archives"
    archives.mkdir(parents=True)
    (deb,) = (apt / "cache/archives").glob(f"{package}_*.deb")
    linked(deb, archives / deb.name)
    return place


def linked(source: str | Path, target: str | Path) -> None:
    """A second name for the file; a copy where it would be on another disk."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def mirror_of(prefix: Path) -> str:
    """The mirror that the fetched index came from."""
    sources = (prefix / "apt" / "sources.list").read_text(encoding="utf-8")
    return sources.split()[2]
