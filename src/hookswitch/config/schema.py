"""The document's shape as its schema tells it: where secrets, parts and lists of parts are."""

from collections.abc import Iterator, Mapping
from enum import Enum, auto
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import replace
from pydantic import SecretStr

from hookswitch.config.document import Document
from hookswitch.flow.fields import GENERATED, Part
from hookswitch.flow.node import Node
from hookswitch.flow.nodes import KINDS


class Shape(Enum):
    """What a field holds."""

    PLAIN = auto()
    SECRET = auto()
    SECRETS = auto()
    """Secrets by name."""
    PART = auto()
    PARTS = auto()


class Field(Struct, frozen=True):
    """A field's shape, and the class of the parts in it."""

    shape: Shape
    part: type[Part] = Part
    optional: bool = False
    """Whether it may be left out."""
    generated: bool = False
    """Whether a secret that was never given is made up."""


@cache
def fields_of(part: type[Part]) -> Mapping[str, Field]:
    """Give the fields of a class; raises TypeError for a secret that has no identity."""
    return {
        name: replace(
            _field(info.annotation, f"{part.__name__}.{name}", optional=not info.is_required()),
            generated=info.json_schema_extra == GENERATED,
        )
        for name, info in part.model_fields.items()
    }


@cache
def secret_fields_of(part: type[Part]) -> Mapping[str, Field]:
    """Give those fields of a class that hold a secret, or parts that may."""
    return {
        name: field
        for name, field in fields_of(part).items()
        if field.shape in {Shape.SECRET, Shape.SECRETS}
        or (field.shape is not Shape.PLAIN and _holds_secret(field.part))
    }


def class_of(declared: type[Part], raw: Any) -> type[Part] | None:
    """Give the class that raw values are of, None if they do not tell."""
    if type(raw) is not dict and not isinstance(raw, Mapping):
        return None
    if declared is not Node:
        return declared
    kind = raw.get("kind")
    return KINDS[kind].schema if isinstance(kind, str) and kind in KINDS else None


def identity_of(part: type[Part], raw: Mapping[str, Any]) -> str | None:
    """Give what tells it from its neighbours."""
    value = raw.get(part.identity) if part.identity else None
    return value if isinstance(value, str) and value else None


def secret_names() -> frozenset[str]:
    """Give the names of all fields that hold a secret."""
    return frozenset(
        name
        for part in classes_of(Document)
        for name, field in fields_of(part).items()
        if field.shape is Shape.SECRET
    )


def classes_of(part: type[Part]) -> Iterator[type[Part]]:
    """Give a class and those of all parts in it."""
    for found in [kind.schema for kind in KINDS.values()] if part is Node else [part]:
        yield found
        for field in fields_of(found).values():
            if field.shape in {Shape.PART, Shape.PARTS}:
                yield from classes_of(field.part)


def _field(annotation: Any, name: str, *, optional: bool) -> Field:
    bare = _bare(annotation)
    if bare is SecretStr:
        return Field(Shape.SECRET, optional=optional)
    if _is_part(bare):
        return Field(Shape.PART, bare, optional)
    origin, inside = get_origin(bare), [_bare(argument) for argument in get_args(bare)]
    if isinstance(origin, type) and issubclass(origin, Mapping) and inside[1:] == [SecretStr]:
        return Field(Shape.SECRETS, optional=optional)
    if origin in {tuple, list} and inside and _is_part(inside[0]):
        if not inside[0].identity and _holds_secret(inside[0]):
            raise TypeError(f"{name}: {inside[0].__name__} has secrets but no identity")
        return Field(Shape.PARTS, inside[0], optional)
    if _mentions(bare):
        raise TypeError(f"{name}: secrets and parts stand alone, in a list or by name")
    return Field(Shape.PLAIN, optional=optional)


def _bare(annotation: Any) -> Any:
    """Without Annotated and without None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in _UNIONS:
        others = [other for other in get_args(annotation) if other is not NoneType]
        return _bare(others[0]) if len(others) == 1 else annotation
    return annotation


def _is_part(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Part)


def _mentions(annotation: Any) -> bool:
    return (
        annotation is SecretStr
        or _is_part(annotation)
        or any(_mentions(argument) for argument in get_args(annotation))
    )


def _holds_secret(part: type[Part]) -> bool:
    return any(
        field.shape in {Shape.SECRET, Shape.SECRETS}
        for found in classes_of(part)
        for field in fields_of(found).values()
    )


_UNIONS: Final = (Union, UnionType)
