"""The headers of one attempt, as the wire contract lists them."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from hookswitch import __version__
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.sign import signatures
from hookswitch.model.delivery import Claim
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import Ms

Headers = Sequence[tuple[str, str]]

USER_AGENT: Final = f"Hookswitch/{__version__}"
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


def build_headers(claim: Claim, endpoint: Endpoint, now: Ms) -> Headers:
    """Sign the stored body afresh and name what the body may not carry; pure but for its inputs."""
    headers = [
        ("Content-Type", "application/json"),
        ("User-Agent", USER_AGENT),
        ("Accept-Encoding", "identity"),
        *_authentication(claim, endpoint, now // 1000),
        *_facts(claim),
        *_custom(endpoint),
    ]
    for name, value in headers:
        _check(name, value)
    return headers


def is_reserved(name: str) -> bool:
    """Whether a custom header of this name is never sent."""
    lowered = name.strip().lower()
    return lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)


def _authentication(claim: Claim, endpoint: Endpoint, timestamp: int) -> Headers:
    signed = signatures(endpoint.signing_secrets, claim.event, timestamp, claim.body)
    headers = [
        ("webhook-id", claim.event),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signed),
    ]
    if endpoint.token:
        headers.insert(0, ("X-Pbx-Token", endpoint.token.reveal()))
    return headers


def _facts(claim: Claim) -> Iterator[tuple[str, str]]:
    yield "X-Hookswitch-Attempt", str(claim.attempt)
    if claim.test:
        yield "X-Hookswitch-Test", "true"
    elif claim.sequence is not None:
        yield "X-Hookswitch-Call-Sequence", str(claim.sequence)
    if claim.final:
        yield "X-Hookswitch-Final", "true"
    if claim.linked_call is not None:
        yield "X-Hookswitch-Linked-Call", claim.linked_call
    if claim.client_ref is not None:
        yield "X-Hookswitch-Client-Ref", claim.client_ref


def _custom(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    for name, value in endpoint.headers:
        if not is_reserved(name):
            yield name, value.reveal()


def _check(name: str, value: str) -> None:
    if not _NAME.fullmatch(name):
        raise Unsendable("a custom header has a name that cannot be sent")
    if _UNPRINTABLE.search(value):
        raise Unsendable(f"the value of header {name} has characters that cannot be sent")
