"""The headers of one attempt, as the wire contract lists them."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hookswitch import __version__
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.sign import signatures
from hookswitch.model.delivery import Claim
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import Ms
from hookswitch.model.secret import Secret

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


def build_headers(claim: Claim, endpoint: Endpoint, now: Ms) -> Headers:
    """Sign the stored body afresh and name what the body may not carry; pure but for its inputs."""
    timestamp = now // 1000
    signed = signatures(endpoint.signing_secrets, claim.event, timestamp, claim.body)
    headers = [
        *_ALWAYS,
        *_of_endpoint(endpoint.token, endpoint.headers),
        _checked("webhook-id", claim.event),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signed),
        ("X-Hookswitch-Attempt", str(claim.attempt)),
    ]
    if claim.test:
        headers.append(("X-Hookswitch-Test", "true"))
    elif claim.sequence is not None:
        headers.append(("X-Hookswitch-Call-Sequence", str(claim.sequence)))
    if claim.final:
        headers.append(("X-Hookswitch-Final", "true"))
    if claim.linked_call is not None:
        headers.append(_checked("X-Hookswitch-Linked-Call", claim.linked_call))
    if claim.client_ref is not None:
        headers.append(_checked("X-Hookswitch-Client-Ref", claim.client_ref))
    return headers


def is_reserved(name: str) -> bool:
    """Whether a custom header of this name is never sent."""
    lowered = name.strip().lower()
    return lowered in _RESERVED or lowered.startswith(_RESERVED_PREFIXES)


@lru_cache(maxsize=4096)
def _of_endpoint(token: Secret, custom: tuple[tuple[str, Secret], ...]) -> Headers:
    """What is the same in each of its requests."""
    given = [(name, value.reveal()) for name, value in custom if not is_reserved(name)]
    if token:
        given.append(("X-Pbx-Token", token.reveal()))
    return [_checked(name, value) for name, value in given]


def _checked(name: str, value: str) -> tuple[str, str]:
    if not _NAME.fullmatch(name):
        raise Unsendable("a custom header has a name that cannot be sent")
    if _UNPRINTABLE.search(value):
        raise Unsendable(f"the value of header {name} has characters that cannot be sent")
    return name, value
