"""The configuration being edited, on PostgreSQL; statements in access.sql."""

from collections.abc import Collection, Sequence

from hookswitch.store.postgres.access import SQL
from hookswitch.store.postgres.database import Connection, Database
from hookswitch.store.postgres.revisions import save_secrets
from hookswitch.store.rows import DraftRow, SecretRow


class Drafts:
    """`store.port.DraftStore` on PostgreSQL."""

    _db: Database

    async def draft(self) -> DraftRow | None:
        row = await self._db.row(SQL["draft"])
        return DraftRow(**row) if row else None

    async def save_draft(
        self,
        row: DraftRow,
        *,
        expected: str,
        secrets: Sequence[SecretRow] = (),
        drop: Collection[str] = (),
    ) -> bool:
        async with self._db.transaction() as connection:
            if await _tag(connection) != expected:
                return False
            await connection.execute(
                SQL["save_draft"],
                *(row.tag, row.base, row.document, row.text, row.changed_at, row.changed_by),
            )
            await connection.execute(SQL["delete_secrets"], list(drop))
            await save_secrets(connection, secrets)
            return True

    async def delete_draft(self, *, expected: str, drop: Collection[str] = ()) -> bool:
        async with self._db.transaction() as connection:
            if await _tag(connection) != expected:
                return False
            await connection.execute(SQL["delete_draft"])
            await connection.execute(SQL["delete_secrets"], list(drop))
            return True

    async def delete_secrets(self, references: Collection[str]) -> None:
        await self._db.run(SQL["delete_secrets"], list(references))


async def _tag(connection: Connection) -> str:
    await connection.execute(SQL["lock_draft"])
    return await connection.fetchval(SQL["draft_tag"]) or ""
