"""Revisions and the secrets they refer to; the statements are in revisions.sql."""

from collections.abc import Sequence
from sqlite3 import Connection, Row
from typing import Final

import msgspec

from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import RevisionInfo, RevisionRow, RevisionState, SecretRow
from hookswitch.store.sqlite import totals
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "revisions.sql")


class Revisions:
    """The part of `store.port.AdminStore` that Apply uses, and `SecretStore`, on SQLite."""

    _db: Database

    async def live_revision(self) -> RevisionRow | None:
        return await self._db.read(lambda db: _revision(db, "live_revision", {}))

    async def revision(self, number: int) -> RevisionRow | None:
        return await self._db.read(lambda db: _revision(db, "revision", {"number": number}))

    async def revision_before(self, number: int) -> RevisionRow | None:
        return await self._db.read(lambda db: _revision(db, "revision_before", {"number": number}))

    async def revisions(self, limit: int = 100) -> Sequence[RevisionInfo]:
        return await self._db.read(
            lambda db: [RevisionInfo(**row) for row in _rows(db, "revisions", {"limit": limit})]
        )

    async def stage_revision(
        self,
        document: str,
        applied_by: str,
        at: Ms,
        *,
        text: str = "",
        origin: str = "apply",
        comment: str = "",
    ) -> int:
        row = {
            "document": document, "applied_by": applied_by, "at": at, "text": text,
            "origin": origin, "comment": comment,
        }  # fmt: skip
        number: int = await self._db.write(
            lambda db: db.execute(SQL["stage_revision"], row).fetchone()[0]
        )
        return number

    async def set_revision_live(
        self,
        number: int,
        at: Ms,
        removed: Sequence[EndpointId] = (),
        secrets: Sequence[SecretRow] = (),
    ) -> None:
        def work(db: Connection) -> None:
            db.execute(SQL["retire_revision"], {"number": number})
            _set_state(db, number, "live", at)
            save_secrets(db, secrets)
            rows = [{"endpoint": endpoint} for endpoint in removed]
            totals.count(db, "cancelled", db.executemany(SQL["cancel_endpoint"], rows).rowcount)

        await self._db.write(work)

    async def set_revision_failed(self, number: int, at: Ms, reason: str = "") -> None:
        await self._db.write(lambda db: _set_state(db, number, "failed", at, reason))

    async def fail_staged(self, at: Ms, reason: str, *, older_than: Ms = 0) -> int:
        row = {"at": at, "reason": reason, "before": at - older_than}
        return await self._db.write(lambda db: db.execute(SQL["fail_staged"], row).rowcount)

    async def secrets(self) -> Sequence[SecretRow]:
        return await self._db.read(lambda db: [SecretRow(**row) for row in _rows(db, "secrets")])

    async def replace_secrets(self, rows: Sequence[SecretRow]) -> None:
        await self._db.write(lambda db: save_secrets(db, rows))


def _revision(db: Connection, query: str, wanted: dict[str, object]) -> RevisionRow | None:
    return next((RevisionRow(**row) for row in _rows(db, query, wanted)), None)


def _rows(db: Connection, query: str, wanted: dict[str, object] | None = None) -> list[Row]:
    cursor = db.execute(SQL[query], wanted or {})
    cursor.row_factory = Row
    return cursor.fetchall()


def _set_state(db: Connection, number: int, state: RevisionState, at: Ms, reason: str = "") -> None:
    row = {"number": number, "state": state, "at": at, "reason": reason}
    db.execute(SQL["set_revision_state"], row)


def save_secrets(db: Connection, rows: Sequence[SecretRow]) -> None:
    """Inside one transaction."""
    db.executemany(SQL["save_secret"], [msgspec.structs.asdict(row) for row in rows])
