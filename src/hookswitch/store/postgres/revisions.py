"""Revisions and the secrets they refer to; the statements are in revisions.sql."""

from collections.abc import Sequence
from typing import Final

from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.postgres.database import Connection, Database
from hookswitch.store.postgres.sql import SQL as NEWS
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import RevisionInfo, RevisionRow, SecretRow

SQL: Final = load_queries("hookswitch.store.postgres", "revisions.sql")


class Revisions:
    """The part of `store.port.AdminStore` that Apply uses, and `SecretStore`, on PostgreSQL."""

    _db: Database

    async def live_revision(self) -> RevisionRow | None:
        return await self._revision("live_revision")

    async def revision(self, number: int) -> RevisionRow | None:
        return await self._revision("revision", number)

    async def revision_before(self, number: int) -> RevisionRow | None:
        return await self._revision("revision_before", number)

    async def _revision(self, query: str, *wanted: int) -> RevisionRow | None:
        row = await self._db.row(SQL[query], *wanted)
        return RevisionRow(**row) if row else None

    async def revisions(self, limit: int = 100) -> Sequence[RevisionInfo]:
        return [RevisionInfo(**row) for row in await self._db.rows(SQL["revisions"], limit)]

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
        number: int = await self._db.value(
            SQL["stage_revision"], document, at, applied_by, text, origin, comment
        )
        return number

    async def set_revision_live(
        self,
        number: int,
        at: Ms,
        removed: Sequence[EndpointId] = (),
        secrets: Sequence[SecretRow] = (),
    ) -> None:
        async with self._db.transaction() as connection:
            await connection.execute(SQL["retire_revision"], number)
            await connection.execute(SQL["set_revision_state"], number, "live", at, "")
            await save_secrets(connection, secrets)
            if removed:
                await connection.execute(SQL["cancel_endpoints"], list(removed))
            await connection.execute(NEWS["notify"], "revision")

    async def set_revision_failed(self, number: int, at: Ms, reason: str = "") -> None:
        await self._db.run(SQL["set_revision_state"], number, "failed", at, reason)

    async def fail_staged(self, at: Ms, reason: str, *, older_than: Ms = 0) -> int:
        return await self._db.run(SQL["fail_staged"], at, reason, at - older_than)

    async def secrets(self) -> Sequence[SecretRow]:
        return [SecretRow(**row) for row in await self._db.rows(SQL["secrets"])]

    async def replace_secrets(self, rows: Sequence[SecretRow]) -> None:
        async with self._db.transaction() as connection:
            await save_secrets(connection, rows)


async def save_secrets(connection: Connection, rows: Sequence[SecretRow]) -> None:
    """Inside one transaction."""
    await connection.executemany(
        SQL["save_secret"], [(row.reference, row.key, row.sealed, row.set_at) for row in rows]
    )
