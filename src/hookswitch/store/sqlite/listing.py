"""Lists of deliveries and calls, page by page; each function reads on one connection."""

from sqlite3 import Connection
from typing import Final, get_args

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import DeliveryId
from hookswitch.store.port import DeliveryFilter, DeliveryRow
from hookswitch.store.sqlite.sql import SQL

_IN_STATE: Final = {
    state: SQL["deliveries_in_state"].format(state=state) for state in get_args(DeliveryState)
}
_NO_END: Final = 2**63 - 1


def deliveries(
    db: Connection, wanted: DeliveryFilter, before: DeliveryId | None, limit: int
) -> list[DeliveryRow]:
    """The newest first."""
    values = {
        "call": wanted.call,
        "state": wanted.state,
        "endpoint": wanted.endpoint,
        "type": wanted.kind,
        "since": wanted.since or 0,
        "until": _NO_END if wanted.until is None else wanted.until,
        "before": _NO_END if before is None else before,
        "limit": limit,
    }
    rows = db.execute(_query(wanted), values)
    names = DeliveryRow.__struct_fields__
    return [DeliveryRow(**dict(zip(names, row, strict=True))) for row in rows]


def _query(wanted: DeliveryFilter) -> str:
    if wanted.call is not None:
        return SQL["deliveries_of_call"]
    return SQL["deliveries"] if wanted.state is None else _IN_STATE[wanted.state]
