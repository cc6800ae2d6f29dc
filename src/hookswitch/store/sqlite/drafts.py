"""The configuration being edited, on SQLite; statements in access.sql."""

from collections.abc import Collection, Sequence
from sqlite3 import Connection

import msgspec

from hookswitch.store.rows import DraftRow, SecretRow
from hookswitch.store.sqlite.access import SQL
from hookswitch.store.sqlite.database import Database
from hookswitch.store.sqlite.revisions import save_secrets


class Drafts:
    """`store.port.DraftStore` on SQLite."""

    _db: Database

    async def draft(self) -> DraftRow | None:
        def work(db: Connection) -> DraftRow | None:
            row = db.execute(SQL["draft"]).fetchone()
            names = DraftRow.__struct_fields__
            return DraftRow(**dict(zip(names, row, strict=True))) if row else None

        return await self._db.read(work)

    async def save_draft(
        self,
        row: DraftRow,
        *,
        expected: str,
        secrets: Sequence[SecretRow] = (),
        drop: Collection[str] = (),
    ) -> bool:
        def work(db: Connection) -> bool:
            if _tag(db) != expected:
                return False
            db.execute(SQL["save_draft"], msgspec.structs.asdict(row))
            _drop(db, drop)
            save_secrets(db, secrets)
            return True

        return await self._db.write(work)

    async def delete_draft(self, *, expected: str, drop: Collection[str] = ()) -> bool:
        def work(db: Connection) -> bool:
            if _tag(db) != expected:
                return False
            db.execute(SQL["delete_draft"])
            _drop(db, drop)
            return True

        return await self._db.write(work)

    async def delete_secrets(self, references: Collection[str]) -> None:
        await self._db.write(lambda db: _drop(db, references))


def _tag(db: Connection) -> str:
    row = db.execute(SQL["draft_tag"]).fetchone()
    return str(row[0]) if row else ""


def _drop(db: Connection, references: Collection[str]) -> None:
    db.executemany(SQL["delete_secret"], [{"reference": name} for name in references])
