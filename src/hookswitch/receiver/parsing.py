"""A body's bytes as a typed event."""

import json
from collections.abc import Mapping
from types import UnionType
from typing import Any, Final, Literal, cast, get_args, get_origin, get_type_hints

from hookswitch.receiver.errors import BadBody, UnknownEvent
from hookswitch.receiver.events import Event


def _fields_by_type() -> Mapping[str, Mapping[str, Any]]:
    hints = [get_type_hints(kind) for kind in get_args(Event)]
    return {get_args(fields["type"])[0]: fields for fields in hints}


FIELDS: Final = _fields_by_type()
"""Field names and types of each event, by its `type`."""


def parse(body: bytes) -> Event:
    """Give the event, its fields checked; fields that are not in the contract are kept."""
    try:
        event = json.loads(body)
    except (ValueError, RecursionError):
        raise BadBody("the body is not JSON") from None
    if not isinstance(event, dict):
        raise BadBody("the body is not a JSON object")
    fields = FIELDS.get(str(event.get("type")))
    if fields is None:
        raise UnknownEvent("the event's type is not known")
    for name, kind in fields.items():
        if name not in event:
            raise BadBody(f"the field {name} is missing")
        if not _fits(event[name], kind):
            raise BadBody(f"the field {name} has another type than the contract says")
    return cast("Event", event)


def _fits(value: object, kind: Any) -> bool:
    origin = get_origin(kind)
    if origin is Literal:
        return value in get_args(kind)
    if origin is UnionType:
        return any(_fits(value, one) for one in get_args(kind))
    if origin is list:
        return isinstance(value, list) and all(_fits(item, get_args(kind)[0]) for item in value)
    if kind is int:
        return type(value) is int  # True and False are integers to Python
    return isinstance(value, kind)
