"""The port on SQLite; the statements are in queries.sql."""

from collections.abc import Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Any, Final, Self

import msgspec

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import (
    Attempt,
    Claim,
    DeliveryState,
    EndpointRuntime,
    Outcome,
)
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.store.port import Batch, DeliveryRow, LineState, RevisionRow, RevisionState
from hookswitch.store.queries import load_queries
from hookswitch.store.sqlite.database import Database, connect
from hookswitch.store.sqlite.migrate import migrate

SQL: Final = load_queries("hookswitch.store.sqlite", "queries.sql")
_call_encoder: Final = msgspec.json.Encoder(order="deterministic")
_call_decoder: Final = msgspec.json.Decoder(CallState)


class SqliteStore:
    """All of `store.port.Store`; open it with `open`, end it with `close`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the file and bring its schema up to date."""
        connection = connect(path)
        try:
            migrate(connection)
        finally:
            connection.close()
        return cls(Database(path))

    async def close(self) -> None:
        await self._db.close()

    # the live line

    async def load_line(self, node: str) -> LineState:
        def work(db: Connection) -> LineState:
            row = db.execute(SQL["load_cursor"], {"node": node}).fetchone()
            calls = db.execute(SQL["load_open_calls"], {"node": node})
            return LineState(
                Cursor(*row) if row else Cursor(), [_call_decoder.decode(c) for (c,) in calls]
            )

        return await self._db.read(work)

    async def commit(self, batch: Batch) -> None:
        await self._db.write(lambda db: _commit(db, batch))

    # delivery

    async def claim(self, now: Ms, limit: int, window: Ms, per_endpoint: int) -> Sequence[Claim]:
        def work(db: Connection) -> Sequence[Claim]:
            wanted = {"now": now, "limit": limit, "window": window, "per_endpoint": per_endpoint}
            ids = db.execute(SQL["claimable"], wanted).fetchall()
            db.executemany(SQL["claim"], [{"id": i, "now": now} for (i,) in ids])
            rows = [db.execute(SQL["claimed"], {"id": i}).fetchone() for (i,) in ids]
            return [_claim(row) for row in rows]

        return await self._db.write(work)

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        await self._db.write(lambda db: _record(db, outcomes))

    async def release_interrupted(self, now: Ms) -> int:
        def work(db: Connection) -> int:
            rows = db.execute(SQL["interrupted"]).fetchall()
            for identifier, number, claimed_at in rows:
                attempt = Attempt(
                    number=number,
                    started_at=claimed_at,
                    duration_ms=0,
                    error="interrupted",
                    detail="our process ended during this attempt",
                )
                db.execute(SQL["save_attempt"], _attempt(DeliveryId(identifier), attempt))
                db.execute(SQL["release"], {"id": identifier, "now": now})
            return len(rows)

        return await self._db.write(work)

    async def next_due(self) -> Ms | None:
        return await self._db.read(lambda db: _scalar(db, "next_due"))

    # administration

    async def live_revision(self) -> RevisionRow | None:
        return await self._db.read(lambda db: _revision(db, "live_revision", {}))

    async def revision(self, number: int) -> RevisionRow | None:
        return await self._db.read(lambda db: _revision(db, "revision", {"number": number}))

    async def stage_revision(self, document: str, applied_by: str, at: Ms) -> int:
        row = {"document": document, "applied_by": applied_by, "applied_at": at}
        number: int = await self._db.write(
            lambda db: db.execute(SQL["stage_revision"], row).fetchone()[0]
        )
        return number

    async def set_revision_live(
        self, number: int, at: Ms, removed: Sequence[EndpointId] = ()
    ) -> None:
        def work(db: Connection) -> None:
            db.execute(SQL["retire_revision"], {"number": number})
            _set_revision_state(db, number, "live", at)
            db.executemany(SQL["cancel_endpoint"], [{"endpoint": e} for e in removed])

        await self._db.write(work)

    async def set_revision_failed(self, number: int, at: Ms) -> None:
        await self._db.write(lambda db: _set_revision_state(db, number, "failed", at))

    async def deliveries(
        self, *, call: CallId | None = None, state: DeliveryState | None = None, limit: int = 100
    ) -> Sequence[DeliveryRow]:
        wanted = {"call": call, "state": state, "limit": limit}
        return await self._db.read(
            lambda db: [
                DeliveryRow(**dict(zip(DeliveryRow.__struct_fields__, row, strict=True)))
                for row in db.execute(SQL["deliveries"], wanted)
            ]
        )

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        return await self._db.read(
            lambda db: [
                Attempt(**dict(zip(Attempt.__struct_fields__, row, strict=True)))
                for row in db.execute(SQL["attempts"], {"delivery": delivery})
            ]
        )

    async def calls(self, limit: int = 100) -> Sequence[CallState]:
        return await self._db.read(
            lambda db: [
                _call_decoder.decode(state)
                for (state,) in db.execute(SQL["calls"], {"limit": limit})
            ]
        )

    async def events(self, call: CallId) -> Sequence[Event]:
        names = ("id", "type", "call", "revision", "at", "endpoint", "body")
        return await self._db.read(
            lambda db: [
                Event(**dict(zip(names, row, strict=True)))
                for row in db.execute(SQL["events"], {"call": call})
            ]
        )

    async def delivery_counts(self) -> dict[DeliveryState, int]:
        return await self._db.read(lambda db: dict(db.execute(SQL["delivery_counts"]).fetchall()))

    async def oldest_pending(self) -> Ms | None:
        return await self._db.read(lambda db: _scalar(db, "oldest_pending"))

    async def endpoint_runtime(self) -> Sequence[EndpointRuntime]:
        return await self._db.read(
            lambda db: [
                EndpointRuntime(endpoint=endpoint, disabled=bool(disabled), reason=reason)
                for endpoint, disabled, reason in db.execute(SQL["endpoint_runtime"])
            ]
        )

    async def set_endpoint_disabled(self, runtime: EndpointRuntime) -> None:
        await self._db.write(lambda db: _disable(db, runtime))


