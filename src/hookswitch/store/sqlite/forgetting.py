"""Old calls with all that came of them, deleted; the statements are in forgetting.sql."""

import json
from sqlite3 import Connection
from typing import Final

from hookswitch.model.ids import DeliveryId, Ms
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import last_looked_at
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "forgetting.sql")
TABLES: Final = ("attempts", "deliveries", "media", "emails", "events", "calls")


class Forgetting:
    """`store.port.ForgettingStore` on SQLite."""

    _db: Database

    async def forget_calls(self, before: Ms, now: Ms, limit: int) -> int:
        wanted = {"before": before, "now": now, "limit": limit}

        def work(db: Connection) -> int:
            calls = [call for (call,) in db.execute(SQL["old_calls"], wanted)]
            for table in TABLES if calls else ():
                db.execute(SQL[table], {"calls": json.dumps(calls)})
            return len(calls)

        return await self._db.write(work)

    async def forget_deliveries(
        self, before: Ms, after: DeliveryId, limit: int
    ) -> tuple[int, DeliveryId | None]:
        wanted = {"before": before, "after": after, "limit": limit}

        def work(db: Connection) -> tuple[int, DeliveryId | None]:
            found = [tuple(row) for row in db.execute(SQL["next_deliveries"], wanted)]
            going = [number for number, _, goes in found if goes]
            for name in ("attempts_of", "deliveries_of") if going else ():
                db.execute(SQL[name], {"ids": json.dumps(going)})
            return len(going), last_looked_at(found, limit)

        return await self._db.write(work)
