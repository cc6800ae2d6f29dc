"""What a filter of calls comes to in `call_parties`, the same for every backend."""

from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct

from hookswitch.model.calls import CallState
from hookswitch.store.rows import CallFilter, CallMark

NO_END: Final = 2**63 - 1
FEW: Final = 2000
"""What a filter may lead to before it is likely that it leads to some of the newest."""
NEWEST: Final = 10_000
"""Calls that are looked through for a number's beginning before its numbers lead to them."""


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
    first, party, other = (*exact, None, None, None)[:3]
    return Parties(first, party, other, prefix)


def among_open(
    calls: Iterable[CallState], wanted: CallFilter, before: CallMark | None
) -> list[CallState]:
    """Those of the open calls that are wanted: they are few, and in no index of parties."""
    found = parties(wanted)
    place = bounds(wanted, before, 0)
    return [
        call
        for call in calls
        if place["since"] <= call.started_at < place["until"]
        and (call.started_at, call.id) < (place["before_at"], place["before"])
        and _fits(call, found)
    ]


def merged(
    over: Iterable[CallState], open_calls: Iterable[CallState], limit: int
) -> list[CallState]:
    """The newest first."""
    both = {call.id: call for call in (*over, *open_calls)}
    return sorted(both.values(), key=lambda call: (call.started_at, call.id), reverse=True)[:limit]


def looks_at_open(wanted: CallFilter) -> bool:
    """Whether open calls may be among them that the index does not have."""
    return wanted.outcome == "open" or (
        wanted.outcome is None and (wanted.number is not None or wanted.user is not None)
    )


def _fits(call: CallState, wanted: Parties) -> bool:
    users = [leg.user for leg in call.legs.values()]
    users += [call.outgoing.user] if call.outgoing else []
    known = {f"n:{n.lstrip('+')}" for n in (call.caller.number, call.dest_number) if n}
    known |= {f"u:{user.extension}" for user in users}
    asked = {wanted.first, wanted.party, wanted.other} - {None}
    begins = wanted.prefix is None or any(party.startswith(wanted.prefix) for party in known)
    return asked <= known and begins


def bounds(wanted: CallFilter, before: CallMark | None, limit: int) -> dict[str, Any]:
    at, call = before or (NO_END, "")
    return {
        "since": wanted.since or 0,
        "until": NO_END if wanted.until is None else wanted.until,
        "before_at": at,
        "before": call,
        "limit": limit,
    }
