"""The variables of an event as a list: name, type in the wire contract's words, meaning."""

from typing import Any

from msgspec import Struct

from hookswitch.events.schema import schema


class Variable(Struct, frozen=True):
    """One field of a body."""

    name: str
    type: str
    meaning: str


def variables(event_type: str) -> list[Variable]:
    """In the order in which the body has them."""
    fields: dict[str, Any] = schema(event_type)["properties"]
    return [
        Variable(name, _type(field), field.get("description", "")) for name, field in fields.items()
    ]


def summary(event_type: str) -> str:
    """When the event is sent, in one sentence."""
    return str(schema(event_type)["description"])


def _type(field: dict[str, Any]) -> str:
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if "const" in field or "enum" in field:
        return "string"
    if field["type"] == "array":
        return f"list of {_type(field['items'])}s"
    return "timestamp" if field.get("format") == "date-time" else str(field["type"])
