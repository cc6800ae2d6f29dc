"""What the compiler needs to know of the document, besides the flows."""

from collections.abc import Mapping

from msgspec import Struct

from hookswitch.model.secret import Secret


class Device(Struct, frozen=True):
    """A phone's SIP account; its user name is also its endpoint's name in the engine."""

    username: str
    password: Secret


class SiteUser(Struct, frozen=True):
    """A user who can be rung."""

    name: str
    extension: str
    ring_time: int
    """Seconds."""
    devices: tuple[Device, ...]


class Trunk(Struct, frozen=True):
    """A connection to a provider, told apart by its address."""

    name: str
    host: str
    port: int
    codecs: tuple[str, ...]


class Site(Struct, frozen=True):
    """Users by extension, and trunks."""

    users: Mapping[str, SiteUser]
    trunks: tuple[Trunk, ...]
