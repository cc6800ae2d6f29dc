"""Routes, emergency numbers and trunk accounts: what their fields alone cannot tell."""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Final

from hookswitch.config.document import Document
from hookswitch.config.problems import Loc, Problem
from hookswitch.flow.outside import Route, fits
from hookswitch.flow.overlaps import covers, shared

ADD_TRUNK = "name one of `trunks`, or add it there"
BROWSERS: Final = IPv4Address("127.0.0.1")
"""From where our own web server passes their messages on."""
WIDEST: Final = {4: 16, 6: 32}
"""Length of the prefix, by the version of IP: no provider calls from a larger network."""


def outside_problems(document: Document) -> Iterable[Problem]:
    yield from _routes(document)
    yield from _emergency(document)
    yield from _accounts(document)
    yield from _forwards(document)


def outside_warnings(document: Document) -> Iterable[Problem]:
    yield from _taken_routes(document)
    for i, trunk in enumerate(document.trunks):
        places: list[tuple[Loc, str]] = [(("trunks", i, "host"), trunk.host)]
        places += [(("trunks", i, "addresses", n), net) for n, net in enumerate(trunk.addresses)]
        for loc, place in places:
            if (network := _network(place)) is not None:
                yield from _mistaken(network, loc, document)


def _mistaken(
    network: IPv4Network | IPv6Network, loc: Loc, document: Document
) -> Iterable[Problem]:
    """Phones that would be taken for the trunk, which is known by its address alone."""
    phones = (device for user in document.users for device in user.devices)
    if BROWSERS in network and any(device.kind == "browser" for device in phones):
        message = f"browser phones come from {BROWSERS} too, and would be taken for the trunk"
        yield Problem("", "", message, "give it another one, as 127.0.0.2", loc, severity="warning")
    if network.prefixlen < WIDEST[network.version]:
        message = (
            f"whoever calls from {network} is taken for the trunk, and no phone there registers"
        )
        mend = "name the provider's own networks"
        yield Problem("", "", message, mend, loc, severity="warning")


def _network(place: str) -> IPv4Network | IPv6Network | None:
    """None of a name."""
    try:
        return ipaddress.ip_network(place)
    except ValueError:
        return None


def _taken_routes(document: Document) -> Iterable[Problem]:
    """Numbers of a route that an earlier one takes, unless that is there for just those."""
    for i, route in enumerate(document.routes):
        for earlier in document.routes[:i]:
            if not _is_for_all_of(earlier, route):
                continue
            for pattern in route.patterns:
                if found := _taken(earlier, pattern):
                    message = f"{pattern} and {found[0]} of the route {earlier.name} both fit"
                    message += f" {found[1]}, which goes by {earlier.name}"
                    mend = "make one narrower, or put the narrower route first"
                    loc: Loc = ("routes", i, "patterns")
                    yield Problem("", "", message, mend, loc, severity="warning")


def _is_for_all_of(earlier: Route, route: Route) -> bool:
    """Whoever may use the later one may use the earlier one."""
    return not earlier.users or (bool(route.users) and set(route.users) <= set(earlier.users))


def _taken(earlier: Route, pattern: str) -> tuple[str, str] | None:
    """A pattern that fits first, and a number it takes; a narrower one in front is meant so."""
    for other in earlier.patterns:
        number = shared(other, pattern)
        if number and (other == pattern or not covers(pattern, other)):
            return other, number
    return None


def _routes(document: Document) -> Iterable[Problem]:
    extensions = {user.extension for user in document.users}
    for i, route in enumerate(document.routes):
        loc: Loc = ("routes", i)
        yield from _trunks((*loc, "trunks"), route.trunks, document)
        for extension in route.users:
            if extension not in extensions:
                message = f"there is no user {extension}"
                yield Problem("", "", message, "name an extension of `users`", (*loc, "users"))


def _emergency(document: Document) -> Iterable[Problem]:
    yield from _trunks(("emergency", "trunks"), document.emergency.trunks, document)
    numbers = set(document.emergency.numbers)
    for i, user in enumerate(document.users):
        if user.extension in numbers and document.trunks:
            message = f"{user.extension} is also an emergency number"
            mend = "choose another extension, or take the number off `emergency.numbers`"
            yield Problem("", "", message, mend, ("users", i, "extension"))


def _trunks(loc: Loc, names: Iterable[str], document: Document) -> Iterable[Problem]:
    known = {trunk.name for trunk in document.trunks}
    seen: set[str] = set()
    for name in names:
        if name not in known:
            yield Problem("", "", f"there is no trunk {name}", ADD_TRUNK, loc)
        if name in seen:
            yield Problem("", "", f"{name} is there twice", "remove one", loc)
        seen.add(name)


def _accounts(document: Document) -> Iterable[Problem]:
    for i, trunk in enumerate(document.trunks):
        pairs = (("username", "password"), ("inbound_username", "inbound_password"))
        for one, other in pairs:
            there = [field for field in (one, other) if getattr(trunk, field) is not None]
            if len(there) == 1:
                absent = other if there == [one] else one
                message = f"{there[0]} is of no use without {absent}"
                yield Problem("", "", message, "give both or none", ("trunks", i, absent))
        if trunk.registers and trunk.username is None:
            message = "a trunk that registers needs an account"
            yield Problem(
                "", "", message, "add `username` and `password`", ("trunks", i, "username")
            )


def _forwards(document: Document) -> Iterable[Problem]:
    extensions = {user.extension for user in document.users}
    for i, user in enumerate(document.users):
        routes = [r for r in document.routes if not r.users or user.extension in r.users]
        for field, target in user.forward.targets.items():
            loc: Loc = ("users", i, "forward", field)
            if target == user.extension:
                yield Problem("", "", "it is the user's own extension", "name another", loc)
            elif target not in extensions and not any(
                fits(pattern, target) for route in routes for pattern in route.patterns
            ):
                message = f"{target} is no extension, and no route of this user fits it"
                yield Problem("", "", message, "name an extension, or add a route", loc)
