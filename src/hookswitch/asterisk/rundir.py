"""The directory of a control socket outside a data directory whose path is too long for one."""

import contextlib
import hashlib
import os
from pathlib import Path
from typing import Final

from hookswitch.asterisk import process
from hookswitch.asterisk.configuration.files import private_dir, write_private
from hookswitch.asterisk.errors import StartError

SHORT: Final = Path("/tmp")  # noqa: S108  TMPDIR may be long too, and differ at the next start
CONTROL: Final = "asterisk.ctl"
PID: Final = "asterisk.pid"
INSTALLATION: Final = "installation"
"""Says whose it is: the path of the data directory."""
LONGEST_SOCKET_PATH: Final = 107
"""Bytes the kernel takes for the path of a socket, without its end mark."""


def place_of(inside: Path) -> Path:
    """Where the control socket of an engine lies that would best lie `inside`."""
    if len(os.fsencode(inside / CONTROL)) <= LONGEST_SOCKET_PATH:
        return inside
    digest = hashlib.sha256(os.fsencode(inside)).hexdigest()[:12]
    return SHORT / f"{_prefix()}{digest}"


def make(place: Path, data: Path) -> None:
    """Make it, before an engine is started."""
    private_dir(place)
    if not _is_ours(place):
        raise StartError(f"{place} belongs to somebody else", "choose a shorter --data-dir")
    if place.parent == SHORT:
        write_private(place / INSTALLATION, str(data))


def leave(place: Path) -> None:
    """Take it away, unless it is inside, or of an engine that runs, or holds what is not ours."""
    if place.parent != SHORT or not _is_ours(place) or _has_engine(place):
        return
    with contextlib.suppress(OSError):
        for name in (CONTROL, PID, INSTALLATION):
            (place / name).unlink(missing_ok=True)
        place.rmdir()


def remove_orphans() -> None:
    """Take those away whose data directory is gone, as after a test or an uninstallation."""
    for place in SHORT.glob(f"{_prefix()}*"):
        with contextlib.suppress(OSError):
            if not Path((place / INSTALLATION).read_text("utf-8")).exists():
                leave(place)


def _prefix() -> str:
    return f"hookswitch-{os.geteuid()}-"


def _is_ours(place: Path) -> bool:
    try:
        return not place.is_symlink() and place.stat().st_uid == os.geteuid()
    except FileNotFoundError:
        return False


def _has_engine(place: Path) -> bool:
    try:
        return process.find(int((place / PID).read_text("utf-8"))) is not None
    except (OSError, ValueError):
        return False
