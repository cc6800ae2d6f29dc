"""What a receiver's answer means to the call that waits for it: always one of our own words.

Nothing of the answer itself reaches the engine.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct

SUCCESS: Final = "success"
FAILED: Final = "failed"
TIMEOUT: Final = "timeout"
_ABSENT: Final = object()


class Question(Struct, frozen=True):
    """How long a call waits, the field its way depends on, and each case's values."""

    time_limit: int
    """Seconds."""
    field: str = ""
    cases: tuple[tuple[str, ...], ...] = ()


def case(number: int) -> str:
    return f"case{number}"


def meaning(question: Question, body: bytes) -> str:
    """The word for a 2xx answer: that of the first case that fits, else success."""
    said = _field(body, question.field) if question.cases else None
    found = (n for n, values in enumerate(question.cases, 1) if said in values)
    return next((case(number) for number in found), SUCCESS)


def _field(body: bytes, path: str) -> str | None:
    """A field's value as text; None if there is no such field, or it is no single value."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    for part in path.split("."):
        value = _inside(value, part)
    if isinstance(value, str):
        return value
    if value is None or isinstance(value, bool | int | float):
        return json.dumps(value)
    return None


def _inside(value: Any, part: str) -> Any:
    if isinstance(value, Mapping):
        return value.get(part, _ABSENT)
    if isinstance(value, Sequence) and not isinstance(value, str) and part.isdecimal():
        place = int(part)
        return value[place] if place < len(value) else _ABSENT
    return _ABSENT
