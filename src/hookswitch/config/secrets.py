"""Where a document's secrets are, and what each is called for good.

A reference is made from the identity of the owner (`users/1001/devices/1001/password`), not from
its place: moving an object leaves its secrets alone. A secret that is absent, empty or masked in
what an administrator gives is the one kept under its reference.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from hookswitch.config.document import Document
from hookswitch.config.problems import Loc
from hookswitch.config.schema import Shape, class_of, identity_of, secret_fields_of
from hookswitch.flow.fields import Part
from hookswitch.model.secret import MASK

Path = tuple[str, ...]
LETTERS: Final = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
PASSWORD_LENGTH: Final = 20
_NAMING: Final = f"{MASK[:-1]}: "


class Place(Struct, frozen=True):
    """A secret's place in raw values: `holder[key]`, which may be absent."""

    reference: str
    loc: Loc
    holder: dict[str, Any]
    key: str
    optional: bool
    generated: bool = False

    def __repr__(self) -> str:
        return f"Place({self.reference})"

    @property
    def value(self) -> Any:
        return self.holder.get(self.key)

    @property
    def is_kept(self) -> bool:
        """Whether the kept secret is meant; one that may be left out is only if it is masked."""
        return is_masked(self.value) or (self.value is None and not self.optional)


Apart = tuple[dict[str, Any], list[Place], dict[str, str]]
"""A document's plain values, where in them its secrets belong, and the secrets by reference."""


def is_masked(value: Any) -> bool:
    return value == MASK or named_in(value) is not None


def mask_naming(reference: str) -> str:
    """A mask that says whose secret it stands for, so that it follows a renamed owner."""
    return f"{_NAMING}{reference}]"


def named_in(value: Any) -> str | None:
    """The reference in such a mask."""
    if isinstance(value, str) and value.startswith(_NAMING) and value.endswith("]"):
        return value[len(_NAMING) : -1]
    return None


def are_alike(reference: str, other: str) -> bool:
    """Whether two are the same field of the same kind of owner: one may take over the other."""
    return reference.split("/")[::2] == other.split("/")[::2]


def places(raw: Any) -> list[Place]:
    """Give every place of a secret; values of the wrong type are passed over."""
    found: list[Place] = []
    _collect(found, raw, Document, (), ())
    return found


def wanted(raw: Any) -> frozenset[str]:
    """The references of the secrets that are to be kept."""
    return frozenset(place.reference for place in places(raw) if place.is_kept)


def filled(raw: Any, kept: Mapping[str, str]) -> Any:
    """Give a copy with the kept secrets in it; one that is not kept is made up, or missing."""
    values = copied(raw)
    for place in places(values):
        if place.is_kept:
            made = new_password() if place.generated and place.value is None else None
            place.holder[place.key] = kept.get(place.reference, made)
    return values


def copied(raw: Any) -> Any:
    """Copy what can be changed in plain values."""
    if isinstance(raw, dict):
        return {key: copied(value) for key, value in raw.items()}
    if isinstance(raw, list):
        return [copied(value) for value in raw]
    return tuple(map(copied, raw)) if isinstance(raw, tuple) else raw


def new_password() -> str:
    """More than a hundred random bits, in letters and digits that nobody mistakes."""
    return "".join(secrets.choice(LETTERS) for _ in range(PASSWORD_LENGTH))


def taken_out(
    document: Document, mark: Callable[[str], Any], *, defaults: bool = True
) -> dict[str, Any]:
    """Give a document's plain values with `mark(reference)` instead of each secret."""
    raw = document.model_dump(mode="json", exclude_defaults=not defaults)
    put_in((place for place in places(raw) if place.value is not None), mark)
    return raw


def put_in(found: Iterable[Place], mark: Callable[[str], Any]) -> None:
    """Put `mark(reference)` in each place."""
    for place in found:
        place.holder[place.key] = mark(place.reference)


def masked(document: Document, *, defaults: bool = True) -> dict[str, Any]:
    """Plain values that may be shown, and applied again."""
    return taken_out(document, lambda _reference: MASK, defaults=defaults)


def values_of(document: Document) -> dict[str, str]:
    """The secrets by reference."""
    return apart(document)[2]


def apart(document: Document) -> Apart:
    """Take the secrets out; the plain values have something in each place."""
    raw = document.model_dump(mode="json")
    there = [place for place in places(raw) if place.value is not None]
    return raw, there, {place.reference: _value_at(document, place.loc) for place in there}


def _value_at(document: Document, loc: Loc) -> str:
    """The dumped values say only that there is one."""
    value: Any = document
    for part in loc:
        value = getattr(value, str(part)) if isinstance(value, Part) else value[part]
    secret: str = value.get_secret_value()
    return secret


def _collect(found: list[Place], raw: Any, declared: type[Part], path: Path, loc: Loc) -> None:
    part = class_of(declared, raw)
    if part is None:
        return
    for name, field in secret_fields_of(part).items():
        value, here, there = raw.get(name), (*path, name), (*loc, name)
        if field.shape is Shape.SECRET:
            reference = "/".join(here)
            found.append(Place(reference, there, raw, name, field.optional, field.generated))
        elif field.shape is Shape.SECRETS and isinstance(value, dict):
            for key in value:
                reference = "/".join((*here, str(key)))
                found.append(Place(reference, (*there, key), value, key, False))
        elif field.shape is Shape.PART:
            _collect(found, value, field.part, here, there)
        elif field.shape is Shape.PARTS and isinstance(value, list | tuple):
            for index, entry in enumerate(value):
                owner = class_of(field.part, entry)
                identity = identity_of(owner, entry) if owner else None
                if owner and identity is not None:
                    inside = (owner.root, identity) if owner.root else (*here, identity)
                    _collect(found, entry, field.part, inside, (*there, index))
