"""Webhook endpoints as the live revision defines them."""

from typing import Final, Literal

from msgspec import Struct

from hookswitch.model.ids import EndpointId, Ms
from hookswitch.model.secret import Secret

NO_SECRET: Final = Secret("")


class PrivateTls(Struct, frozen=True):
    """An authority of the endpoint's own, and who we are there; both PEM, empty if not used."""

    ca: str = ""
    certificate: Secret = NO_SECRET
    """Certificate and private key, in one text."""


Masking = Literal["drop", "hash"]
MASKED_FIELDS: Final = (
    *("caller_id", "caller_name", "user_name", "user_number", "dest_number"),
    *("emails", "email_subject", "email_message", "audio_file", "call_recording_link"),
)
"""What may be kept from an endpoint: who called whom, and what was said."""


class Only(Struct, frozen=True):
    """Which events an endpoint means, beside its triggers: empty sets leave nothing out."""

    numbers: frozenset[str] = frozenset()
    queues: frozenset[str] = frozenset()
    users: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.numbers or self.queues or self.users)


EVERYTHING: Final = Only()


class Endpoint(Struct, frozen=True, kw_only=True):
    """Where a webhook goes and how it is authenticated.

    `token` travels verbatim in `X-Pbx-Token`; `signing_secrets` (each `whsec_...`) sign the body,
    newest first, two during a rotation. `headers` are (name, value) pairs, already checked.
    """

    id: EndpointId
    name: str
    url: str
    token: Secret
    signing_secrets: tuple[Secret, ...]
    triggers: frozenset[str] = frozenset()
    headers: tuple[tuple[str, Secret], ...] = ()
    tls: PrivateTls | None = None
    only: Only = EVERYTHING
    masks: tuple[tuple[str, Masking], ...] = ()
    """Fields of the body, and what is done to each."""
    rate: float | None = None
    """Most attempts a second; None for no limit but the receiver's own pace."""
    strict_ms: Ms | None = None
    """The next event of a call waits until the one before is delivered, at most so long."""


def object_endpoint(node: str) -> EndpointId:
    """The endpoint id of a Webhook object in the call flow."""
    return EndpointId(f"object:{node}")