def _commit(db: Connection, batch: Batch) -> None:
    cursor = {
        "node": batch.node,
        "generation": batch.cursor.generation,
        "byte_offset": batch.cursor.offset,
        "updated_at": batch.at,
    }
    db.execute(SQL["save_cursor"], cursor)
    db.executemany(SQL["save_call"], [_call(batch.node, call) for call in batch.calls])
    db.executemany(SQL["forget_call"], [{"call": call} for call in batch.forget])
    db.executemany(SQL["save_event"], [_event(event) for event in batch.events])
    for new in batch.deliveries:
        db.execute(SQL["save_delivery"], {**msgspec.structs.asdict(new), "at": batch.at})


def _call(node: str, call: CallState) -> dict[str, object]:
    return {
        "call": call.id,
        "node": node,
        "started_at": call.started_at,
        "ended_at": call.ended_at,
        "state": _call_encoder.encode(call),
    }


def _event(event: Event) -> dict[str, object]:
    return {**msgspec.structs.asdict(event), "event": event.id}


def _claim(row: tuple[Any, ...]) -> Claim:
    names = (
        *("id", "event", "type", "call", "revision", "endpoint", "body", "attempt", "failures"),
        *("sequence", "final"),
    )
    values = dict(zip(names, row, strict=True))
    return Claim(**{**values, "final": bool(values["final"])})


def _record(db: Connection, outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        claim = outcome.claim
        db.execute(SQL["save_attempt"], _attempt(claim.id, outcome.attempt))
        settled = {
            "id": claim.id,
            "state": outcome.state,
            "failed": outcome.state != "delivered",
            "due_at": outcome.due_at,
        }
        db.execute(SQL["settle"], settled)
        if outcome.disable_endpoint:
            reason = "the receiver answered 410 Gone"
            _disable(db, EndpointRuntime(endpoint=claim.endpoint, disabled=True, reason=reason))


def _attempt(delivery: DeliveryId, attempt: Attempt) -> dict[str, object]:
    return {**msgspec.structs.asdict(attempt), "delivery": delivery}


def _disable(db: Connection, runtime: EndpointRuntime) -> None:
    db.execute(SQL["set_endpoint_disabled"], msgspec.structs.asdict(runtime))


def _revision(db: Connection, query: str, wanted: dict[str, object]) -> RevisionRow | None:
    row = db.execute(SQL[query], wanted).fetchone()
    return (
        RevisionRow(**dict(zip(RevisionRow.__struct_fields__, row, strict=True))) if row else None
    )


def _set_revision_state(db: Connection, number: int, state: RevisionState, at: Ms) -> None:
    db.execute(SQL["set_revision_state"], {"number": number, "state": state, "at": at})


def _scalar(db: Connection, query: str) -> int | None:
    value: int | None = db.execute(SQL[query]).fetchone()[0]
    return value
