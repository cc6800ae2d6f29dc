"""A webhook endpoint of the document, and what may be set of it."""

import ssl
from collections.abc import Mapping
from typing import Annotated, ClassVar, Final, get_args

from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from pydantic import AfterValidator, Field, SecretStr

from hookswitch.flow.fields import (
    Headers,
    HeaderSecret,
    ObjectId,
    Part,
    SecretText,
    SigningSecret,
    Text,
    WebUrl,
    wrong,
)
from hookswitch.model.endpoints import MASKED_FIELDS, Masking
from hookswitch.model.events import Trigger

TRIGGERS: tuple[str, ...] = get_args(Trigger)
_CERTIFICATE: Final = "write PEM text: -----BEGIN CERTIFICATE----- and what follows"


def _trigger(value: str) -> str:
    if value not in TRIGGERS:
        wrong(f"there is no trigger {value!r}", f"tick some of {', '.join(TRIGGERS)}")
    return value


def _masks(fields: Mapping[str, Masking]) -> Mapping[str, Masking]:
    for name, how in fields.items():
        if name not in MASKED_FIELDS:
            wrong(f"{name!r} cannot be masked", f"name some of {', '.join(MASKED_FIELDS)}")
        if how == "hash" and name == "audio_file":
            wrong("a list of links cannot be hashed", "drop audio_file")
    return fields


def _authority(text: str) -> str:
    try:
        x509.load_pem_x509_certificates(text.encode())
        ssl.create_default_context(cadata=text)
    except (ValueError, OSError):
        wrong("it is not a certificate", _CERTIFICATE)
    return text


def _client(secret: SecretStr) -> SecretStr:
    text = secret.get_secret_value().encode()
    try:
        own = x509.load_pem_x509_certificates(text)[0].public_key()
        key = load_pem_private_key(text, None).public_key()
    except (ValueError, TypeError):
        wrong(
            "it is not a certificate with its private key",
            "write both as PEM text, the key without a password",
        )
    raw = (Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    if own.public_bytes(*raw) != key.public_bytes(*raw):
        wrong("the private key is not the certificate's", "put the matching key with it")
    return secret


class OnlyConfig(Part):
    """Which events are meant: all of what is given must fit, one of each list."""

    numbers: tuple[Text, ...] = ()
    """Numbers of the business: called, or shown to who is called."""
    queues: tuple[Text, ...] = ()
    """Names of queues and ring groups."""
    users: tuple[Text, ...] = ()
    """Extensions."""


class WebhookConfig(Part):
    """An endpoint: `secret_token` is sent as X-Pbx-Token, `signing_secret` signs the body."""

    identity: ClassVar[str] = "name"

    name: ObjectId
    url: WebUrl
    secret_token: HeaderSecret
    signing_secret: SigningSecret
    previous_signing_secret: SigningSecret | None = None
    """During a rotation both sign, so that the receiver can change over at leisure."""
    triggers: tuple[Annotated[Text, AfterValidator(_trigger)], ...] = ()
    headers: Headers = Field(default_factory=dict)
    only: OnlyConfig = OnlyConfig()
    mask: Annotated[dict[str, Masking], AfterValidator(_masks)] = Field(
        default_factory=dict, json_schema_extra={"propertyNames": {"enum": list(MASKED_FIELDS)}}
    )
    """Fields of the body that are sent empty (`drop`) or as a pseudonym (`hash`)."""
    max_per_second: Annotated[float, Field(gt=0, le=10_000)] | None = None
    strict_order: Annotated[int, Field(ge=1, le=86_400, strict=True)] | None = None
    """Seconds that an event waits at most for the one before it in its call to be delivered."""
    ca_certificate: Annotated[Text, AfterValidator(_authority)] | None = None
    """The only authority trusted there, instead of the system's."""
    client_certificate: Annotated[SecretText, AfterValidator(_client)] | None = None
