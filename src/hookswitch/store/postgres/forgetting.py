"""Old calls with all that came of them, deleted; the statements are in forgetting.sql."""

from typing import Final

from hookswitch.model.ids import DeliveryId, Ms
from hookswitch.store.postgres.database import Database
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import last_looked_at

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

    async def forget_deliveries(
        self, before: Ms, after: DeliveryId, limit: int
    ) -> tuple[int, DeliveryId | None]:
        async with self._db.transaction() as connection:
            rows = await connection.fetch(SQL["next_deliveries"], before, after, limit)
            found = [(row["id"], row["old"], row["goes"]) for row in rows]
            going = [number for number, _, goes in found if goes]
            locked = await connection.fetch(SQL["lock_deliveries"], going) if going else []
            going = [row["id"] for row in locked]
            for name in ("attempts_of", "deliveries_of") if going else ():
                await connection.execute(SQL[name], going)
        return len(going), last_looked_at(found, limit)
