"""The form of a body: its fields in order, and of which kind each value is."""

import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator
from msgspec import Struct

Body = Mapping[str, Any]

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_LINK = re.compile(r"https?://[^/]+/m/[0-9A-Za-z_-]{43}")


class Shown(Struct, frozen=True):
    """What a receiver's author was shown of an event type: its sample, and the schema of all."""

    sample: Body
    schema: Mapping[str, Any]

    def departures(self, body: Body) -> list[str]:
        """How a real body differs in form; nothing if it does not."""
        if list(body) != list(self.sample):
            return [f"fields {list(body)}, not {list(self.sample)}"]
        validator = Draft202012Validator(self.schema)
        found = [error.message for error in validator.iter_errors(dict(body))]
        for name, value in body.items():
            if kind(value) not in (kinds := self.kinds(name)):
                found.append(f"{name} is {kind(value)}, not one of {sorted(kinds)}")
        return found

    def kinds(self, name: str) -> set[str]:
        """Those that a field may have: the sample's, and null or text where it may be null."""
        shown = kind(self.sample[name])
        if name not in self.optional:
            return {shown}
        return {"null", "text" if shown == "null" else shown}

    @property
    def optional(self) -> set[str]:
        """The fields that may be null."""
        fields = self.schema["$defs"][self.sample["type"]]["properties"]
        return {
            name for name, field in fields.items() if {"type": "null"} in field.get("anyOf", ())
        }


def kind(value: Any) -> str:
    if isinstance(value, list):
        return f"list of {', '.join(sorted(set(map(kind, value))))}"
    if isinstance(value, str):
        return _text(value)
    return "null" if value is None else type(value).__name__


def _text(value: str) -> str:
    if _TIMESTAMP.fullmatch(value):
        return "timestamp"
    return "link" if _LINK.fullmatch(value) else "text"
