"""JSON Schema (2020-12) of the bodies, generated from their structs."""

from typing import Any, Final

import msgspec

from hookswitch.events.samples import KINDS

VERSION: Final = "1.0"
"""Of the wire contract: the second number grows with a new event type, the first with any change
that a receiver could notice."""

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def schema(event_type: str) -> dict[str, Any]:
    """The schema of one event's body."""
    return {**_head(f"event:{event_type}"), **_body(event_type)}


def schema_of_all() -> dict[str, Any]:
    """One schema that fits any event's body; each type stands in `$defs` under its own name."""
    return {
        **_head("events"),
        "title": "Webhook events of Hookswitch",
        "oneOf": [{"$ref": f"#/$defs/{event_type}"} for event_type in KINDS],
        "$defs": {event_type: _body(event_type) for event_type in KINDS},
    }


def render(document: dict[str, Any]) -> str:
    """The same text for the same structs, always."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def _head(name: str) -> dict[str, Any]:
    return {
        "$schema": _DIALECT,
        "$id": f"urn:hookswitch:{name}:{VERSION}",
        "x-hookswitch-version": VERSION,
    }


def _body(event_type: str) -> dict[str, Any]:
    kind = KINDS[event_type]
    struct = type(kind.sample)
    found: dict[str, Any] = msgspec.json.schema(struct)["$defs"][struct.__name__]
    name = {"description": "Which event this is.", "const": event_type}
    return {
        **found,
        "title": kind.title,
        "properties": {**found["properties"], "type": name},
    }
