"""Tokens and codes: how they are made and kept, and from where one may come."""

import hashlib
import ipaddress
import re
import secrets

from hookswitch.api.ports import invalid
from hookswitch.model.access import ApiToken


def digest(token: str) -> str:
    """Long random tokens need no slow hash."""
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()


def new_code() -> str:
    """Eight characters that are not mistaken for one another."""
    letters = "".join(secrets.choice("ABCDEFGHJKMNPQRSTVWXYZ23456789") for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def bare(code: str) -> bytes:
    return re.sub(r"[\s-]", "", code).upper().encode()


def may_come_from(token: ApiToken, address: str) -> bool:
    if not token.addresses:
        return True
    try:
        given = ipaddress.ip_address(address)
    except ValueError:
        return False
    plain = getattr(given, "ipv4_mapped", None) or given
    return any(plain in ipaddress.ip_network(network) for network in token.addresses)


def network(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError:
        raise invalid(
            "addresses", f"{text[:60]!r} is no address: write 192.0.2.7 or 192.0.2.0/24"
        ) from None
