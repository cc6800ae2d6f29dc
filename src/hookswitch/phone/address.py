"""Names, addresses and URIs inside SIP headers; reading them never fails."""

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address

Address = tuple[str, int]

SIP_PORT = 5060

_QUOTED = re.compile(r'\s*"((?:[^"\\]|\\.)*)"\s*<([^>]*)>(.*)', re.DOTALL)
_BRACKETED = re.compile(r"([^<]*)<([^>]*)>(.*)", re.DOTALL)
_HOST = re.compile(r"(\[[^\]]*\]|[^:;?>\s]*)(?::([0-9]{1,5}))?")
_PARAM = re.compile(r';\s*([^;=\s"]+)\s*(?:=\s*("(?:[^"\\]|\\.)*"|[^;]*))?')


@dataclass(frozen=True, slots=True)
class NameAddr:
    """A display name (quotes and escapes taken off), a URI and the parameters after it."""

    name: str
    uri: str
    params: dict[str, str]

    @property
    def tag(self) -> str:
        """The dialog tag, empty if there is none."""
        return self.params.get("tag", "")


@dataclass(frozen=True, slots=True)
class Uri:
    """The parts of a SIP URI that a phone needs."""

    user: str
    host: str
    port: int | None

    @property
    def address(self) -> Address | None:
        """Where a datagram for it goes; None when the host is a name (we look up nothing)."""
        return (self.host, self.port or SIP_PORT) if is_ipv4(self.host) else None


def parse_address(value: str) -> NameAddr:
    """Read a From, To, Contact or Refer-To value."""
    if found := _QUOTED.match(value):
        return NameAddr(re.sub(r"(?s)\\(.)", r"\1", found[1]), found[2].strip(), _params(found[3]))
    if found := _BRACKETED.match(value):
        return NameAddr(found[1].strip(), found[2].strip(), _params(found[3]))
    uri, semicolon, rest = value.partition(";")
    return NameAddr("", uri.strip(), _params(semicolon + rest))


def _params(text: str) -> dict[str, str]:
    return {name.lower(): value.strip().strip('"') for name, value in _PARAM.findall(text)}


def parse_uri(uri: str) -> Uri:
    """Read `sip:user@host:port;...`."""
    rest = re.sub(r"(?i)\Asips?:", "", uri.strip())
    user, _, host = rest.rpartition("@")
    found = _HOST.match(host)
    if not found:
        return Uri(user, "", None)
    port = int(found[2]) if found[2] else None
    if port is not None and not 0 < port < 65536:
        port = None
    return Uri(user.partition(":")[0], found[1], port)


def quote(name: str) -> str:
    """Write a display name as a quoted string."""
    escaped = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def is_ipv4(host: str) -> bool:
    """Tell a literal address from a name; the socket would look a name up, and block."""
    try:
        IPv4Address(host)
    except AddressValueError:
        return False
    return True
