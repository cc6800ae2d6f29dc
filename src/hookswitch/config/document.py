"""The one document: users, trunks, flows, webhook endpoints, networks allowed."""

import ipaddress
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field

from hookswitch.config.webhook import WebhookConfig
from hookswitch.flow.blocked import BlockedCallers
from hookswitch.flow.features import FeatureCodes, Parking, Transfers
from hookswitch.flow.fields import (
    GENERATED,
    DialledNumber,
    EmailAddress,
    ExtensionNumber,
    Host,
    MailboxPin,
    Name,
    ObjectId,
    Part,
    PromptName,
    SipPassword,
    SipUsername,
    Text,
    TrunkUsername,
    wrong,
)
from hookswitch.flow.graph import Flow
from hookswitch.flow.outside import CallLimits, Emergency, Forward, Outside, Route, TrunkLimits
from hookswitch.flow.recording import Recorded
from hookswitch.flow.site import Srtp

Codec = Literal["ulaw", "alaw", "g722", "opus", "gsm"]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
PRIVATE_NETWORKS = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8")


def _external(value: str) -> str:
    """No names: the engine would drop its transports when one cannot be looked up."""
    try:
        return str(ipaddress.IPv4Address(value))
    except ValueError:
        wrong("it is not an IPv4 address", "write the router's public one, such as 203.0.113.7")


def _network(value: str) -> str:
    try:
        return str(ipaddress.ip_network(value))
    except ValueError:
        wrong("it is not a network", "write an address or a range such as 192.168.1.0/24")


class DeviceConfig(Part):
    """One phone's SIP account; a password that is never given is made up.

    A `browser` is a phone in a web page: WebSocket, DTLS-SRTP, ICE.
    """

    identity: ClassVar[str] = "username"

    username: SipUsername
    password: SipPassword = Field(json_schema_extra=GENERATED)
    kind: Literal["sip", "browser"] = "sip"
    transport: Literal["udp", "tcp", "tls"] = "udp"
    """How calls reach it."""
    srtp: Srtp = "off"
    """Whether its audio must be encrypted."""


class UserConfig(Part):
    """A person with an extension and any number of devices; `ring_time` in seconds."""

    identity: ClassVar[str] = "extension"

    name: Name
    extension: ExtensionNumber
    ring_time: Annotated[int, Field(ge=1, le=600, strict=True)] = 20
    devices: tuple[DeviceConfig, ...] = ()
    email: EmailAddress | None = None
    """Told of messages in the box, where the Voicemail object names nobody."""
    mailbox: ExtensionNumber | None = None
    """The box its phones show messages of, and reach by *97."""
    record_inbound: Recorded = None
    record_outbound: Recorded = None
    outbound_caller_id: DialledNumber | None = None
    """Shown to whom the user calls outside."""
    withhold_caller_id: bool = False
    limits: CallLimits = CallLimits()
    forward: Forward = Forward()
    pickup_groups: Annotated[tuple[ObjectId, ...], Field(max_length=20)] = ("default",)
    """Whose ringing calls its phones take by *8, and who takes its own."""


class MailboxConfig(Part):
    """A voicemail box; its `pin` is asked for from phones that are not its owner's."""

    identity: ClassVar[str] = "box"

    box: ExtensionNumber
    name: Name
    pin: MailboxPin


class TrunkConfig(Part):
    """A provider's gateway: what calls from its addresses, or logs in, enters the numbers' flows.

    When it `registers`, the provider is told where we are,
    by our account there (`username`, `password`).
    `inbound_username` and `inbound_password` are what it must log in with to call us. The caller's
    number is told in From, or with `caller_id_in: pai` in P-Asserted-Identity.
    """

    identity: ClassVar[str] = "name"

    name: ObjectId
    host: Host
    port: Port = 5060
    codecs: Annotated[tuple[Codec, ...], Field(min_length=1)] = ("alaw", "ulaw")
    transport: Literal["udp", "tcp", "tls"] = "udp"
    srtp: Srtp = "off"
    """Whether its audio must be encrypted."""
    verify_server: bool = True
    """Over TLS: refuse a server whose certificate is not trusted or is for another host."""
    username: TrunkUsername | None = None
    password: SipPassword | None = None
    registers: bool = False
    registered_number: DialledNumber | None = None
    """What the provider's calls to our account are for, if it is not dialled as such."""
    inbound_username: TrunkUsername | None = None
    inbound_password: SipPassword | None = None
    addresses: tuple[Annotated[Text, AfterValidator(_network)], ...] = ()
    """Where its calls come from besides `host`."""
    caller_id: DialledNumber | None = None
    """Shown when neither the user nor the route has a number."""
    caller_id_in: Literal["from", "pai"] = "from"
    max_channels: Annotated[int, Field(ge=0, le=10_000, strict=True)] = 0
    """Calls at once, in and out; 0 is without limit."""
    limits: TrunkLimits = TrunkLimits()
    watch: bool = True
    """Ask by OPTIONS whether it is there: one that is away is passed over at once."""


