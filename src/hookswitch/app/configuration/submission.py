"""What an administrator gives, made ready to be applied: checked, archived, told from the live."""

import asyncio
from collections.abc import Mapping
from typing import Final, Self

from msgspec import Struct

from hookswitch.config import archive, secrets
from hookswitch.config.check import parse_source
from hookswitch.config.diff import Change, diff
from hookswitch.config.document import Document
from hookswitch.config.text import without_secrets
from hookswitch.config.yaml import Source, load
from hookswitch.model.ids import Ms
from hookswitch.store.rows import RevisionRow
from hookswitch.vault import Secrets, Vault

EMPTY: Final = archive.dump(Document(hookswitch=1), {})


class Submission(Struct, frozen=True, kw_only=True):
    """A text, or a document that was checked already.

    `base` is the live revision it was made from: if another went live since, it is refused.
    """

    by: str
    text: str = ""
    document: Document | None = None
    origin: str = "apply"
    comment: str = ""
    base: int | None = None

    def __repr__(self) -> str:
        return f"Submission(by={self.by!r}, origin={self.origin!r})"

    @classmethod
    def of(cls, document: Document, by: str) -> Self:
        return cls(document=document, by=by)


class Prepared(Struct, frozen=True, kw_only=True):
    """A submission that can be applied; `secrets` are those whose value is new."""

    document: Document
    archive: str
    text: str
    changes: tuple[Change, ...]
    secrets: Mapping[str, str]
    all_secrets: Mapping[str, str]
    at: Ms

    def __repr__(self) -> str:
        return f"Prepared({len(self.changes)} changes)"


async def prepare(given: Submission, vault: Vault, live: RevisionRow | None, at: Ms) -> Prepared:
    """Check it and put the kept secrets in; raises InvalidDocument or VaultError."""
    source = await asyncio.to_thread(load, given.text) if given.document is None else None
    document = given.document if source is None else await _check(source, vault)
    assert document is not None  # noqa: S101  one of the two was given
    text = given.text if source is None else await asyncio.to_thread(without_secrets, source)
    values = await asyncio.to_thread(secrets.values_of, document)
    stored = await vault.find(values)
    before = live.document if live else EMPTY
    # in a thread: with thousands of users it would hold up deliveries
    return await asyncio.to_thread(_compared, document, text, stored, before, at)


def _compared(document: Document, text: str, stored: Secrets, before: str, at: Ms) -> Prepared:
    values, kept = secrets.values_of(document), stored.reveal()
    new = {ref: value for ref, value in values.items() if kept.get(ref) != value}
    archived = archive.dump(
        document, {ref: at if ref in new else stored.set_at[ref] for ref in values}
    )
    return Prepared(
        document=document,
        archive=archived,
        text=text,
        changes=diff(archive.plain(before), archive.plain(archived)),
        secrets=new,
        all_secrets=values,
        at=at,
    )


async def _check(source: Source, vault: Vault) -> Document:
    kept = await vault.find(secrets.wanted(source.values), damaged=False)
    return await asyncio.to_thread(parse_source, source, kept.reveal())
