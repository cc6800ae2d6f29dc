"""Recordings as the engine writes them: found, made whole, removed once kept.

A recording is one file, but Ogg Opus goes on in parts: `c-1.opus`, `c-1-2.opus`, `c-1-3.opus`.
"""

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import structlog

from hookswitch.media import ogg

OPUS: Final = ".opus"
JOINED: Final = ".joined"
HEADER: Final = 44
"""Bytes of a WAV file before its samples, as the engine writes it."""

log = structlog.get_logger(__name__)


def is_audible(path: Path) -> bool:
    """Whether there is a file with anything in it."""
    if path.suffix == OPUS:
        return any(map(ogg.has_audio, _parts(path)))
    try:
        return path.stat().st_size > HEADER
    except OSError:
        return False


def whole(path: Path) -> Path:
    """Give the one file that has all of a recording: mended after a crash, joined of its parts.

    If there is no room to join them, the first has to do; the others are left where they are.
    """
    mend(path)
    parts = [part for part in _parts(path) if ogg.has_audio(part)]
    if len(parts) < 2:
        return parts[0] if parts else path
    try:
        ogg.join(parts, _joined(path))
    except OSError as error:
        log.error("recording.not_joined", file=path.name, error=error.strerror)  # noqa: TRY400
        _unlink(_joined(path))
        return parts[0]
    return _joined(path)


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
    """Remove a recording that is kept, or empty; not the parts of one that could not be joined."""
    parts = _parts(path)
    if sum(map(ogg.has_audio, parts)) > 1 and not _joined(path).exists():
        return
    for found in {path, *parts, _joined(path)}:
        _unlink(found)


def _unlink(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        log.warning("recording.not_removed", file=path.name, error=error.strerror)


def _parts(path: Path) -> Sequence[Path]:
    """The files of an Ogg Opus recording, in order; none of another format."""
    if path.suffix != OPUS:
        return ()
    begin = f"{path.stem}-"
    numbered = {
        found.stem.removeprefix(begin): found
        for found in path.parent.glob(f"*{OPUS}")
        if found.stem.startswith(begin)
    }
    return path, *(numbered[n] for n in sorted(filter(str.isdecimal, numbered), key=int))


def _joined(path: Path) -> Path:
    return path.with_suffix(JOINED)


def sweep(directory: Path, *, now: float, max_age_s: float) -> None:
    """Remove what a crash left here: files that are kept elsewhere too, and very old ones."""
    for path in directory.glob("*"):
        try:
            found = path.stat()
        except OSError:
            continue
        if found.st_nlink > 1 and path.suffix == JOINED:
            remove(path.with_suffix(OPUS))
        elif found.st_nlink > 1 or now - found.st_mtime > max_age_s:
            _unlink(path)
