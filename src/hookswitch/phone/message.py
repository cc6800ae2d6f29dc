"""SIP messages as bytes and as objects (RFC 3261, 7).

Header text is UTF-8 with surrogateescape both ways: bytes that are no UTF-8 survive unchanged.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from http import HTTPStatus

from hookswitch.phone.errors import ParseError

COMPACT = {
    "b": "referred-by",
    "c": "content-type",
    "e": "content-encoding",
    "f": "from",
    "i": "call-id",
    "k": "supported",
    "l": "content-length",
    "m": "contact",
    "o": "event",
    "r": "refer-to",
    "s": "subject",
    "t": "to",
    "u": "allow-events",
    "v": "via",
    "x": "session-expires",
}
REASONS = {
    180: "Ringing",
    181: "Call Is Being Forwarded",
    183: "Session Progress",
    405: "Method Not Allowed",
    408: "Request Timeout",
    420: "Bad Extension",
    480: "Temporarily Unavailable",
    481: "Call/Transaction Does Not Exist",
    486: "Busy Here",
    487: "Request Terminated",
    488: "Not Acceptable Here",
    491: "Request Pending",
    503: "Service Unavailable",
    600: "Busy Everywhere",
    603: "Decline",
    604: "Does Not Exist Anywhere",
}
NEEDED = ("Via", "From", "To", "Call-ID", "CSeq")

_REQUEST = re.compile(rb"([A-Za-z0-9.!%*_+`'~-]+) (.+) SIP/2\.0", re.DOTALL)
_STATUS = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9])(?: (.*))?", re.DOTALL)
_CSEQ = re.compile(r"([0-9]{1,10})[ \t]+([A-Za-z0-9.!%*_+`'~-]+)")
_FOLD = re.compile(rb"\r\n[ \t]+")
_QUOTED_OR_BRACKETED = re.compile(r'"(?:[^"\\]|\\.)*"|<[^>]*>|[^,"<]+|["<]', re.DOTALL)


@dataclass(slots=True, kw_only=True)
class Message:
    """Headers in the order sent, and a body; names are compared without case, compact or not."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    @property
    def start_line(self) -> str:
        """The first line; each kind of message has its own."""
        raise NotImplementedError

    def all(self, name: str) -> list[str]:
        """Give every header line of this name."""
        wanted = canonical(name)
        return [value for key, value in self.headers if canonical(key) == wanted]

    def get(self, name: str, default: str = "") -> str:
        """Give the first header line of this name."""
        wanted = canonical(name)
        return next((value for key, value in self.headers if canonical(key) == wanted), default)

    def values(self, name: str) -> list[str]:
        """Give every value of this name, lines with several values taken apart."""
        return [value for line in self.all(name) for value in split_values(line)]

    def set(self, name: str, value: str) -> None:
        """Replace every header of this name by one."""
        wanted = canonical(name)
        self.headers = [header for header in self.headers if canonical(header[0]) != wanted]
        self.headers.append((name, value))

    @property
    def cseq(self) -> tuple[int, str]:
        """Sequence number and method."""
        found = _CSEQ.fullmatch(self.get("CSeq"))
        if not found:
            raise ParseError(f"bad CSeq {self.get('CSeq')!r}")
        return int(found[1]), found[2]

    @property
    def branch(self) -> str:
        """The branch of the topmost Via, empty if it has none."""
        found = re.search(r";\s*branch\s*=\s*([^;,\s]+)", self.get("Via"), re.IGNORECASE)
        return found[1] if found else ""

    def __bytes__(self) -> bytes:
        lines = [self.start_line]
        lines += [f"{k}: {v}" for k, v in self.headers if canonical(k) != "content-length"]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode("utf-8", "surrogateescape") + self.body


@dataclass(slots=True)
class Request(Message):
    """A request; the method is upper case as sent."""

    method: str
    uri: str

    @property
    def start_line(self) -> str:
        """METHOD URI SIP/2.0."""
        return f"{self.method} {self.uri} SIP/2.0"


@dataclass(slots=True)
class Response(Message):
    """An answer to a request."""

    status: int
    reason: str

    @property
    def start_line(self) -> str:
        """SIP/2.0 STATUS REASON."""
        return f"SIP/2.0 {self.status} {self.reason}"


def parse(data: bytes) -> Request | Response:
    """Read one datagram; raises ParseError on anything that is not a whole SIP message."""
    head, blank, body = data.lstrip(b"\r\n").partition(b"\r\n\r\n")
    if not blank:
        raise ParseError("no blank line after the headers")
    lines = _FOLD.sub(b" ", head).split(b"\r\n")
    message = _start(lines[0])
    message.headers = [_header(line) for line in lines[1:]]
    for name in NEEDED:
        if not message.get(name):
            raise ParseError(f"no {name}")
    _ = message.cseq
    message.body = _body(message, body)
    return message


def _start(line: bytes) -> Request | Response:
    if status := _STATUS.fullmatch(line):
        return Response(int(status[1]), text(status[2] or b""))
    if request := _REQUEST.fullmatch(line):
        return Request(text(request[1]), text(request[2]))
    raise ParseError(f"not SIP: {line[:60]!r}")


def _header(line: bytes) -> tuple[str, str]:
    name, colon, value = line.partition(b":")
    if not colon or not name.strip(b" \t"):
        raise ParseError(f"not a header: {line[:60]!r}")
    return text(name.strip(b" \t")), text(value.strip(b" \t"))


def _body(message: Message, rest: bytes) -> bytes:
    length = message.get("Content-Length")
    if not length:
        return rest
    if not re.fullmatch(r"[0-9]{1,9}", length) or int(length) > len(rest):
        raise ParseError(f"bad Content-Length {length!r}")
    return rest[: int(length)]


def text(raw: bytes) -> str:
    """Decode header bytes so that encoding gives them back."""
    return raw.decode("utf-8", "surrogateescape")


@lru_cache(maxsize=512)
def canonical(name: str) -> str:
    """Give a header's long name in lower case."""
    lower = name.lower()
    return COMPACT.get(lower, lower)


def split_values(line: str) -> list[str]:
    """Split at commas outside quotes and angle brackets."""
    parts = [""]
    at = 0
    while at < len(line):
        if found := _QUOTED_OR_BRACKETED.match(line, at):
            parts[-1] += found[0]
            at = found.end()
        else:
            parts.append("")
            at += 1
    return [part.strip() for part in parts if part.strip()]


def reason_of(status: int) -> str:
    """Give the usual phrase of a status."""
    if phrase := REASONS.get(status):
        return phrase
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Status"
