"""What people were told of endpoints, on PostgreSQL; the statements are in alerts.sql."""

from typing import Final

from hookswitch.model.ids import Ms
from hookswitch.store.alerts import Alert
from hookswitch.store.postgres.database import Database
from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.postgres", "alerts.sql")


class Alerts:
    """`store.alerts.AlertStore` on PostgreSQL."""

    _db: Database

    async def claim_alert(self, alert: Alert, now: Ms, until: Ms) -> bool:
        row = (alert.endpoint, alert.trouble, alert.stage)
        return await self._db.run(SQL["claim"], *row, until, now) > 0

    async def end_alert(self, alert: Alert, *, told: bool) -> None:
        await self._db.run(SQL["end"], alert.endpoint, alert.trouble, alert.stage, told)
