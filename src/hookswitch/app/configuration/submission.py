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
from hookswitch.config.yaml import load
from hookswitch.model.ids import Ms
from hookswitch.store.rows import RevisionRow
from hookswitch.vault import NO_SECRETS, Secrets, Vault

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
    document, text, kept = given.document, given.text, NO_SECRETS
    if document is None:
        source = await asyncio.to_thread(load, given.text)
        kept = await vault.find(secrets.wanted(source.values), damaged=False)
        document = await asyncio.to_thread(parse_source, source, kept.reveal())
        text = await asyncio.to_thread(without_secrets, source)
    taken = await asyncio.to_thread(secrets.apart, document)
    stored = kept | await vault.find(taken[2].keys() - kept.values.keys())
    before = live.document if live else EMPTY
    # in a thread: with thousands of users it would hold up deliveries
    return await asyncio.to_thread(_compared, document, text, taken, stored, before=before, at=at)


def _compared(
    document: Document,
    text: str,
    taken: secrets.Apart,
    stored: Secrets,
    *,
    before: str,
    at: Ms,
) -> Prepared:
    (raw, places, values), kept = taken, stored.reveal()
    new = {ref: value for ref, value in values.items() if kept.get(ref) != value}
    secrets.put_in(places, lambda ref: archive.Kept(ref, at if ref in new else stored.set_at[ref]))
    return Prepared(
        document=document,
        archive=archive.text_of(raw),
        text=text,
        changes=diff(archive.plain(before), raw),
        secrets=new,
        all_secrets=values,
        at=at,
    )
