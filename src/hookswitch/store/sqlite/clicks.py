"""Idempotency keys of click-to-call, on SQLite; the statements are in clicks.sql."""

from sqlite3 import Connection
from typing import Final

import msgspec

from hookswitch.model.ids import CallId, Ms
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import ClickRow
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "clicks.sql")


class Clicks:
    """`store.port.ClickStore` on SQLite."""

    _db: Database

    async def claim_click(self, row: ClickRow, *, expired: Ms) -> ClickRow:
        def work(db: Connection) -> ClickRow:
            db.execute(SQL["expire"], {"expired": expired})
            db.execute(SQL["claim"], msgspec.structs.asdict(row))
            key, wish, call, at, placed = db.execute(SQL["click"], {"key": row.key}).fetchone()
            return ClickRow(key, wish, CallId(call), at, placed=bool(placed))

        return await self._db.write(work)

    async def settle_click(self, key: str, *, placed: bool) -> None:
        def work(db: Connection) -> None:
            db.execute(SQL["placed" if placed else "drop"], {"key": key})

        await self._db.write(work)
