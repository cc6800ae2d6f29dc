"""One delivery looked at and delivered again."""

from typing import Final, cast

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import Event
from hookswitch.model.ids import DeliveryId, EventId, Ms
from hookswitch.store.postgres.database import Database
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import DeliveryRow

SQL: Final = load_queries("hookswitch.store.postgres", "replaying.sql")


class Replaying:
    """`store.port.ReplayStore` on PostgreSQL."""

    _db: Database

    async def delivery(self, delivery: DeliveryId) -> DeliveryRow | None:
        row = await self._db.row(SQL["delivery"], delivery)
        return DeliveryRow(**row) if row else None

    async def event(self, event: EventId) -> Event | None:
        row = await self._db.row(SQL["event"], event)
        return Event(**row) if row else None

    async def make_due(
        self, delivery: DeliveryId, now: Ms, *, again: bool = False
    ) -> DeliveryState | None:
        row = await self._db.row(SQL["make_due"], delivery, now, again)
        return cast("DeliveryState", row["state"]) if row else None
