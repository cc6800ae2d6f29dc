"""What is known of a field of a pydantic class: its type in words, its default, its meaning.

The meaning is the string under the field in the source, else its line in `meanings.toml`.
"""

import ast
import inspect
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

from msgspec import Struct
from pydantic import BaseModel

MEANINGS = Path(__file__).with_name("meanings.toml")
Schema = Mapping[str, Any]
NULL = {"type": "null"}
MOST = 1 << 53
"""A limit above this one is the database's, and tells a reader nothing."""
HEAD = "| field | type | default | |\n|---|---|---|---|\n"


class Row(Struct, frozen=True):
    """A line of a table."""

    name: str
    type: str
    default: str
    meaning: str

    def __str__(self) -> str:
        return f"| `{self.name}` | {self.type} | {self.default} | {self.meaning} |\n"


class Known(Struct, frozen=True):
    """The parts a schema refers to, and where each is told of on the page."""

    definitions: Schema
    anchors: Mapping[str, str]


def rows(cls: type[BaseModel], schema: Schema, known: Known) -> list[Row]:
    """A row for each field; raises LookupError for one whose meaning is nowhere told."""
    required = schema.get("required", ())
    return [
        Row(
            name,
            _cell(words(field, known)),
            _cell(default_of(field, needed=name in required)),
            _cell(meaning(cls, name)),
        )
        for name, field in schema["properties"].items()
    ]


def words(field: Schema, known: Known) -> str:
    """A JSON Schema's type as a reader would say it."""
    if "$ref" in field:
        return _named(field["$ref"], known)
    if "anyOf" in field:
        return " or ".join(
            dict.fromkeys(words(one, known) for one in field["anyOf"] if one != NULL)
        )
    if "allOf" in field:
        return words(field["allOf"][0], known)
    if "const" in field:
        return f"`{_plain(field['const'])}`"
    if "enum" in field:
        return " ".join(f"`{_plain(one)}`" for one in field["enum"])
    return _simple(field, known)


def _named(reference: str, known: Known) -> str:
    name = reference.rpartition("/")[2]
    target = known.definitions[name]
    if target.get("type") == "object":
        return f"[{name.removesuffix('Config')}](#{known.anchors[name]})"
    return words(target, known)


def _simple(field: Schema, known: Known) -> str:
    kind = field.get("type", "anything")
    if kind == "array":
        items = field.get("items") or {"type": "anything"}
        if "prefixItems" in field:
            return "pair of numbers"
        return f"list of {words(items, known)}"
    if kind == "object":
        inside = field.get("additionalProperties")
        return f"mapping to {words(inside, known)}" if isinstance(inside, dict) else "mapping"
    if kind in {"integer", "number"}:
        return f"{kind}{_range(field)}"
    if field.get("format") == "password":
        return "secret"
    return {"boolean": "`true` `false`", "string": "text"}.get(kind, kind)


def _range(field: Schema) -> str:
    low = field.get("minimum", field.get("exclusiveMinimum"))
    high = field.get("maximum", field.get("exclusiveMaximum"))
    if low is None and high is None:
        return ""
    low = f"above {low}" if "exclusiveMinimum" in field else low
    if high is None or high > MOST:
        return f", {low} or more"
    return f", {low} to {high}"


def default_of(field: Schema, *, needed: bool) -> str:
    """The default as YAML would have it; a part's default is its fields' own."""
    if needed:
        return "made up" if field.get("generated") else "**required**"
    value = field.get("default")
    if isinstance(value, dict):
        return "" if value else "`{}`"
    return "" if value is None else f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_plain, value)) + "]"
    return '""' if value == "" else str(value)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def meaning(cls: type[BaseModel], name: str) -> str:
    """From the source, else from the file beside this one."""
    for base in cls.__mro__:
        told = _docstrings(base).get(name) or _told().get(base.__name__, {}).get(name)
        if told:
            return (told[:1].upper() + told[1:]).rstrip(".")
    raise LookupError(
        f"{cls.__name__}.{name}: nothing says what it means: add a string under the field, or a line"
        f" to {MEANINGS.name}"
    )


@cache
def _told() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(MEANINGS.read_text("utf-8"))


@cache
def _docstrings(cls: type) -> Mapping[str, str]:
    """The strings that stand under the fields of a class."""
    if not issubclass(cls, BaseModel) or cls.__module__.startswith("pydantic"):
        return {}
    (tree,) = ast.parse(dedent(inspect.getsource(cls))).body
    assert isinstance(tree, ast.ClassDef)
    return {
        field.target.id: inspect.cleandoc(under.value.value)
        for field, under in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(under, ast.Expr)
        and isinstance(under.value, ast.Constant)
    }
