"""Which numbers two patterns share: each is a row of sets of signs, and perhaps a tail of any."""

import re
from typing import Final

from msgspec import Struct

ANY: Final = frozenset("0123456789+*#")
_SETS: Final = {
    "X": frozenset("0123456789"),
    "Z": frozenset("123456789"),
    "N": frozenset("23456789"),
}


class _Form(Struct, frozen=True):
    signs: tuple[frozenset[str], ...]
    least: int
    """The fewest signs that fit."""
    is_open: bool
    """More signs of any kind may follow."""

    def at(self, place: int) -> frozenset[str]:
        return self.signs[place] if place < len(self.signs) else ANY

    def takes(self, length: int) -> bool:
        return length >= self.least if self.is_open else length == self.least


def shared(one: str, other: str) -> str | None:
    """Give the shortest number that fits both, the lowest of those; None if there is none."""
    first, second = _form(one), _form(other)
    length = max(first.least, second.least)
    if not (first.takes(length) and second.takes(length)):
        return None
    both = [first.at(place) & second.at(place) for place in range(length)]
    return "".join(min(signs, key=_digits_first) for signs in both) if all(both) else None


def covers(wide: str, narrow: str) -> bool:
    """Whether every number that fits `narrow` fits `wide` too."""
    outer, inner = _form(wide), _form(narrow)
    if not outer.takes(inner.least) or (inner.is_open and not outer.is_open):
        return False
    length = max(len(inner.signs), len(outer.signs))
    return all(inner.at(place) <= outer.at(place) for place in range(length))


def _form(pattern: str) -> _Form:
    body = pattern.rstrip(".!")
    signs = tuple(map(_signs, re.findall(r"\[[^]]*\]|.", body)))
    return _Form(signs, len(signs) + pattern.endswith("."), pattern != body)


def _signs(part: str) -> frozenset[str]:
    if not part.startswith("["):
        return _SETS.get(part, frozenset(part))
    ranges = re.findall(r"([0-9])(?:-([0-9]))?", part)
    return frozenset(
        str(digit) for begin, end in ranges for digit in range(int(begin), int(end or begin) + 1)
    )


def _digits_first(sign: str) -> tuple[bool, str]:
    return not sign.isdigit(), sign
