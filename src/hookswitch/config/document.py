"""The one document: users, trunks, flows, webhook endpoints, networks allowed."""

import ipaddress
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, Field, SecretStr

from hookswitch.flow.fields import (
    ExtensionNumber,
    Headers,
    HeaderSecret,
    Host,
    MailboxPin,
    Name,
    ObjectId,
    Part,
    SigningSecret,
    SipPassword,
    SipUsername,
    Text,
    WebUrl,
    wrong,
)
from hookswitch.flow.graph import Flow
from hookswitch.model.events import Trigger

TRIGGERS: tuple[str, ...] = get_args(Trigger)
Codec = Literal["ulaw", "alaw", "g722", "opus", "gsm"]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]


def _trigger(value: str) -> str:
    if value not in TRIGGERS:
        wrong(f"there is no trigger {value!r}", f"tick some of {', '.join(TRIGGERS)}")
    return value


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        wrong("it is not a network", "write an address or a range such as 192.168.1.0/24")


class DeviceConfig(Part):
    """One phone's SIP account."""

    username: SipUsername
    password: SipPassword


class UserConfig(Part):
    """A person with an extension and any number of devices; `ring_time` in seconds."""

    name: Name
    extension: ExtensionNumber
    ring_time: Annotated[int, Field(ge=1, le=600, strict=True)] = 20
    devices: tuple[DeviceConfig, ...] = ()
    mailbox: ExtensionNumber | None = None
    """The box its phones show messages of, and reach by *97."""


class MailboxConfig(Part):
    """A voicemail box; its `pin` is asked for from phones that are not its owner's."""

    box: ExtensionNumber
    name: Name
    pin: MailboxPin


class TrunkConfig(Part):
    """A provider's gateway, known by its address: calls from there enter the numbers' flows."""

    name: ObjectId
    host: Host
    port: Port = 5060
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = ("alaw", "ulaw")


class WebhookConfig(Part):
    """An endpoint: `secret_token` is sent as X-Pbx-Token, `signing_secret` signs the body."""

    name: ObjectId
    url: WebUrl
    secret_token: HeaderSecret
    signing_secret: SigningSecret
    previous_signing_secret: SigningSecret | None = None
    """During a rotation both sign, so that the receiver can change over at leisure."""
    triggers: tuple[Annotated[Text, AfterValidator(_trigger)], ...] = ()
    headers: Headers = Field(default_factory=dict)

    @property
    def signing_secrets(self) -> tuple[SecretStr, ...]:
        both = (self.signing_secret, self.previous_signing_secret)
        return tuple(secret for secret in both if secret is not None)


class AllowedNetworkConfig(Part):
    """A private network that webhooks may reach, on these ports only."""

    network: Annotated[Text, AfterValidator(_network)]
    ports: Annotated[tuple[Port, ...], Field(min_length=1)]


class Document(Part):
    """All that an administrator decides. `hookswitch` is the format's version."""

    hookswitch: Literal[1]
    users: tuple[UserConfig, ...] = ()
    mailboxes: tuple[MailboxConfig, ...] = ()
    trunks: tuple[TrunkConfig, ...] = ()
    flows: tuple[Flow, ...] = ()
    webhooks: tuple[WebhookConfig, ...] = ()
    allowed_networks: tuple[AllowedNetworkConfig, ...] = ()
