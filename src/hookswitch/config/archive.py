"""A document as the store keeps it: JSON with references instead of secrets."""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from hookswitch.config import secrets
from hookswitch.config.document import Document
from hookswitch.model.secret import MASK

FORMAT: Final = 1


class Kept(Struct, frozen=True):
    """What an archive holds of a secret: its reference, and when its value was given."""

    reference: str
    set_at: int


class ArchiveError(Exception):
    """The archived document cannot be used; the text says the mend."""


def dump(document: Document, set_at: Mapping[str, int]) -> str:
    """`set_at` tells, by reference, when each secret's value was given."""
    raw = secrets.taken_out(
        document, lambda reference: {"secret": reference, "set_at": set_at[reference]}
    )
    return json.dumps({"archive": FORMAT, "document": raw}, ensure_ascii=False)


def plain(text: str) -> dict[str, Any]:
    """Give the raw values with a `Kept` in place of each secret."""
    raw = _document(text)
    for place in list(secrets.places(raw)):
        if isinstance(place.value, dict):
            place.holder[place.key] = Kept(place.value["secret"], place.value["set_at"])
    return raw


def shown(text: str) -> dict[str, Any]:
    """Give the raw values with a mask in place of each secret."""
    raw = plain(text)
    for place in list(secrets.places(raw)):
        if isinstance(place.value, Kept):
            place.holder[place.key] = MASK
    return raw


def kept(text: str) -> dict[str, int]:
    """The references of an archived document, and when their values were given."""
    found = (place.value for place in secrets.places(plain(text)))
    return {value.reference: value.set_at for value in found if isinstance(value, Kept)}


def restore(text: str, values: Mapping[str, str]) -> Document:
    """Give the document with the secrets' present values; it was checked when it was applied."""
    raw = plain(text)
    for place in list(secrets.places(raw)):
        if isinstance(place.value, Kept):
            place.holder[place.key] = values[place.value.reference]
    return Document.model_validate(raw)


def _document(text: str) -> dict[str, Any]:
    archive = json.loads(text)
    if not isinstance(archive, dict) or archive.get("archive") != FORMAT:
        raise ArchiveError(
            "the archived configuration has a form this Hookswitch does not know:"
            " install the version that wrote it, or name another data directory"
        )
    document: dict[str, Any] = archive["document"]
    return document
