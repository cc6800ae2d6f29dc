"""Filling in the subject and message of an email."""

import re
from collections.abc import Mapping
from typing import Final

from hookswitch.model.facts import CallInfo
from hookswitch.model.ids import Ms
from hookswitch.model.instants import iso

_VARIABLE: Final = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Put the values in; text of the caller that looks like a variable stays as it is."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), template)


def call_values(call: CallInfo, recorded_at: Ms) -> dict[str, str]:
    """The variables that every template may have."""
    return {
        "caller_id": call.caller.number or "a withheld number",
        "caller_name": call.caller.name or "somebody",
        "dest_number": call.dest_number,
        "recorded_at": iso(recorded_at),
    }
