"""The history: what was applied, how revisions differ, their documents, and going back."""

from collections.abc import Collection, Sequence
from typing import Any, Final, Protocol

import msgspec
import structlog
from msgspec import Struct

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.apply_errors import NoRevisionError
from hookswitch.app.configuration.live import document_of
from hookswitch.app.configuration.submission import EMPTY, Prepared, Submission, prepare
from hookswitch.config import archive
from hookswitch.config.diff import Change, diff
from hookswitch.config.secrets import masked
from hookswitch.config.text import with_secrets, write
from hookswitch.store.port import AdminStore, SecretStore
from hookswitch.store.rows import RevisionInfo, RevisionRow
from hookswitch.vault import Vault

log = structlog.get_logger(__name__)

CUT_OFF: Final = "hookswitch ended while it was applied"
CUT_OFF_AFTER_MS: Final = 600_000
PREVIOUS: Final = "previous"
LIVE: Final = "live"
_MISSING: Final = {
    LIVE: "nothing was applied yet: see hookswitch apply --help",
    PREVIOUS: "nothing was live before what is live now: see hookswitch history",
}


class HistoryStore(AdminStore, SecretStore, Protocol):
    """What the history needs."""


class Details(Struct, frozen=True):
    """A revision, how it differs from the one that was live before it, and its document, masked."""

    info: RevisionInfo
    base: int
    changes: tuple[Change, ...]
    document: dict[str, Any]


class Revisions:
    """Reads what Apply has written."""

    def __init__(self, store: HistoryStore, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def open(self, *, shared: bool = False) -> None:
        """Check the secrets' key, and end what a killed process had begun.

        In a `shared` database another process may be applying: only what is old was cut off.
        """
        await self._vault.check()
        age = CUT_OFF_AFTER_MS if shared else 0
        if await self._store.fail_staged(now_ms(), CUT_OFF, older_than=age):
            log.warning("apply.cut_off")

    async def all(self, limit: int) -> Sequence[RevisionInfo]:
        return await self._store.revisions(limit)

    async def one(self, name: str) -> Details:
        row = await self._row(name)
        before = await self._before(row.number)
        changes = diff(archive.plain(before.document if before else EMPTY), _plain(row))
        document = archive.shown(row.document)
        return Details(info_of(row), before.number if before else 0, changes, document)

    async def diff(self, old: str, new: str) -> tuple[Change, ...]:
        return diff(_plain(await self._row(old)), _plain(await self._row(new)))

    async def text(self, name: str, *, secrets: bool = False) -> str:
        """The document as YAML, in the form it was given; secrets as they are now, if at all."""
        row = await self._row(name)
        if not row.text:
            document = await document_of(row, self._vault)
            text = write(masked(document, defaults=False))
        else:
            text = row.text
        if not secrets:
            return text
        kept = await self._vault.read(archive.kept(row.document))
        return with_secrets(text, kept.reveal())

    async def prepare(self, given: Submission) -> tuple[int, Prepared]:
        """The live revision's number and what applying would change; nothing is written."""
        live = await self._store.live_revision()
        return live.number if live else 0, await prepare(given, self._vault, live, now_ms())

    async def references(self) -> list[dict[str, Any]]:
        """Every secret there is, when it was given, and whether the live revision uses it."""
        live = await self._store.live_revision()
        used = archive.kept(live.document) if live else {}
        found = await self._vault.references()
        return [
            {"reference": reference, "set_at": set_at, "live": reference in used}
            for reference, set_at in found.items()
            if ":" not in reference.partition("/")[0]  # a draft's, or a second factor's
        ]

    async def rollback(self, name: str, by: str, comment: str = "") -> Submission:
        """Give an older revision's document with the present secrets, to be applied anew."""
        row = await self._row(name)
        if row.state not in {"live", "retired"}:
            raise NoRevisionError(
                f"revision {row.number} never was live: see hookswitch history for one that was"
            )
        return Submission(
            by=by,
            text=row.text,
            document=await document_of(row, self._vault),
            origin=f"rollback to {row.number}",
            comment=comment,
        )

    async def _row(self, name: str) -> RevisionRow:
        row = None
        if name == LIVE:
            row = await self._store.live_revision()
        elif name == PREVIOUS:
            live = await self._store.live_revision()
            row = await self._before(live.number) if live else None
        elif name.isascii() and name.isdigit() and len(name) < 19:
            row = await self._store.revision(int(name))
        if row is None:
            raise NoRevisionError(
                _MISSING.get(name, f"there is no revision {name!r}: see hookswitch history")
            )
        return row

    async def _before(self, number: int) -> RevisionRow | None:
        """The one that was live before it."""
        return await self._store.revision_before(number)


def info_of(row: RevisionRow) -> RevisionInfo:
    return RevisionInfo(**{name: getattr(row, name) for name in RevisionInfo.__struct_fields__})


def shown(changes: Collection[Change]) -> list[dict[str, Any]]:
    """Changes as the API and `--json` give them, each with its line for people."""
    return [{**msgspec.structs.asdict(change), "text": str(change)} for change in changes]


def _plain(row: RevisionRow) -> dict[str, Any]:
    return archive.plain(row.document)
