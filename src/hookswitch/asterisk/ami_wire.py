"""The manager protocol on the wire: header lines, a blank line between messages."""

import re
from collections.abc import Iterable, Sequence

from msgspec import Struct

from hookswitch.asterisk.errors import AmiError

# A caller's number may hold line ends, percent-encoded in SIP, and the engine writes them raw: any
# caller can put header lines, whole events even, into this stream. These lines come before all
# caller's text in an event, and are together longer than the 79 bytes such a text may have.
EVENT_HEAD = ("Event", "Privilege", "Timestamp", "SystemName")
TIMESTAMP = re.compile(r"\d{10,}\.\d{6}")
END = b"\r\n\r\n"
Value = str | Sequence[str]


class Message(Struct, frozen=True):
    """A response or an event: its headers in order, some more than once."""

    headers: tuple[tuple[str, str], ...]

    def get(self, name: str, default: str = "") -> str:
        """Give the first value of header `name`."""
        return next((value for key, value in self.headers if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(value for key, value in self.headers if key == name)

    @property
    def event(self) -> str:
        """The event's name; empty for a response."""
        return self.get("Event")

    @property
    def genuine(self) -> bool:
        """Whether this is an event that the engine began; what follows a text may be forged."""
        return (
            tuple(key for key, _ in self.headers[:4]) == EVENT_HEAD
            and TIMESTAMP.fullmatch(self.headers[2][1]) is not None
        )

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(key for key, _ in self.headers)

    @property
    def ok(self) -> bool:
        return self.get("Response") in {"Success", "Goodbye"}


def encode(name: str, action_id: str, fields: Iterable[tuple[str, Value]]) -> bytes:
    """Give the bytes of an action; a value that would begin a line of its own is refused."""
    lines = [("Action", name), ("ActionID", action_id)]
    for key, value in fields:
        lines += [(key, one) for one in ([value] if isinstance(value, str) else value)]
    for key, value in lines:
        if any(mark in key + value for mark in "\r\n\0"):
            raise AmiError(f"the field {key!r} of {name} holds a line end")
    return "".join(f"{key}: {value}\r\n" for key, value in lines).encode() + b"\r\n"


def decode(raw: bytes) -> Message:
    lines = raw.decode(errors="replace").split("\r\n")
    pairs = (line.partition(":") for line in lines if line)
    return Message(tuple((key, value.removeprefix(" ")) for key, _, value in pairs))
