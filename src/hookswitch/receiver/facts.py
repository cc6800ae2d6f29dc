"""What the headers say about a delivery beside its body."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`id` is the same on every retry and resend: the key to handle an event once.

    `sequence` counts a call's events for this endpoint without gaps; `final` may be relied on when
    true. A number that is absent or unreadable is None.
    """

    id: str
    sequence: int | None
    attempt: int | None
    final: bool
    test: bool
    linked_call: str | None
    client_ref: str | None


def facts(headers: Mapping[str, str]) -> Facts:
    """Read them from a request whose signature has been verified."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return Facts(
        id=lowered.get("webhook-id", ""),
        sequence=_number(lowered.get("x-hookswitch-call-sequence")),
        attempt=_number(lowered.get("x-hookswitch-attempt")),
        final=lowered.get("x-hookswitch-final") == "true",
        test=lowered.get("x-hookswitch-test") == "true",
        linked_call=lowered.get("x-hookswitch-linked-call"),
        client_ref=lowered.get("x-hookswitch-client-ref"),
    )


def _number(text: str | None) -> int | None:
    if text is None or not (text.isascii() and text.isdigit() and len(text) < 16):
        return None
    return int(text)
