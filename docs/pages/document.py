"""Every field of the configuration document, from its classes."""

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from hookswitch.config.document import Document
from hookswitch.flow.fields import Part
from hookswitch.flow.node import Node, NodeKind, nothing_more
from hookswitch.flow.nodes import KINDS
from pages.fields import HEAD as TABLE
from pages.fields import Known, rows

HEAD = """# The document, field by field

Every field of the configuration document with its type, its default and what it means.
[Configuration](../configuration.md) explains how they work together; `GET /api/schema` has the same as
JSON Schema. Durations are whole seconds unless something else is said. A field without a default that
is not required may be left out, and is then absent. Text that looks like a number must be in quotes.
A secret that is left out keeps the value stored before.

`hookswitch check FILE` names every field that is wrong, with the mend.
"""
NODES = """
## Objects of the call flow

What every object has; an output that is not connected ends the call:

"""
COMMON = tuple(Node.model_fields)
Part_ = type[Part]


def page() -> str:
    """The document, its parts, then each kind of object with its parts."""
    shared = dict.fromkeys(_parts(Document))
    anchors = {part.__name__: _title(part).lower() for part in shared}
    anchors["Node"] = "objects-of-the-call-flow"
    sections = (f"\n## {_title(part)}\n\n{_about(part)}{_table(part, anchors)}" for part in shared)
    objects = (_object(kind, anchors) for kind in KINDS.values())
    return "".join((HEAD, *sections, NODES, _table(Node, anchors), *objects))


def _object(kind: NodeKind, shared: Mapping[str, str]) -> str:
    """A kind of object: its outputs, its own fields, the parts that only it has."""
    parts = [one for one in dict.fromkeys(_parts(kind.schema)) if one.__name__ not in shared]
    anchors = {
        **shared,
        **{part.__name__: f"{kind.name}-{part.__name__.lower()}" for part in parts},
    }
    outputs = ", ".join(f"`{name}`" for name in kind.outputs) or "none"
    more = " and those its settings name" if kind.more_outputs is not nothing_more else ""
    below = (
        f"\n#### {kind.name} {part.__name__}\n\n{_about(part)}{_table(part, anchors)}"
        for part in parts
    )
    return (
        f"\n### {kind.name}\n\n{_about(kind.schema)}Outputs: {outputs}{more}.\n\n"
        f"{_table(kind.schema, anchors)}{''.join(below)}"
    )


def _table(part: Part_, anchors: Mapping[str, str]) -> str:
    """The fields; of an object only its own."""
    schema = part.model_json_schema()
    hidden = () if part is Node or not issubclass(part, Node) else COMMON
    known = Known(schema.get("$defs", {}), anchors)
    own = {name: field for name, field in schema["properties"].items() if name not in hidden}
    found = rows(part, {**schema, "properties": own}, known)
    return TABLE + "".join(map(str, found)) if found else "It has no settings of its own.\n"


def _title(part: Part_) -> str:
    return part.__name__.removesuffix("Config")


def _about(part: Part_) -> str:
    said = inspect.cleandoc(part.__doc__ or "")
    return f"{said}\n\n" if said else ""


def _parts(part: Part_) -> Iterator[Part_]:
    """A part and those within it; objects of the call flow are not among them."""
    if not issubclass(part, Node):
        yield part
    for field in part.model_fields.values():
        for inside in _mentioned(field.annotation):
            if not issubclass(inside, Node):
                yield from _parts(inside)


def _mentioned(annotation: Any) -> Iterator[Part_]:
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
    for argument in get_args(annotation):
        yield from _mentioned(argument)
