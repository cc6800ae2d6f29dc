"""A test event: a sample's body in a request like a real one, marked `X-Hookswitch-Test: true`."""

import base64
import secrets
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from hookswitch.delivery.request import Headers, build_headers
from hookswitch.delivery.sign import PREFIX
from hookswitch.events.samples import sample
from hookswitch.model.delivery import Claim, ErrorClass
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import COMPONENT_EVENT, EventType
from hookswitch.model.ids import CallId, DeliveryId, EventId, Ms
from hookswitch.model.secret import MASK

SHOWN: Final = 1024
"""Bytes of an answer's body that are shown."""

_CREDENTIALS: Final = frozenset({"x-pbx-token", "webhook-signature"})


class Request(Struct, frozen=True, kw_only=True):
    """What is sent. A test has no place in any call's sequence."""

    id: EventId
    headers: Headers
    body: bytes


def request(endpoint: Endpoint, kind: EventType, now: Ms, identifier: str | None = None) -> Request:
    """Sign the sample of `kind` for an endpoint; raises `Unsendable` where delivery would."""
    event = EventId(identifier or "evt_test_" + secrets.token_hex(12))
    claim = Claim(
        id=DeliveryId(0),
        event=event,
        type=kind,
        call=CallId(""),
        revision=0,
        endpoint=endpoint.id,
        body=sample(kind),
        attempt=1,
        failures=0,
        sequence=None,
        test=True,
    )
    return Request(id=event, headers=build_headers(claim, endpoint, now), body=claim.body)


def masked(headers: Headers, endpoint: Endpoint) -> Sequence[tuple[str, str]]:
    """The headers without token, signature and the values of custom headers."""
    hidden = _CREDENTIALS | {name.lower() for name, _ in endpoint.headers}
    return [(name, MASK if name.lower() in hidden else value) for name, value in headers]


def throwaway_secret() -> str:
    """A signing secret nobody keeps, so that a request has all its headers."""
    return PREFIX + base64.b64encode(secrets.token_bytes(32)).decode()


def refusal(status: int | None) -> ErrorClass | None:
    """The error class of a complete answer: none for 2xx."""
    return None if status is not None and 200 <= status < 300 else "status"


def suits(endpoint: Endpoint, kind: EventType) -> bool:
    """Whether such an event could ever come to the endpoint, ticked or not."""
    return endpoint.id.startswith("object:") == (kind == COMPONENT_EVENT)


def shown(body: bytes) -> str:
    """The beginning of an answer, as text."""
    return body[:SHOWN].decode("utf-8", "replace")
