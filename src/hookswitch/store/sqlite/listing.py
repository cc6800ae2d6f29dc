"""Lists of deliveries and calls, page by page; each function reads on one connection."""

from sqlite3 import Connection
from typing import Any, Final, get_args

import msgspec

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import CallId, DeliveryId, Ms
from hookswitch.store import searching
from hookswitch.store.rows import CallFilter, CallMark, DeliveryFilter, DeliveryRow
from hookswitch.store.searching import (
    NO_END,
    among_open,
    bounds,
    looks_at_open,
    merged,
    parties,
)
from hookswitch.store.sqlite.sql import SQL

_IN_STATE: Final = {
    state: SQL["deliveries_in_state"].format(state=state) for state in get_args(DeliveryState)
}
_call_decoder: Final = msgspec.json.Decoder(CallState)


def deliveries(
    db: Connection, wanted: DeliveryFilter, before: DeliveryId | None, limit: int
) -> list[DeliveryRow]:
    """The newest first."""
    values: dict[str, Any] = {
        "call": wanted.call,
        "state": wanted.state,
        "endpoint": wanted.endpoint,
        "type": wanted.kind,
        "since": wanted.since or 0,
        "until": NO_END if wanted.until is None else wanted.until,
        "before": NO_END if before is None else before,
        "first": 0,
        "limit": limit,
    }
    if wanted.until is not None and wanted.call is None:
        values["before"] = min(values["before"], _first_since(db, wanted.until))
    if wanted.since is not None and wanted.call is None:
        values["first"] = _first_since(db, wanted.since)
    rows = db.execute(_query(db, wanted), values)
    names = DeliveryRow.__struct_fields__
    return [DeliveryRow(**dict(zip(names, row, strict=True))) for row in rows]


def _query(db: Connection, wanted: DeliveryFilter) -> str:
    if wanted.call is not None:
        return SQL["deliveries_of_call"]
    narrowed = wanted.state is not None or wanted.endpoint is not None
    if wanted.kind is not None and (not narrowed or _is_rare(db, wanted.kind)):
        return SQL["deliveries_of_type"]
    if wanted.state is not None:
        return _IN_STATE[wanted.state]
    return SQL["deliveries_of_endpoint"] if wanted.endpoint is not None else SQL["deliveries"]


def _is_rare(db: Connection, kind: str) -> bool:
    """Whether its events lead to fewer rows than a state or an endpoint may have."""
    most = {"type": kind, "most": searching.FEW + 1}
    return bool(db.execute(SQL["how_many_of_type"], most).fetchone()[0] <= searching.FEW)


def _first_since(db: Connection, at: Ms) -> int:
    """An id that those created at or after `at` do not come before, found by halving."""
    low, high = 1, (db.execute(SQL["last_delivery"]).fetchone()[0] or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = db.execute(SQL["first_since"], {"id": middle}).fetchone()
        if found is None or found[1] >= at:
            high = middle
        else:
            low = found[0] + 1
    return low


def calls(
    db: Connection, wanted: CallFilter, before: CallMark | None, limit: int
) -> list[CallState]:
    """The newest first, by the index that leads to them fastest."""
    over = [] if wanted.outcome == "open" else _calls(db, wanted, before, limit)
    if not looks_at_open(wanted):
        return over
    still = (_call_decoder.decode(state) for (state,) in db.execute(SQL["open_calls"]))
    return merged(over, among_open(still, wanted, before), limit)


def _calls(
    db: Connection, wanted: CallFilter, before: CallMark | None, limit: int
) -> list[CallState]:
    found = parties(wanted)
    values = {**bounds(wanted, before, limit), **found.values()}
    if found.first is not None:
        rows = db.execute(SQL["calls_of_party"], values).fetchall()
    elif found.prefix is not None:
        rows = _beginning(db, values)
    else:
        rows = db.execute(SQL["calls"], values).fetchall()
    return [_call_decoder.decode(state) for (state,) in rows]


def _beginning(db: Connection, values: dict[str, Any]) -> list[tuple[bytes]]:
    """Where many begin so, most pages are full of the newest calls."""
    most = {"prefix": values["prefix"], "most": searching.FEW + 1}
    if db.execute(SQL["how_many_begin"], most).fetchone()[0] > searching.FEW:
        edge = db.execute(SQL["edge_of_newest"], {**values, "newest": searching.NEWEST}).fetchone()
        since = edge[0] if edge else values["since"]
        newest = db.execute(SQL["calls"], {**values, "since": since}).fetchall()
        if edge is None or len(newest) == values["limit"]:
            return newest
    return db.execute(SQL["calls_beginning"], values).fetchall()


def call(db: Connection, identifier: CallId) -> CallState | None:
    row = db.execute(SQL["call"], {"call": identifier}).fetchone()
    return _call_decoder.decode(row[0]) if row else None
