"""Why a request is not accepted. The names say the finding; none repeats a secret."""
# ruff: noqa: N818

from typing import Final


class ReceiverError(Exception):
    """Base of all errors of this package."""


class VerificationError(ReceiverError):
    """The request is not proven to come from the phone system: answer it with 401."""


class MissingHeader(VerificationError):
    """A header that the check needs is not there."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the header {name} is missing")
        self.name: Final = name


class BadToken(VerificationError):
    """`X-Pbx-Token` is not the endpoint's Secret Token."""


class BadSignature(VerificationError):
    """No signature fits the body: another secret, or the body was changed."""


class StaleTimestamp(VerificationError):
    """The request was signed too long ago, or the clocks differ; it may be a replay."""


class BadBody(ReceiverError):
    """The body is not an event as the wire contract describes it."""


class UnknownEvent(BadBody):
    """The event's `type` is none that this version knows; a receiver may ignore it with a 2xx."""
