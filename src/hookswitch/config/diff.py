"""What differs between two documents, object by object; secrets only as changed."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal

from msgspec import Struct

from hookswitch.config.archive import Kept
from hookswitch.config.document import Document
from hookswitch.config.schema import Shape, class_of, fields_of, identity_of
from hookswitch.flow.fields import Part
from hookswitch.flow.node import Node

POSITION: Final = "position"
"""Of an object on the canvas: it changes nothing."""
LONGEST: Final = 60
"""Characters of a value in a line for people."""

What = Literal["added", "removed", "changed", "reordered"]


class Change(Struct, frozen=True, kw_only=True):
    """`where` names the object (`flows Example object alice`), `field` is empty for all of it.

    `old` and `new` are None for a secret, for an object that was added or removed, and for a
    value that was not there.
    """

    where: str
    what: What
    field: str = ""
    old: Any = None
    new: Any = None
    secret: bool = False

    def __str__(self) -> str:
        field = f"{self.field} " if self.field else ""
        if self.secret or not self.field or self.what == "reordered":
            said = f"{field}{self.what}"
        elif isinstance(self.old, list) and isinstance(self.new, list):
            said = f"{field}{_entries_changed(self.old, self.new)}"
        elif self.what == "changed":
            said = f"{field}{_short(self.old)} -> {_short(self.new)}"
        else:
            said = f"{field}{self.what} {_short(self.new if self.what == 'added' else self.old)}"
        return f"{self.where}: {said}" if self.where else said


def diff(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[Change, ...]:
    """Compare what `archive.plain` gave."""
    return tuple(_part(Document, old, new, ()))


def _part(
    declared: type[Part], old: Mapping[str, Any], new: Mapping[str, Any], where: tuple[str, ...]
) -> Iterator[Change]:
    one, other = class_of(declared, old), class_of(declared, new)
    if one is None or other is None or one is not other:
        yield Change(where=" ".join(where), what="removed")
        yield Change(where=" ".join(where), what="added")
        return
    for name, field in fields_of(one).items():
        before, after = old.get(name), new.get(name)
        if before == after or (name == POSITION and issubclass(one, Node)):
            continue
        if field.shape is Shape.PARTS:
            yield from _parts(field.part, before or (), after or (), where, name)
        elif field.shape is Shape.PART and before and after:
            yield from _part(field.part, before, after, (*where, name))
        else:
            yield from _value(" ".join(where), name, before, after)


def _parts(
    declared: type[Part],
    old: Sequence[Mapping[str, Any]],
    new: Sequence[Mapping[str, Any]],
    where: tuple[str, ...],
    name: str,
) -> Iterator[Change]:
    before, after = _by_identity(declared, old), _by_identity(declared, new)
    noun = name if not where else name.removesuffix("s")
    for identity in before:
        if identity not in after:
            yield Change(where=" ".join((*where, noun, identity)), what="removed")
    for identity, entry in after.items():
        inside = (*where, noun, identity)
        if identity not in before:
            yield Change(where=" ".join(inside), what="added")
        elif before[identity] != entry:
            yield from _part(declared, before[identity], entry, inside)
    if [i for i in before if i in after] != [i for i in after if i in before]:
        yield Change(where=" ".join(where), what="reordered", field=name)


def _by_identity(
    declared: type[Part], entries: Sequence[Mapping[str, Any]]
) -> dict[str, Mapping[str, Any]]:
    found = ((class_of(declared, entry) or declared, entry) for entry in entries)
    return {
        identity_of(part, entry) or str(place): entry
        for place, (part, entry) in enumerate(found, 1)
    }


def _value(where: str, field: str, old: Any, new: Any) -> Iterator[Change]:
    if isinstance(old, dict) or isinstance(new, dict):
        yield from _entries(where, field, old or {}, new or {})
    elif isinstance(old, Kept) or isinstance(new, Kept):
        yield Change(where=where, what=_what(old, new), field=field, secret=True)
    else:
        yield Change(where=where, what=_what(old, new), field=field, old=old, new=new)


def _entries(
    where: str, field: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[Change]:
    for key in dict.fromkeys([*old, *new]):
        if old.get(key) != new.get(key):
            yield from _value(where, f"{field}.{key}", old.get(key), new.get(key))


def _what(old: Any, new: Any) -> What:
    if old is None or new is None:
        return "added" if old is None else "removed"
    return "changed"


def _entries_changed(old: list[Any], new: list[Any]) -> str:
    added = [f"+{_short(entry)}" for entry in new if entry not in old]
    removed = [f"-{_short(entry)}" for entry in old if entry not in new]
    return " ".join((*removed, *added)) or "reordered"


def _short(value: Any) -> str:
    """A word as it is, everything else as JSON; a long one is cut."""
    is_word = isinstance(value, str) and value.isprintable() and value and " " not in value
    text = value if is_word else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
