"""What the headers say about a delivery beside its body."""

from dataclasses import dataclass

from hookswitch.receiver.headers import Headers, lowered


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`id` is the same on every retry and resend: the key to handle an event once.

    `sequence` counts a call's events for this endpoint without gaps; `final` may be relied on when
    true. `test` marks a test event, which belongs to no call. A number that is absent or
    unreadable is None.
    """

    id: str
    sequence: int | None
    attempt: int | None
    final: bool
    test: bool
    linked_call: str | None
    client_ref: str | None


def facts(headers: Headers) -> Facts:
    """Read them from a request whose signature has been verified."""
    found = lowered(headers)
    return Facts(
        id=found.get("webhook-id", ""),
        sequence=_number(found.get("x-hookswitch-call-sequence")),
        attempt=_number(found.get("x-hookswitch-attempt")),
        final=found.get("x-hookswitch-final") == "true",
        test=found.get("x-hookswitch-test") == "true",
        linked_call=found.get("x-hookswitch-linked-call"),
        client_ref=found.get("x-hookswitch-client-ref"),
    )


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    return int(text)
