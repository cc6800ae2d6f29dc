"""Calls to the outside: the route, what is shown there, and whether anything lets them through."""

from collections.abc import Collection, Sequence
from typing import Final

from msgspec import Struct

from hookswitch.flow.outside import Route, fits
from hookswitch.flow.routes import ABROAD, RING_SECONDS
from hookswitch.flow.site import Site, SiteUser, Trunk


class Way(Struct, frozen=True):
    """How a number outside is called; `refused` says why it is not, else it is empty."""

    shown: str | None = None
    """The number shown there; None for the caller's own."""
    ring_time: float = RING_SECONDS
    refused: str = ""


_NONE: Final = Way(refused="route")


def dials_outside(site: Site, number: str) -> bool:
    """Whether a phone may dial it at all."""
    known = any(fits(pattern, number) for route in site.routes for pattern in route.patterns)
    return known or (bool(site.trunks) and number in site.emergency.numbers)


def way_out(
    site: Site,
    number: str,
    who: SiteUser | None,
    away: Collection[str],
    through: Route | None = None,
) -> Way:
    """Of a user's call, or of nobody's; the trunks in `away` take none."""
    if who is not None and number in site.emergency.numbers:
        return Way(who.shown, refused="" if _some(site.trunks, away) else "trunk")
    route = through or _route(site, number, who)
    if route is None:
        return _NONE
    trunks = [trunk for name in route.trunks for trunk in site.trunks if trunk.name == name]
    shown = _shown(route, trunks, who)
    sent = route.prepend + number[route.strip :]
    if any(fits(form, text) for form in _blocked(site) for text in (number, sent)):
        return Way(shown, route.ring_time, "blocked")
    if who and who.limits.destinations and not _fits(who.limits.destinations, number):
        return Way(shown, route.ring_time, "destination")
    taking = [t for t in trunks if not t.limits.destinations or _fits(t.limits.destinations, sent)]
    return Way(shown, route.ring_time, "" if _some(taking, away) else "trunk")


def _route(site: Site, number: str, who: SiteUser | None) -> Route | None:
    """The first that fits and that he may use."""
    for route in site.routes:
        mine = not route.users or (who is not None and who.extension in route.users)
        if mine and _fits(route.patterns, number):
            return route
    return None


def _shown(route: Route, trunks: Sequence[Trunk], who: SiteUser | None) -> str | None:
    if who is not None and who.hides:
        return ""
    own = who.shown if who else None
    first = route.caller_id if route.force_caller_id else own
    return first or own or route.caller_id or trunks[0].caller_id


def _blocked(site: Site) -> Sequence[str]:
    """Beginnings of numbers, those with a + also as they are dialled."""
    return [
        f"{begin}{prefix.removeprefix('+')}!"
        for prefix in site.outside.blocked
        for begin in (ABROAD if prefix.startswith("+") else ("",))
    ]


def _fits(patterns: Sequence[str], number: str) -> bool:
    return any(fits(pattern, number) for pattern in patterns)


def _some(trunks: Sequence[Trunk], away: Collection[str]) -> bool:
    return any(trunk.name not in away for trunk in trunks)
