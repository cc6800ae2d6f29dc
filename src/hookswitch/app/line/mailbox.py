"""Deleting a message from its mailbox once its email is sent."""

import asyncio
import re
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import AmiError
from hookswitch.asterisk.layout import Layout
from hookswitch.media.keep import SUFFIX
from hookswitch.model.media import NewEmail

CONTEXT: Final = "default"
_ID: Final = re.compile(r"^msg_id=(\S+)$", re.MULTILINE)

log = structlog.get_logger(__name__)


class Message(Struct, frozen=True):
    """A message as the engine names it now."""

    folder: str
    id: str


async def delete_sent(ami: Ami, layout: Layout, media: Path, email: NewEmail) -> None:
    """Remove the message over AMI, so that the engine renumbers and the lamps go out."""
    if email.delete_from is None:
        return
    box = layout.spool / "voicemail" / CONTEXT / email.delete_from
    message = await asyncio.to_thread(_find, box, media / email.audio)
    if message is None:
        return
    try:
        await ami.action(
            "VoicemailRemove",
            Mailbox=email.delete_from,
            Context=CONTEXT,
            Folder=message.folder,
            ID=message.id,
        )
    except AmiError as error:
        log.warning("mailbox.not_deleted", event_id=email.event, error=str(error))


def _find(box: Path, audio: Path) -> Message | None:
    """Messages are renumbered as others go: ours is the one whose audio is our own hard link."""
    try:
        ours = audio.stat().st_ino
    except FileNotFoundError:
        return None
    for path in box.glob(f"*/msg*{SUFFIX}"):
        if path.stat().st_ino == ours:
            found = _ID.search(path.with_suffix(".txt").read_text(errors="replace"))
            return Message(path.parent.name, found[1]) if found else None
    return None
