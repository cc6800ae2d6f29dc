"""The addresses that the engine answers 403: a list of its own that is read again in a millisecond.

Calls that are up go on, and nothing else is reloaded.
"""

import ipaddress
from collections.abc import Iterable
from typing import Final

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.layout import Layout

BANNED: Final = "hs-banned"
FILE: Final = "banned.conf"
ACL_CONF: Final = f"""\
; The engine wants an entry at least: this one is nobody's address.
[{BANNED}]
deny=255.255.255.255/255.255.255.255
#tryinclude {FILE}
"""
PJSIP_ACL: Final = f"[{BANNED}]\ntype=acl\nacl={BANNED}\n"


def write_banned(layout: Layout, addresses: Iterable[str]) -> None:
    """Write the list; an engine that starts reads it."""
    write_atomic(layout.etc / FILE, "".join(_deny(address) for address in sorted(addresses)))


async def reload_banned(ami: Ami) -> None:
    await ami.reload("acl")


def _deny(address: str) -> str:
    parsed = ipaddress.ip_address(address)
    return f"deny={parsed}/{parsed.max_prefixlen}\n"
