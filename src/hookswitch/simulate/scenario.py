"""What happens in a simulated call: who calls whom, and what each person does."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from msgspec import Struct

from hookswitch.model.calls import Party
from hookswitch.model.ids import Ms

MOST_SECONDS: Final = 86_400.0
_REACTION: Final = re.compile(
    r"(?:(?P<word>busy|offline|no_answer|dnd)|(?P<declines>declines)?@?(?P<after>[\d.]+)s?"
    r"(?:\+(?P<talk>[\d.]+)s?)?)\Z"
)


class ScenarioError(Exception):
    """A scenario that cannot be played; the text says the mend."""


class Reaction(Struct, frozen=True):
    """What a user does when rung: `after` seconds, and hangs up after `talk` if given."""

    does: Literal["answers", "declines", "busy", "no_answer", "offline", "dnd"]
    after: float = 0.0
    talk: float | None = None
    ends: Literal["busy", "offline"] = "busy"
    """As what a decline counts: whom the call was forwarded to may be offline."""


class Scenario(Struct, frozen=True, kw_only=True):
    """Times in seconds since the call reached the phone system.

    Users without a reaction do not answer. `keys` are pressed one by one where an object waits
    for one. `hang_up` is when the caller does; without it, after `talk` seconds of any talk or
    message, or where the flow ends.
    """

    number: str
    caller: Party
    at: Ms
    local_time: Callable[[Ms, str], datetime]
    """The wall clock of a time zone."""
    reactions: Mapping[str, Reaction] = {}
    """By extension, or number outside. Who must confirm by a key does so when he answers."""
    forwards: Mapping[str, Mapping[str, str]] = {}
    """What users forward by code, by extension: `always`, `busy` or `no_answer` to a target."""
    away: frozenset[str] = frozenset()
    """Trunks that take no calls."""
    overrides: Mapping[str, str] = {}
    """By time condition: the output that phones have set by code."""
    orders: Mapping[str, Sequence[str]] = {}
    """By object: the agents as a queue chooses them; whom a ring group begins with, if that is
    left to chance or to its memory."""
    keys: tuple[str, ...] = ()
    hang_up: float | None = None
    talk: float = 10.0
    prompts: Mapping[str, float] = {}
    """How long each prompt lasts."""
    answers: Mapping[str, str] = {}
    """What the receivers of Webhook objects that wait answer: an output, by object."""


def reaction(text: str) -> Reaction:
    """`@3s` answers after 3 s, `@3s+20s` and hangs up 20 s later; `busy`, `offline`, `no_answer`,
    `declines@2s`; `dnd` is not to be disturbed.
    """
    found = _REACTION.match(text)
    if found is None:
        raise ScenarioError(
            f"{text!r} is nothing a user does: write @3s, @3s+20s, declines@2s, busy, no_answer,"
            " offline or dnd"
        )
    match found["word"]:
        case "busy" | "offline" | "no_answer" | "dnd" as word:
            return Reaction(word)
    talk = None if found["talk"] is None else _seconds(found["talk"])
    does: Literal["answers", "declines"] = "declines" if found["declines"] else "answers"
    return Reaction(does, _seconds(found["after"]), talk)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        raise ScenarioError(f"{text!r} is no number of seconds: write 3 or 2.5") from None
    if seconds > MOST_SECONDS:
        raise ScenarioError(f"{text} s is longer than a day: write less")
    return seconds
