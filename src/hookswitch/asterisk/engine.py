"""An engine that can be run: one installed in a prefix, or one the system has."""

import os
import re
import subprocess
from pathlib import Path

from msgspec import Struct

from hookswitch.asterisk.errors import UnsuitableEngineError
from hookswitch.asterisk.install import manifest
from hookswitch.asterisk.install.packages import ENGINE

OLDEST = (22, 7)
"""The first version whose journal can be written in the format we read."""
LOADER = "ld-linux-x86-64.so.2"
LOADER_DIRS = ("usr/lib64", "lib64")
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LIBRARY_DIRS = (LIBRARIES, f"{LIBRARIES}/pulseaudio")
INSTALL = "run: hookswitch engine install"
MODULE_DIRS = ("lib/asterisk/modules", "lib64/asterisk/modules", "lib/*/asterisk/modules")
DATA_DIRS = ("share/asterisk", "var/lib/asterisk", "../var/lib/asterisk")
"""Where an installed Asterisk has its things, from the folder above that of its program."""


class Engine(Struct, frozen=True, kw_only=True):
    """How to run an Asterisk: `argv` comes before its own options.

    `modules` and `data` (sounds, music) are None for an Asterisk that alone knows where its are.
    """

    argv: tuple[str, ...]
    version: str
    modules: Path | None = None
    data: Path | None = None


def loader_argv(root: Path, program: str) -> tuple[str, ...]:
    """Give the command that runs `program` of an unpacked tree with that tree's own libraries."""
    for folder in LOADER_DIRS:
        loader = root / folder / LOADER
        if loader.exists():
            libraries = ":".join(str(root / place) for place in LIBRARY_DIRS)
            return (str(loader), "--library-path", libraries, str(root / program))
    raise UnsuitableEngineError(f"{root} has no program loader", INSTALL)


def tool_argv(prefix: Path, program: str) -> tuple[str, ...]:
    """Give the command that runs `program` (such as `usr/bin/sipp`) of an installed prefix."""
    return loader_argv(tool_root(prefix), program)


def tool_root(prefix: Path) -> Path:
    """Give the unpacked tree of an installed tool."""
    installed = manifest.read(prefix)
    if installed is None:
        raise UnsuitableEngineError(
            f"{prefix.name} is not installed in {prefix}",
            f"run: hookswitch engine install --with {prefix.name}",
        )
    return prefix / installed.root


def engine_from_prefix(prefix: Path) -> Engine:
    """Give the engine installed in `prefix`."""
    installed = manifest.read(prefix.absolute())
    if installed is None or installed.name != ENGINE.name:
        raise UnsuitableEngineError(f"no engine is installed in {prefix}", INSTALL)
    return engine_from_root(prefix.absolute() / installed.root, installed.version)


def engine_from_root(root: Path, version: str) -> Engine:
    """Give the engine of an unpacked tree."""
    return Engine(
        argv=loader_argv(root, "usr/sbin/asterisk"),
        version=version,
        modules=root / LIBRARIES / "asterisk" / "modules",
        data=root / "usr/share/asterisk",
    )


def engine_from_path(path: Path) -> Engine:
    """Give the system's own Asterisk at `path`, if it is new enough."""
    if not (path.is_file() and os.access(path, os.X_OK)):
        raise UnsuitableEngineError(
            f"{path} is not a program", "--engine is the path of asterisk itself"
        )
    said = _ask_version(path)
    found = re.search(r"Asterisk (?:certified[-/])?(?P<all>(\d+)\.(\d+)[^\s]*)", said)
    if found is None:
        raise UnsuitableEngineError(f"{path} does not say which Asterisk it is", INSTALL)
    if (int(found[2]), int(found[3])) < OLDEST:
        oldest = ".".join(map(str, OLDEST))
        raise UnsuitableEngineError(
            f"{path} is Asterisk {found['all']}, older than {oldest}", INSTALL
        )
    above = path.absolute().parent.parent
    return Engine(
        argv=(str(path.absolute()),),
        version=found["all"],
        modules=_first_with(above, MODULE_DIRS, "chan_pjsip.so"),
        data=_first_with(above, DATA_DIRS, "documentation"),
    )


def _first_with(above: Path, folders: tuple[str, ...], content: str) -> Path | None:
    found = (place for folder in folders for place in sorted(above.glob(folder)))
    return next((place.resolve() for place in found if (place / content).exists()), None)


def _ask_version(path: Path) -> str:
    try:
        answer = subprocess.run(
            [path, "-V"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UnsuitableEngineError(f"{path} cannot be run ({error})", INSTALL) from error
    return answer.stdout
