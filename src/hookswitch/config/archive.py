"""A document as the store keeps it: JSON, with its secrets (the store's file is 0600)."""

import json
from typing import Any

from pydantic import SecretStr

from hookswitch.config.document import Document


def dump(document: Document) -> str:
    return json.dumps(document.model_dump(mode="python"), default=_plain, ensure_ascii=False)


def restore(text: str) -> Document:
    """Give back what `dump` wrote; it was checked when it was applied."""
    return Document.model_validate(json.loads(text))


def _plain(value: Any) -> Any:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    raise TypeError(f"{type(value).__name__} has no place in a document")
