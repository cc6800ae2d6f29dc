"""For those who receive Hookswitch's webhooks: check a request and read its body.

    from hookswitch.receiver import facts, parse, verify

    verify(request.headers, body, signing_secret="whsec_...", token="...")  # or VerificationError
    event = parse(body)  # or BadBody
    if event["type"] == "user_inbound_completed":
        print(facts(request.headers).id, event["caller_id"], event["call_duration"])

Answer a `VerificationError` with 401. Deliveries are at-least-once: keep the `webhook-id` of what
was handled (`facts(headers).id`) and skip it when it comes again. An `UnknownEvent` is of a type
newer than this package: answer it with a 2xx, or it is sent again for days.

Needs the standard library only, so the folder may be copied into another project.
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
