"""How durations, ids and lists look on the wire."""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Final

from hookswitch.model.ids import CallId, EventId, Ms
from hookswitch.model.instants import iso

_BORN: Final = re.compile(r"-(\d{1,10})\.")
"""The second in which a channel was made, inside its unique id."""


def optional_timestamp(at: Ms | None) -> str | None:
    return None if at is None else iso(at)


def seconds(duration: int) -> int:
    """Whole seconds of a duration in milliseconds, rounded half up; never negative."""
    return max(0, (duration + 500) // 1000)


def recipients(emails: Sequence[str]) -> str:
    """As they stand in the head of a mail."""
    return ", ".join(emails)


def event_id(call: CallId, part: str, kind: str, ordinal: int) -> EventId:
    """The natural id: the same facts give the same id on every replay.

    It begins with the second in which the call began, so that a database's index grows at its end.
    """
    digest = hashlib.sha256(f"{call}\n{part}\n{kind}\n{ordinal}".encode()).digest()
    born = _BORN.search(call)
    second = int(born[1]) & 0xFFFF_FFFF if born else 0
    return EventId(f"evt_{second:08x}{base64.b32encode(digest[:15]).decode().lower()}")