class AllowedNetworkConfig(Part):
    """A private network that webhooks may reach, on these ports only."""

    identity: ClassVar[str] = "network"

    network: Annotated[Text, AfterValidator(_network)]
    ports: Annotated[tuple[Port, ...], Field(min_length=1)]


class NetworkConfig(Part):
    """Where the phone system stands: behind a router, phones and trunks outside need its address.

    Who is on a local network is given the engine's own address, everybody else the external one.
    """

    external_address: Annotated[Text, AfterValidator(_external)] | None = None
    local_networks: Annotated[
        tuple[Annotated[Text, AfterValidator(_network)], ...], Field(min_length=1)
    ] = PRIVATE_NETWORKS


class NumberConfig(Part):
    """One of the account's numbers; `name` says what it is for."""

    identity: ClassVar[str] = "number"

    number: DialledNumber
    name: Name | None = None


class MusicConfig(Part):
    """What those hear who wait: uploaded prompts, in this order from a random one on."""

    identity: ClassVar[str] = "name"

    name: ObjectId
    prompts: Annotated[tuple[PromptName, ...], Field(min_length=1, max_length=100)]


class RecordingsConfig(Part):
    """How recordings are kept."""

    format: Literal["wav", "opus"] = "wav"


KeptDays = Annotated[int, Field(ge=0, le=36_500, strict=True)]


class RetentionConfig(Part):
    """For how long what was is kept, in days, 0 for good; what is absent is as the server's
    settings say.

    What is older is deleted within the hour, and then every hour; never what still waits to be
    delivered or mailed, nor a call that a living link leads to.
    """

    history_days: KeptDays | None = None
    """Calls with their events and deliveries, from their end on."""
    deliveries_days: KeptDays | None = None
    """Deliveries and attempts alone, from the end of their call on; else as long as the call."""
    recordings_days: KeptDays | None = None
    voicemail_days: KeptDays | None = None
    """What links and the console play; a phone's mailbox keeps its messages until they are deleted
    there."""
    audio_mb: Annotated[int, Field(ge=1, le=100_000_000, strict=True)] | None = None
    """Megabytes of recordings and voicemail together: beyond it the oldest go first."""


class Document(Part):
    """All that an administrator decides. `hookswitch` is the format's version."""

    hookswitch: Literal[1]
    users: tuple[UserConfig, ...] = ()
    mailboxes: tuple[MailboxConfig, ...] = ()
    trunks: tuple[TrunkConfig, ...] = ()
    numbers: tuple[NumberConfig, ...] = ()
    """The account's; if there are any, Inbound number objects take theirs from here."""
    flows: tuple[Flow, ...] = ()
    webhooks: tuple[WebhookConfig, ...] = ()
    allowed_networks: tuple[AllowedNetworkConfig, ...] = ()
    network: NetworkConfig = NetworkConfig()
    music: tuple[MusicConfig, ...] = ()
    recordings: RecordingsConfig = RecordingsConfig()
    retention: RetentionConfig = RetentionConfig()
    feature_codes: FeatureCodes = FeatureCodes()
    parking: Parking | None = Parking()
    transfers: Transfers = Transfers()
    routes: tuple[Route, ...] = ()
    emergency: Emergency = Emergency()
    outside: Outside = Outside()
    blocked_callers: BlockedCallers = BlockedCallers()
