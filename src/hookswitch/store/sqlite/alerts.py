"""What people were told of endpoints, on SQLite; the statements are in alerts.sql."""

from typing import Final

import msgspec

from hookswitch.model.ids import Ms
from hookswitch.store.alerts import Alert
from hookswitch.store.queries import load_queries
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "alerts.sql")


class Alerts:
    """`store.alerts.AlertStore` on SQLite."""

    _db: Database

    async def claim_alert(self, alert: Alert, now: Ms, until: Ms) -> bool:
        row = msgspec.structs.asdict(alert) | {"now": now, "until": until}
        return await self._db.write(lambda db: db.execute(SQL["claim"], row).rowcount > 0)

    async def end_alert(self, alert: Alert, *, told: bool) -> None:
        row = msgspec.structs.asdict(alert) | {"told": told}
        await self._db.write(lambda db: db.execute(SQL["end"], row).rowcount)
