"""Changing the name that phones show for a caller."""

from collections.abc import Iterable
from typing import Annotated, Final

from pydantic import AfterValidator

from hookswitch.flow.fields import Text, wrong
from hookswitch.flow.records import literal
from hookswitch.model.plan import Step

LONGEST_PREFIX: Final = 30


def _prefix(value: str) -> str:
    if not (1 <= len(value) <= LONGEST_PREFIX and value.isprintable()):
        wrong("it is empty or too long, or not visible", f"use 1 to {LONGEST_PREFIX} characters")
    return value


NamePrefix = Annotated[Text, AfterValidator(_prefix)]


def prefix_name(prefix: str) -> Iterable[Step]:
    """Without a name the phone would show the prefix alone, so it is the number's then."""
    shown = "${IF($[0${CALLERID(name-valid)} = 1]?name:num)}"
    yield Step("Set", f"HS_V={shown}")
    yield Step("Set", f"CALLERID(name)={decoded(prefix)}${{CALLERID(${{HS_V}})}}")


def decoded(text: str) -> str:
    """Text the engine takes as it stands, whatever signs are in it."""
    return f"${{URIDECODE({literal(text)})}}"
