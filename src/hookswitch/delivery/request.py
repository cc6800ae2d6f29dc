"""The headers of one attempt, as the wire contract lists them."""

import re
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from hookswitch import __version__
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.sign import signatures, signing_keys
from hookswitch.model.delivery import Claim
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import Ms

Headers = Sequence[tuple[str, str]]

USER_AGENT: Final = f"Hookswitch/{__version__}"
_ALWAYS: Final = (
    ("Content-Type", "application/json"),
    ("User-Agent", USER_AGENT),
    ("Accept-Encoding", "identity"),
)
_RESERVED_PREFIXES: Final = ("content-", "proxy-", "webhook-", "x-hookswitch-")
_RESERVED: Final = frozenset(
    {
        "accept-encoding",
        "connection",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "user-agent",
        "x-pbx-token",
    }
)
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_UNPRINTABLE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")


class Prepared(Struct, frozen=True):
    """What is the same in each request to an endpoint: lines of its headers, and its keys."""

    lines: str
    keys: Sequence[bytes]


def prepare(endpoint: Endpoint) -> Prepared:
    """Check its settings; raises `Unsendable`."""
    custom = [(name, value.reveal()) for name, value in endpoint.headers if not is_reserved(name)]
    if endpoint.token:
        custom.append(("X-Pbx-Token", endpoint.token.reveal()))
    lines = [_custom(name, value) for name, value in (*_ALWAYS, *custom)]
    return Prepared("".join(lines), signing_keys(endpoint.signing_secrets))


def build_head(claim: Claim, prepared: Prepared, now: Ms) -> bytes:
    """Sign the stored body afresh and name what the body may not carry; pure but for its inputs.

    Gives the lines of the headers, each with its end, without Host and Content-Length.
    """
    timestamp = now // 1000
    signed = signatures(prepared.keys, claim.event, timestamp, claim.body)
    head = (
        f"{prepared.lines}{_line('webhook-id', claim.event)}webhook-timestamp: {timestamp}\r\n"
        f"webhook-signature: {signed}\r\nX-Hookswitch-Attempt: {claim.attempt}\r\n"
    )
    if claim.test:
        head += "X-Hookswitch-Test: true\r\n"
    elif claim.sequence is not None:
        head += f"X-Hookswitch-Call-Sequence: {claim.sequence}\r\n"
    if claim.final:
        head += "X-Hookswitch-Final: true\r\n"
    if claim.linked_call is not None:
        head += _line("X-Hookswitch-Linked-Call", claim.linked_call)
    if claim.client_ref is not None:
        head += _line("X-Hookswitch-Client-Ref", claim.client_ref)
    try:
        return head.encode()
    except UnicodeEncodeError:
        raise Unsendable("the value of a header has characters that cannot be sent") from None


def build_headers(claim: Claim, endpoint: Endpoint, now: Ms) -> Headers:
    """The same as names and values."""
    head = build_head(claim, prepare(endpoint), now).decode()
    return [_split(line) for line in head.split("\r\n")[:-1]]


def render_headers(headers: Headers) -> bytes:
    """Give their lines; raises `Unsendable` for one that would break out of its own."""
    try:
        return "".join(_custom(name, value) for name, value in headers).encode()
    except UnicodeEncodeError:
        raise Unsendable("the value of a header has characters that cannot be sent") from None


def is_reserved(name: str) -> bool:
    """Whether a custom header of this name is never sent."""
    lowered = name.strip().lower()
    return lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)


def _custom(name: str, value: str) -> str:
    if not _NAME.fullmatch(name):
        raise Unsendable("a custom header has a name that cannot be sent")
    return _line(name, value)


def _line(name: str, value: str) -> str:
    if not value.isprintable() and _UNPRINTABLE.search(value):
        raise Unsendable(f"the value of header {name} has characters that cannot be sent")
    return f"{name}: {value}\r\n"


def _split(line: str) -> tuple[str, str]:
    name, value = line.split(": ", 1)
    return name, value
