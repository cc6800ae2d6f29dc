"""The kinds of objects and events, in plain values, for the API."""

import sys
from typing import Any

import msgspec

from hookswitch.api.ports import Catalogue
from hookswitch.config.document import Document
from hookswitch.events.samples import KINDS as EVENTS
from hookswitch.events.schema import schema
from hookswitch.events.variables import summary, variables
from hookswitch.flow.node import NodeKind, nothing_more
from hookswitch.flow.nodes import KINDS
from hookswitch.model.events import COMPONENT_EVENT


def catalogue() -> Catalogue:
    return Catalogue(
        objects=[_object(kind) for kind in KINDS.values()],
        events=[_event(name) for name in EVENTS],
        schemas={name: schema(name) for name in EVENTS},
        document=Document.model_json_schema(),
    )


def _object(kind: NodeKind) -> dict[str, Any]:
    return {
        "kind": kind.name,
        "title": kind.title,
        "group": kind.group,
        "description": _description(kind),
        "outputs": [{"name": name, "title": _title(name)} for name in kind.outputs],
        "dynamic_outputs": kind.more_outputs is not nothing_more,
        "schema": kind.schema.model_json_schema(),
    }


def _description(kind: NodeKind) -> str:
    """The first line of its module, which begins with its name."""
    first = (sys.modules[kind.schema.__module__].__doc__ or "").strip().partition("\n")[0]
    said = first.partition(": ")[2] or first
    return said[:1].upper() + said[1:]


def _title(output: str) -> str:
    return output.replace("_", " ").capitalize()


def _event(name: str) -> dict[str, Any]:
    kind = EVENTS[name]
    return {
        "type": name,
        "title": kind.title,
        "trigger": name != COMPONENT_EVENT,
        "summary": summary(name),
        "sample": msgspec.to_builtins(kind.sample),
        "variables": [msgspec.structs.asdict(variable) for variable in variables(name)],
    }
