"""Calls to the outside as the document says them: routes, emergency numbers, limits."""

import re
from typing import Annotated, ClassVar, Final

from pydantic import AfterValidator, Field

from hookswitch.flow.fields import DialledNumber, ExtensionNumber, ObjectId, Part, Text, wrong

_PATTERN: Final = re.compile(r"\+?([0-9*#XNZ]|\[[0-9]([0-9-]*[0-9])?\])+[.!]?|\+[.!]", re.ASCII)
EXPENSIVE: Final = (
    *("+870", "+878", "+881", "+882", "+883", "+979", "+808", "+1900"),
    *("0900", "1900", "190X"),
)
"""Satellites, networks of no country and premium rates: what stolen passwords are used for."""


def _pattern(value: str) -> str:
    if not _PATTERN.fullmatch(value):
        wrong(
            "it is not a pattern of numbers",
            "write digits, X (0-9), Z (1-9), N (2-9), [1-5], and a dot at the end for any more,"
            " such as 0XXXXXXXXX or +.",
        )
    return value


def _together(value: str) -> str:
    """As callers' numbers are written by people."""
    return re.sub(r"[\s()]", "", value)


def _prefix(value: str) -> str:
    if value.endswith((".", "!")) or not _PATTERN.fullmatch(value):
        wrong("it is not the beginning of numbers", "write digits, such as +882 or 0900")
    return value


def _digits(value: str) -> str:
    if not re.fullmatch(r"\+?[0-9*]{0,15}", value, re.ASCII):
        wrong("it is not digits", "write digits, with a leading + if you like")
    return value


def _emergency(value: str) -> str:
    if not re.fullmatch(r"[0-9]{2,6}", value, re.ASCII):
        wrong("it is not an emergency number", "write 2 to 6 digits, such as 112")
    return value


def _target(value: str) -> str:
    number = re.sub(r"[\s().\-]", "", value)
    if not re.fullmatch(r"\+?[0-9]{2,15}", number, re.ASCII):
        wrong("it is neither an extension nor a number", "write digits, or + and digits")
    return number


Target = Annotated[Text, AfterValidator(_target)]
Pattern = Annotated[Text, AfterValidator(_pattern)]
CallerPattern = Annotated[Text, AfterValidator(_together), AfterValidator(_pattern)]
Prefix = Annotated[Text, AfterValidator(_prefix)]
Digits = Annotated[Text, AfterValidator(_digits)]


class Route(Part):
    """The trunks for the numbers that its patterns fit; of several routes the first counts.

    Trunks are tried in order. `strip` digits are taken off what was dialled and `prepend` is put
    before the rest. `users` are the extensions that may use it, everybody if there are none.
    """

    identity: ClassVar[str] = "name"

    name: ObjectId
    patterns: Annotated[tuple[Pattern, ...], Field(min_length=1)]
    trunks: Annotated[tuple[ObjectId, ...], Field(min_length=1)]
    strip: Annotated[int, Field(ge=0, le=15, strict=True)] = 0
    prepend: Digits = ""
    caller_id: DialledNumber | None = None
    """Shown for users who have none of their own; for everybody with `force_caller_id`."""
    force_caller_id: bool = False
    users: tuple[ExtensionNumber, ...] = ()
    ring_time: Annotated[int, Field(ge=5, le=600, strict=True)] = 120


class Emergency(Part):
    """Numbers that no limit, list or full disk keeps a phone from; `trunks` are tried first."""

    numbers: tuple[Annotated[Text, AfterValidator(_emergency)], ...] = ("112", "911", "000", "999")
    trunks: tuple[ObjectId, ...] = ()


class Outside(Part):
    """What nobody may dial unless it is taken off this list: beginnings of numbers.

    One with a + is also meant as dialled behind 00, 0011 and 011.
    """

    blocked: tuple[Prefix, ...] = EXPENSIVE


class CallLimits(Part):
    """A user's calls to the outside; None is without limit, no destinations are all."""

    at_once: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    per_minute: Annotated[int, Field(ge=1, le=60, strict=True)] | None = None
    destinations: tuple[Pattern, ...] = ()


class TrunkLimits(Part):
    """What a trunk takes of our calls; None is without limit, no destinations are all.

    `destinations` are patterns of the number as it is sent to the provider.
    """

    per_minute: Annotated[int, Field(ge=1, le=600, strict=True)] | None = None
    destinations: tuple[Pattern, ...] = ()


class Forward(Part):
    """Where a user's calls go instead: an extension, or a number outside by the user's routes.

    `always` does not ring the user at all. What the phones set by code comes before these. Shown
    outside is the user's own number, or with `keep_caller` the caller's. With `confirm` who answers
    outside must press 1, so that no machine there takes the call.
    """

    always: Target | None = None
    busy: Target | None = None
    no_answer: Target | None = None
    offline: Target | None = None
    keep_caller: bool = False
    confirm: bool = False

    @property
    def targets(self) -> dict[str, str]:
        """Those that are set, by their field."""
        fields = ("always", "busy", "no_answer", "offline")
        return {f: value for f in fields if (value := getattr(self, f)) is not None}


def fits(pattern: str, number: str) -> bool:
    """As the engine compares them."""
    signs = {"X": "[0-9]", "Z": "[1-9]", "N": "[2-9]", ".": ".+", "!": ".*", "+": "[+]", "*": "[*]"}
    sets = re.split(r"(\[[^]]*\])", pattern)
    form = "".join(
        part if part.startswith("[") else "".join(signs.get(s, s) for s in part) for part in sets
    )
    return re.fullmatch(form, number) is not None


def dialplan_pattern(pattern: str) -> str:
    """As the engine writes it; its own letters are the same."""
    return pattern if pattern.strip("+0123456789*#") == "" else f"_{pattern}"
