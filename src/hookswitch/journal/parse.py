"""Records of the engine's journal: all fields quoted, quotes doubled, one record may span lines.

A full disk tears a record in half and glues the next one on; nothing marks the place. So a
record that does not fit is given up at the next text that can only be the start of a record.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote_to_bytes

from msgspec import Struct, json

from hookswitch.model.journal import JournalLine

FIELDS: Final = (
    "EventType",
    "EventTime",
    "UniqueID",
    "LinkedID",
    "ChanName",
    "Num",
    "Name",
    "dnid",
    "Exten",
    "Context",
    "Peer",
    "userdeftype",
    "EventExtra",
)
"""The columns, in the order that `asterisk` configures them."""

ENGINE_CUT: Final = 79
"""Bytes to which the engine cuts names and numbers."""

LONGEST_RECORD: Final = 64 * 1024
"""Bytes; the engine cuts its fields far below. What is longer is no record."""

_FIELD: Final = rb'"([^"]*+(?:""[^"]*+)*+)"'
_RECORD: Final = re.compile(rb",".join([_FIELD] * len(FIELDS)) + rb"\r?\n")
_BEGUN: Final = re.compile(
    rb"(?:" + _FIELD + rb",){0,%d}" % (len(FIELDS) - 1) + rb'(?:"[^"]*+(?:""[^"]*+)*+"?\r?)?\Z'
)
# Three fields, so that no caller can forge a start with a name and a number of his own.
_START: Final = re.compile(
    rb'"[A-Za-z][A-Za-z0-9_.-]*","\d{1,12}\.\d{6}","[A-Za-z0-9_-]*\d+\.\d+","'
)
_EVENT: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_.-]*\Z")
_TIME: Final = re.compile(rb"(\d{1,12})\.(\d{6})\Z")


class Parsed(Struct, frozen=True):
    """A record, or the bytes given up before one; `end` is the offset behind it in the buffer."""

    line: JournalLine | None
    end: int
    dropped: int = 0


def parse(data: bytes, *, complete: bool = False) -> Iterator[Parsed]:
    """Give the records of `data` in order; an unfinished one at the end is left for later.

    With `complete` nothing more will follow: what is left then is given up.
    """
    position = 0
    while position < len(data):
        line, end = _record_at(data, position)
        if end is not None:
            yield Parsed(line, end, 0 if line else end - position)
        else:
            end = _next_start(data, position, complete=complete)
            if end is None:
                return
            yield Parsed(None, end, end - position)
        position = end


def _record_at(data: bytes, position: int) -> tuple[JournalLine | None, int | None]:
    found = _RECORD.match(data, position)
    if found is None:
        return None, None
    line = _decode(found.groups())
    # A torn record can look whole by its quotes; its name or time then gives it away.
    return (line, found.end()) if line else (None, None)


def _next_start(data: bytes, position: int, *, complete: bool) -> int | None:
    if not complete and _is_begun(data, position):
        return None
    following = _START.search(data, position + 1)
    if following is not None:
        return following.start()
    if complete:
        return len(data)
    if len(data) - position > LONGEST_RECORD:
        return len(data) - LONGEST_RECORD // 2
    return None


def _is_begun(data: bytes, position: int) -> bool:
    """What is there is right so far: the rest of it may still come, so it is not searched."""
    return len(data) - position <= LONGEST_RECORD and bool(_BEGUN.match(data, position))


def _decode(fields: tuple[bytes, ...]) -> JournalLine | None:
    event, time = fields[0], _TIME.match(fields[1])
    if time is None or not _EVENT.match(event):
        return None
    _, _, uniqueid, linkedid, channel, num, name, _, exten, context, peer, ours, extra = fields
    return JournalLine(
        event=_text(event),
        at=int(time[1]) * 1000 + int(time[2]) // 1000,
        uniqueid=_text(uniqueid),
        linkedid=_text(linkedid),
        channel=_text(channel),
        num=_text(num),
        name=_text(name),
        exten=_text(exten),
        context=_text(context),
        peer=_text(peer),
        ours=bool(ours) and event.startswith(b"hs."),
        extra=_extra(_text(extra)),
    )


def _text(field: bytes) -> str:
    if field.isascii() and b'"' not in field:
        return field.decode("ascii")
    return _whole_characters(field.replace(b'""', b'"'))


def _extra(text: str) -> dict[str, str]:
    """Unwrap `{"extra":"a=b&c=d"}` of our records, or the members of the engine's JSON."""
    if not text:
        return {}
    try:
        members = json.decode(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(members, dict):
        return {}
    wrapped = members.get("extra")
    if isinstance(wrapped, str):
        return dict(_pairs(wrapped))
    return {
        name: value if isinstance(value, str) else str(value) for name, value in members.items()
    }


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name:
            yield name, _whole_characters(unquote_to_bytes(value))


def _whole_characters(value: bytes) -> str:
    """Decode; the engine's cut in the middle of a character leaves no trace of it."""
    return codecs.utf_8_decode(value, "replace", len(value) < ENGINE_CUT)[0]
