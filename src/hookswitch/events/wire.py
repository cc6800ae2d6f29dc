"""How instants, durations and ids look on the wire."""

import base64
import hashlib
from datetime import UTC, datetime

from hookswitch.model.ids import CallId, EventId, Ms


def timestamp(at: Ms) -> str:
    """ISO 8601 in UTC with milliseconds and a Z."""
    seconds, milliseconds = divmod(at, 1000)
    moment = datetime.fromtimestamp(seconds, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds:03d}Z"


def optional_timestamp(at: Ms | None) -> str | None:
    return None if at is None else timestamp(at)


def seconds(duration: int) -> int:
    """Whole seconds of a duration in milliseconds, rounded half up; never negative."""
    return max(0, (duration + 500) // 1000)


def event_id(call: CallId, part: str, kind: str, ordinal: int) -> EventId:
    """The natural id: the same facts give the same id on every replay."""
    digest = hashlib.sha256(f"{call}\n{part}\n{kind}\n{ordinal}".encode()).digest()
    return EventId("evt_" + base64.b32encode(digest[:16]).decode().rstrip("=").lower())
