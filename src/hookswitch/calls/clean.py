"""Caller-controlled text, as signalled, made fit to show."""

import re
from typing import Final

from hookswitch.model.calls import Party

_DIALLABLE: Final = re.compile(r"\+?[\d*#\s().\-/]+\Z")
_SEPARATOR: Final = re.compile(r"[\s().\-/]")
_QUOTED_PAIR: Final = re.compile(r"\\(.)", re.DOTALL)
_WITHHELD: Final = frozenset({"anonymous", "restricted", "unavailable", "private", "withheld"})


def number(text: str) -> str:
    """Remove separators from a dialable number; a withheld one is empty; others stay as sent."""
    text = text.strip()
    if text.lower() in _WITHHELD:
        return ""
    return _SEPARATOR.sub("", text) if _DIALLABLE.match(text) else text


def name(text: str) -> str:
    """Undo SIP's quoted pairs, which the engine leaves in place."""
    return _QUOTED_PAIR.sub(r"\1", text)


def party(number_text: str, name_text: str) -> Party:
    return Party(number=number(number_text), name=name(name_text))
