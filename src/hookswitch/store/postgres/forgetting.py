"""Old calls with all that came of them, deleted; the statements are in forgetting.sql."""

from typing import Final

from hookswitch.model.ids import Ms
from hookswitch.store.postgres.database import Database
from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.postgres", "forgetting.sql")
TABLES: Final = ("attempts", "deliveries", "media", "emails", "events", "calls")


class Forgetting:
    """`store.port.ForgettingStore` on PostgreSQL: partitions that are empty are dropped."""

    _db: Database

    async def forget_calls(self, before: Ms, now: Ms, limit: int) -> int:
        async with self._db.transaction() as connection:
            found = await connection.fetch(SQL["old_calls"], before, now, limit)
            calls = [row["call"] for row in found]
            for table in TABLES if calls else ():
                await connection.execute(SQL[table], calls)
        if not calls:
            await self._db.run(SQL["drop_partitions"])
        return len(calls)
