"""A document as the store keeps it: JSON with references instead of secrets."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct, field

from hookswitch.config import secrets
from hookswitch.config.document import Document
from hookswitch.config.secrets import Place
from hookswitch.model.secret import MASK

FORMAT: Final = 1


class Kept(Struct, frozen=True):
    """What an archive holds of a secret: its reference, and when its value was given."""

    reference: str = field(name="secret")
    set_at: int


class ArchiveError(Exception):
    """The archived document cannot be used; the text says the mend."""


def dump(document: Document, set_at: Mapping[str, int]) -> str:
    """`set_at` tells, by reference, when each secret's value was given."""
    return text_of(secrets.taken_out(document, lambda ref: Kept(ref, set_at[ref])))


def text_of(raw: Mapping[str, Any]) -> str:
    """Write down raw values with a `Kept` in place of each secret."""
    return msgspec.json.encode({"archive": FORMAT, "document": raw}).decode()


def plain(text: str) -> dict[str, Any]:
    """Give the raw values with a `Kept` in place of each secret."""
    return _plain(text)[0]


def opened(text: str) -> tuple[dict[str, Any], dict[str, int]]:
    """What `plain` and `kept` give, both."""
    raw, found = _plain(text)
    return raw, {place.value.reference: place.value.set_at for place in found}


def shown(text: str) -> dict[str, Any]:
    """Give the raw values with a mask in place of each secret."""
    raw, found = _plain(text)
    secrets.put_in(found, lambda _reference: MASK)
    return raw


def kept(text: str) -> dict[str, int]:
    """The references of an archived document, and when their values were given."""
    return {place.value.reference: place.value.set_at for place in _plain(text)[1]}


def restore(text: str, values: Mapping[str, str]) -> Document:
    """Give the document with the secrets' present values; it was checked when it was applied."""
    raw, found = _plain(text)
    secrets.put_in(found, values.__getitem__)
    return Document.model_validate(raw)


def _plain(text: str) -> tuple[dict[str, Any], list[Place]]:
    """Raw values, and the places of those secrets that there are."""
    raw = _document(text)
    found = [place for place in secrets.places(raw) if isinstance(place.value, dict)]
    for place in found:
        place.holder[place.key] = Kept(place.value["secret"], place.value["set_at"])
    return raw, found


def _document(text: str) -> dict[str, Any]:
    archive = msgspec.json.decode(text)
    if not isinstance(archive, dict) or archive.get("archive") != FORMAT:
        raise ArchiveError(
            "the archived configuration has a form this Hookswitch does not know:"
            " install the version that wrote it, or name another data directory"
        )
    document: dict[str, Any] = archive["document"]
    return document
