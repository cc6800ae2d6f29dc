"""Whose calls from outside are refused before any object of the flow."""

import re
from collections.abc import Iterable
from typing import Final

from hookswitch.flow.fields import Part
from hookswitch.flow.match import caller_number, matches
from hookswitch.flow.outside import CallerPattern, dialplan_pattern, fits
from hookswitch.flow.records import literal, live, record
from hookswitch.model.plan import Context, Extension, Step

REJECTED: Final = 21
LOOKED_UP: Final = "c"
"""Before each number of the list: the engine takes an empty extension for the context itself. No
letter that means something in a pattern, as n does."""


class BlockedCallers(Part):
    """Who calls in vain: a call from outside is declined before anybody is rung or told.

    Patterns are those of routes; a number is the same with and without its +.
    """

    numbers: tuple[CallerPattern, ...] = ()
    """Patterns of callers' numbers."""
    withheld: bool = False
    """Also whoever shows no number."""

    def __bool__(self) -> bool:
        return bool(self.numbers) or self.withheld

    def has(self, number: str) -> bool:
        """Of a caller's number; one without a digit is withheld."""
        digits = re.sub(r"[^0-9+]", "", number)
        if not digits:
            return self.withheld
        return any(fits(form, digits) for pattern in self.numbers for form in _forms(pattern))


def callers_context(blocked: BlockedCallers, revision: int) -> Iterable[Context]:
    """The list to look up callers in, and what becomes of one who is in it."""
    if not blocked:
        return
    forms = dict.fromkeys(form for pattern in blocked.numbers for form in _forms(pattern))
    listed = (Extension(dialplan_pattern(LOOKED_UP + form), (Step("NoOp"),)) for form in forms)
    decline = (
        record("arrived", r=str(revision), number=live("HS_DEST"), pres=live("CALLERID(pres)")),
        record("refused", why=literal("caller")),
        Step("Hangup", str(REJECTED)),
    )
    yield Context(_context(revision), (*listed, Extension("decline", decline)))


def turn_away(blocked: BlockedCallers, revision: int) -> tuple[Step, ...]:
    """Of a call that came from a trunk; `HS_DEST` holds the number it dialled."""
    place, steps = f"{_context(revision)},decline,1", []
    if blocked.numbers:
        number = f"{LOOKED_UP}${{FILTER(0-9+,${{CALLERID(num)}})}}"
        found = f"${{DIALPLAN_EXISTS({_context(revision)},{number},1)}}"
        steps.append(Step("GotoIf", f"$[{found}]?{place}"))
    if blocked.withheld:
        steps += [
            *caller_number(),
            Step("GotoIf", f"{matches('empty', is_number=True)}?{place}"),
        ]
    return tuple(steps)


def _context(revision: int) -> str:
    return f"hs-r{revision}-all-callers"


def _forms(pattern: str) -> tuple[str, ...]:
    """What begins with + and nothing else is meant as it is."""
    bare = pattern.removeprefix("+")
    return (pattern,) if bare in {".", "!"} else (bare, f"+{bare}")
