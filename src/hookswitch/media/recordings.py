"""Recordings as the engine writes them: found, made whole after its death, removed once kept."""

import struct
from pathlib import Path
from typing import Final

import structlog

HEADER: Final = 44
"""Bytes of a WAV file before its samples, as the engine writes it."""

log = structlog.get_logger(__name__)


def is_audible(path: Path) -> bool:
    """Whether there is a file with anything in it."""
    try:
        return path.stat().st_size > HEADER
    except OSError:
        return False


def mend(path: Path) -> bool:
    """Write the true sizes into a WAV file that was never closed; True if that was needed."""
    if path.suffix != ".wav":
        return False
    with path.open("r+b") as file:
        head = file.read(HEADER)
        samples = path.stat().st_size - HEADER
        if head[:4] != b"RIFF" or head[36:40] != b"data" or samples < 0:
            return False
        if struct.unpack_from("<I", head, 40)[0] == samples:
            return False
        file.seek(4)
        file.write(struct.pack("<I", samples + HEADER - 8))
        file.seek(40)
        file.write(struct.pack("<I", samples))
    log.info("recording.mended", file=path.name)
    return True


def remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("recording.not_removed", file=path.name, error=error.strerror)


def sweep(directory: Path, *, now: float, max_age_s: float) -> None:
    """Remove what a crash left here: files that are kept elsewhere too, and very old ones."""
    for path in directory.glob("*"):
        try:
            found = path.stat()
        except OSError:
            continue
        if found.st_nlink > 1 or now - found.st_mtime > max_age_s:
            remove(path)
