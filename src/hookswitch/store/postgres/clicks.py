"""Idempotency keys of click-to-call, on PostgreSQL; the statements are in clicks.sql."""

from typing import Final

import msgspec

from hookswitch.model.ids import Ms
from hookswitch.store.postgres.database import Database
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import ClickRow

SQL: Final = load_queries("hookswitch.store.postgres", "clicks.sql")


class Clicks:
    """`store.port.ClickStore` on PostgreSQL."""

    _db: Database

    async def claim_click(self, row: ClickRow, *, expired: Ms) -> ClickRow:
        async with self._db.transaction() as connection:
            await connection.execute(SQL["expire"], expired)
            await connection.execute(SQL["claim"], *msgspec.structs.astuple(row))
            kept = await connection.fetchrow(SQL["click"], row.key)
            return ClickRow(**kept) if kept else row

    async def settle_click(self, key: str, *, placed: bool) -> None:
        await self._db.run(SQL["placed" if placed else "drop"], key)
