"""For those who receive Hookswitch's webhooks: check a request and read its body.

    from hookswitch.receiver import VerificationError, parse, verify

    verify(request.headers, body, signing_secret="whsec_...", token="...")
    event = parse(body)

Needs the standard library only, so the folder may be copied into another project. Deliveries are
at-least-once: keep the `webhook-id` of what was handled and skip it when it comes again.
"""

from hookswitch.receiver.errors import (
    BadBody,
    BadSignature,
    BadToken,
    MissingHeader,
    ReceiverError,
    StaleTimestamp,
    UnknownEvent,
    VerificationError,
)
from hookswitch.receiver.events import Event
from hookswitch.receiver.facts import Facts, facts
from hookswitch.receiver.parsing import parse
from hookswitch.receiver.verification import verify

__all__ = [
    "BadBody",
    "BadSignature",
    "BadToken",
    "Event",
    "Facts",
    "MissingHeader",
    "ReceiverError",
    "StaleTimestamp",
    "UnknownEvent",
    "VerificationError",
    "facts",
    "parse",
    "verify",
]
