"""Deleting messages from mailboxes: once their email is sent, and of a caller who is erased."""

import asyncio
import re
from collections.abc import Sequence
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
_CALLER: Final = re.compile(r"^callerid=(?:.*<)?([^<>\n]*)>?$", re.MULTILINE)
"""The number, which is the last in brackets: what a caller calls himself may hold some too."""

log = structlog.get_logger(__name__)


class Message(Struct, frozen=True):
    """A message as the engine names it now."""

    box: str
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
        await _remove(ami, message)
    except AmiError as error:
        log.warning("mailbox.not_deleted", event_id=email.event, error=str(error))


async def delete_of(ami: Ami, layout: Layout, number: str) -> int:
    """Remove what a caller left in any mailbox, read or not; raises EngineError if some stays."""
    messages = await asyncio.to_thread(_left_by, layout.spool / "voicemail" / CONTEXT, number)
    for message in messages:
        await _remove(ami, message)
    return len(messages)


async def _remove(ami: Ami, message: Message) -> None:
    await ami.action(
        "VoicemailRemove",
        Mailbox=message.box,
        Context=CONTEXT,
        Folder=message.folder,
        ID=message.id,
    )


def _left_by(boxes: Path, number: str) -> Sequence[Message]:
    found = []
    for path in boxes.glob("*/*/msg*.txt"):
        text = path.read_text(errors="replace")
        caller, own = _CALLER.search(text), _ID.search(text)
        if caller and own and caller[1].lstrip("+") == number:
            found.append(Message(path.parents[1].name, path.parent.name, own[1]))
    return found


def _find(box: Path, audio: Path) -> Message | None:
    """Messages are renumbered as others go: ours is the one whose audio is our own hard link."""
    try:
        ours = audio.stat().st_ino
    except FileNotFoundError:
        return None
    for path in box.glob(f"*/msg*{SUFFIX}"):
        if path.stat().st_ino == ours:
            found = _ID.search(path.with_suffix(".txt").read_text(errors="replace"))
            return Message(box.name, path.parent.name, found[1]) if found else None
    return None
