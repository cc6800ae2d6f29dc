"""What a filter of calls comes to in `call_parties`, the same for every backend."""

from typing import Any, Final

from msgspec import Struct

from hookswitch.store.port import CallFilter, CallMark

NO_END: Final = 2**63 - 1
FEW: Final = 2000
"""Calls that a number's beginning may fit before they are looked for from the newest on."""


class Parties(Struct, frozen=True):
    """`first` leads to the calls, `party` and `other` must be there too, `prefix` begins one."""

    first: str | None
    party: str | None
    other: str | None
    prefix: str | None

    def values(self) -> dict[str, str | None]:
        return {name: getattr(self, name) for name in self.__struct_fields__}


def parties(wanted: CallFilter) -> Parties:
    exact: list[str] = []
    prefix = None
    if wanted.number is not None:
        number = "n:" + wanted.number.lstrip("+")
        if number.endswith("*"):
            prefix = number[:-1]
        else:
            exact.append(number)
    if wanted.user is not None:
        exact.append(f"u:{wanted.user}")
    if wanted.outcome not in {None, "open"}:
        exact.append(f"s:{wanted.outcome}")
    if wanted.outcome == "open":  # found by themselves: they are few
        party, other = (*exact, None, None)[:2]
        return Parties(None, party, other, prefix)
    first, party, other = (*exact, None, None, None)[:3]
    return Parties(first, party, other, prefix)


def bounds(wanted: CallFilter, before: CallMark | None, limit: int) -> dict[str, Any]:
    at, call = before or (NO_END, "")
    return {
        "since": wanted.since or 0,
        "until": NO_END if wanted.until is None else wanted.until,
        "before_at": at,
        "before": call,
        "limit": limit,
    }
