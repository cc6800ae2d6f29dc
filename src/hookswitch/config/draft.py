"""A document that is being edited: it may be incomplete, and is still compared and checked."""

import re
from collections.abc import Mapping
from typing import Any, Final

from pydantic_core import to_jsonable_python

from hookswitch.config import secrets
from hookswitch.config.archive import Kept
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument, Problem
from hookswitch.config.schema import Shape, class_of, fields_of
from hookswitch.flow.fields import Part
from hookswitch.model.secret import MASK

DEEPEST: Final = 50
_HALF: Final = re.compile("[\ud800-\udfff]")


def whole(raw: Any, depth: int = 0) -> Any:
    """Give a copy that can be given back: a half of a character, as fields leave it that cut an
    emoji, is U+FFFD. Raises InvalidDocument for what no document is like.
    """
    if depth > DEEPEST:
        message, mend = "it is nested too deeply", "write fields as the reference has them"
        raise InvalidDocument([Problem("", "", message, mend)])
    if isinstance(raw, str):
        return raw if raw.isascii() else _HALF.sub("\ufffd", raw)
    if isinstance(raw, Mapping):
        return {whole(key): whole(value, depth + 1) for key, value in raw.items()}
    return [whole(value, depth + 1) for value in raw] if isinstance(raw, list) else raw


def taken_out(raw: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """Give a copy with a mask for each secret, and the secrets that were given, by reference."""
    values: dict[str, Any] = secrets.copied(dict(raw))
    given: dict[str, str] = {}
    for place in secrets.places(values):
        if place.value is None or place.is_kept or place.value == "":
            continue
        if isinstance(place.value, str | int | float) and not isinstance(place.value, bool):
            given[place.reference] = str(place.value)
        place.holder[place.key] = MASK if place.reference in given else ""
    return values, given


def naming(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Give a copy whose masks say whose secrets they stand for."""
    values: dict[str, Any] = secrets.copied(dict(raw))
    for place in secrets.places(values):
        if place.value == MASK:
            place.holder[place.key] = secrets.mask_naming(place.reference)
    return values


def taken_over(raw: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, str]:
    """Which secrets stand for others: by reference, that of the one whose value each takes.

    The owner was renamed or copied since `before`; one that was there already keeps its own.
    """
    known = {place.reference for place in secrets.places(before)}
    found = {}
    for place in secrets.places(raw):
        old = secrets.named_in(place.value)
        if old and place.reference not in known and secrets.are_alike(old, place.reference):
            found[place.reference] = old
    return found


def unnamed(raw: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Give a copy with plain masks, and with the values of those that are `given`."""
    values: dict[str, Any] = secrets.copied(dict(raw))
    for place in secrets.places(values):
        if secrets.named_in(place.value) is not None:
            place.holder[place.key] = given.get(place.reference, MASK)
    return values


def filled(raw: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Put the secrets that were given back in; the others stay masked."""
    values: dict[str, Any] = secrets.copied(dict(raw))
    for place in secrets.places(values):
        if place.is_kept and place.reference in given:
            place.holder[place.key] = given[place.reference]
    return values


def plain(raw: Mapping[str, Any], set_at: Mapping[str, int]) -> dict[str, Any]:
    """Give what `diff` compares, however incomplete: defaults filled in, what cannot be left out.

    `set_at` tells when each secret's value was given.
    """
    values = _completed(Document, secrets.copied(dict(raw)))
    for place in secrets.places(values):
        if place.is_kept:
            kept = Kept(place.reference, set_at.get(place.reference, 0))
            place.holder[place.key] = kept if place.reference in set_at else None
    return values


def _completed(part: type[Part], raw: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, field in fields_of(part).items():
        info = part.model_fields[name]
        default = (
            None
            if info.is_required()
            else to_jsonable_python(info.get_default(call_default_factory=True), by_alias=False)
        )
        value = raw.get(name, default)
        if field.shape is Shape.PARTS:
            entries = value if isinstance(value, list) else []
            found[name] = [_entry(field.part, entry) for entry in entries if _is_named(entry)]
        elif field.shape is Shape.PART:
            found[name] = _completed(field.part, value) if isinstance(value, Mapping) else default
        elif field.shape is Shape.SECRETS or isinstance(default, Mapping):
            found[name] = value if isinstance(value, Mapping) else {}
        else:
            found[name] = value
    return found


def _is_named(entry: object) -> bool:
    return isinstance(entry, Mapping) and all(isinstance(key, str) for key in entry)


def _entry(declared: type[Part], raw: Mapping[str, Any]) -> dict[str, Any]:
    part = class_of(declared, raw)
    return _completed(part, raw) if part is not None else dict(raw)
