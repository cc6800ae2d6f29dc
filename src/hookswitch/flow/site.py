"""What the compiler needs to know of the document, besides the flows."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

from hookswitch.flow.blocked import BlockedCallers
from hookswitch.flow.features import FeatureCodes, Parking, Transfers
from hookswitch.flow.outside import CallLimits, Emergency, Forward, Outside, Route, TrunkLimits
from hookswitch.model.secret import Secret

Srtp = Literal["off", "optional", "required"]
"""Whether audio is encrypted; the keys travel in SIP, so that should be encrypted too."""


class Device(Struct, frozen=True):
    """A phone's SIP account; its user name is also its endpoint's name in the engine."""

    username: str
    password: Secret
    is_browser: bool = False
    transport: str = "udp"
    srtp: Srtp = "off"


class SiteUser(Struct, frozen=True):
    """A user who can be rung."""

    name: str
    extension: str
    ring_time: int
    """Seconds."""
    devices: tuple[Device, ...]
    mailbox: str | None = None
    email: str | None = None
    records_inbound: bool = False
    records_outbound: bool = False
    announcement: str | None = None
    """The prompt that tells a caller that this user's calls are recorded."""
    announces: str | None = None
    """The prompt that tells whom this user calls."""
    pickup_groups: tuple[str, ...] = ()
    shown: str | None = None
    """The number shown to whom this user calls outside."""
    hides: bool = False
    """Withholds that number."""
    limits: CallLimits = CallLimits()
    forward: Forward = Forward()


class Login(Struct, frozen=True):
    """An account, ours at the provider or the provider's at ours."""

    username: str
    password: Secret


class Trunk(Struct, frozen=True):
    """A connection to a provider; who calls from one of its `places`, or logs in, is it."""

    name: str
    host: str
    port: int
    codecs: tuple[str, ...]
    transport: str = "udp"
    login: Login | None = None
    """Our account there."""
    registers: bool = False
    registered_as: str | None = None
    """The number that the provider's calls to our account are for."""
    inbound_login: Login | None = None
    """The account that the provider must use for calls to us."""
    addresses: tuple[str, ...] = ()
    """Where its calls come from besides its host."""
    places: tuple[str, ...] | None = None
    """The host's addresses, where the engine cannot look them up."""
    caller_id: str | None = None
    asserts: bool = False
    """Numbers are told by P-Asserted-Identity, both ways."""
    max_channels: int = 0
    """Calls at once, in and out; 0 is without limit."""
    is_watched: bool = True
    """It is asked by OPTIONS whether it is there."""
    srtp: Srtp = "off"
    verifies: bool = True
    """Over TLS: its certificate must be one that we trust, and for its host."""
    limits: TrunkLimits = TrunkLimits()


class Mailbox(Struct, frozen=True):
    """A voicemail box: its number, its owner's name, the PIN asked for from other phones."""

    box: str
    name: str
    pin: Secret


class Network(Struct, frozen=True):
    """Behind a router: its address outside, and the networks on this side of it."""

    external_address: str
    local_networks: tuple[str, ...]


class Site(Struct, frozen=True):
    """Users by extension, trunks, mailboxes by number, and the prompts there are.

    `prompts` is None when it is not known which were uploaded; `prompt_dir` is where they lie.
    """

    users: Mapping[str, SiteUser]
    trunks: tuple[Trunk, ...]
    mailboxes: Mapping[str, Mailbox] = {}
    prompts: frozenset[str] | None = None
    prompt_dir: str = "prompts"
    network: Network | None = None
    recording_format: str = "wav"
    codes: FeatureCodes = FeatureCodes()
    parking: Parking | None = None
    transfers: Transfers = Transfers()
    music: Mapping[str, tuple[str, ...]] = {}
    """Prompts by the class they are played in, to those who wait."""
    routes: tuple[Route, ...] = ()
    emergency: Emergency = Emergency()
    outside: Outside = Outside()
    blocked_callers: BlockedCallers = BlockedCallers()

    def owners(self, box: str) -> tuple[str, ...]:
        """The email addresses of those whose box it is."""
        own = (user for user in self.users.values() if user.mailbox == box)
        return tuple(user.email for user in own if user.email)
