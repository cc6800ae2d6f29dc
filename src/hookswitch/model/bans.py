"""Addresses that may not log in."""

from msgspec import Struct

from hookswitch.model.ids import Ms


class Ban(Struct, frozen=True, kw_only=True):
    """`account` is the one that was tried last, as it was sent."""

    address: str
    since: Ms
    until: Ms
    failures: int
    account: str = ""
