"""One delivery looked at and delivered again."""

from sqlite3 import Connection
from typing import Final, cast

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import Event
from hookswitch.model.ids import DeliveryId, EventId, Ms
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import DeliveryRow
from hookswitch.store.sqlite import totals
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "replaying.sql")


class Replaying:
    """`store.port.ReplayStore` on SQLite."""

    _db: Database

    async def delivery(self, delivery: DeliveryId) -> DeliveryRow | None:
        def work(db: Connection) -> DeliveryRow | None:
            row = db.execute(SQL["delivery"], {"id": delivery}).fetchone()
            names = DeliveryRow.__struct_fields__
            return DeliveryRow(**dict(zip(names, row, strict=True))) if row else None

        return await self._db.read(work)

    async def event(self, event: EventId) -> Event | None:
        def work(db: Connection) -> Event | None:
            row = db.execute(SQL["event"], {"event": event}).fetchone()
            return Event(**dict(zip(Event.__struct_fields__, row, strict=True))) if row else None

        return await self._db.read(work)

    async def make_due(
        self, delivery: DeliveryId, now: Ms, *, again: bool = False
    ) -> DeliveryState | None:
        def work(db: Connection) -> DeliveryState | None:
            row = db.execute(SQL["state"], {"id": delivery}).fetchone()
            if row is None:
                return None
            state = cast("DeliveryState", row[0])
            if state != "sending" and (again or state != "delivered"):
                totals.uncount(db, [delivery])
                db.execute(SQL["make_due"], {"id": delivery, "now": now})
            return state

        return await self._db.write(work)
