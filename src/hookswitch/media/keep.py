"""Keeping an audio file: hard-linked at once, because a mailbox renumbers its messages."""

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import structlog

from hookswitch.model.ids import EventId, Ms

SUFFIX: Final = ".wav"
VOICEMAIL: Final = "voicemail"
"""The folder of messages, which may be kept for another time than recordings."""

log = structlog.get_logger(__name__)


def message_path(event: EventId, at: Ms) -> str:
    """The place of a voicemail message below the media directory."""
    return f"{VOICEMAIL}/{media_path(event, at)}"


def media_path(event: EventId, at: Ms, suffix: str = SUFFIX) -> str:
    """The place of an event's audio below the media directory: a folder a day."""
    day = datetime.fromtimestamp(at / 1000, UTC)
    return f"{day:%Y/%m/%d}/{event}{suffix}"


def keep(source: Path, directory: Path, path: str) -> bool:
    """Link (or copy, across file systems) `source` to `path`; False if it is not there.

    Doing it again changes nothing.
    """
    target = directory / path
    if target.exists():
        return True
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:
            _copy(source, target)
    except OSError as error:
        log.error("media.not_kept", path=path, error=error.strerror)  # noqa: TRY400
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    part = target.with_suffix(".part")
    shutil.copyfile(source, part)
    part.chmod(0o600)
    part.rename(target)
