"""Few patterns of the engine that fit a set of numbers, and no other number."""

from collections.abc import Collection
from typing import Final

EVERY_DIGIT: Final = "0123456789"


def exact(numbers: Collection[str]) -> tuple[str, ...]:
    """Give patterns without the leading underscore; one that is just a number fits itself."""
    beginning: dict[str, set[str]] = {}
    for number in numbers:
        if number:
            beginning.setdefault(number[0], set()).add(number[1:])
    alike: dict[tuple[str, ...], str] = {}
    for digit, rests in sorted(beginning.items()):
        ending = exact(rests)
        alike[ending] = alike.get(ending, "") + digit
    end = ("",) if "" in numbers else ()
    return end + tuple(_one_of(d) + rest for endings, d in alike.items() for rest in endings)


def _one_of(digits: str) -> str:
    if digits == EVERY_DIGIT:
        return "X"
    return digits if len(digits) == 1 else f"[{digits}]"
