"""The port on SQLite; the statements are in queries.sql."""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from sqlite3 import Connection
from typing import Final, Self

import msgspec

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import (
    Attempt,
    Backlog,
    Claim,
    DeliveryState,
    EndpointRuntime,
    EndpointState,
    Outcome,
    Wanted,
)
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.store.port import Topic
from hookswitch.store.rows import (
    ANY_CALL,
    ANY_DELIVERY,
    Batch,
    CallFilter,
    CallMark,
    DeliveryFilter,
    DeliveryRow,
    LineState,
)
from hookswitch.store.sqlite import accepting, claiming, listing
from hookswitch.store.sqlite.access import Access
from hookswitch.store.sqlite.alerts import Alerts
from hookswitch.store.sqlite.clicks import Clicks
from hookswitch.store.sqlite.database import Database, connect, translate
from hookswitch.store.sqlite.drafts import Drafts
from hookswitch.store.sqlite.erasing import Erasing
from hookswitch.store.sqlite.forgetting import Forgetting
from hookswitch.store.sqlite.messages import Messages
from hookswitch.store.sqlite.migrate import migrate
from hookswitch.store.sqlite.replaying import Replaying
from hookswitch.store.sqlite.replays import Replays
from hookswitch.store.sqlite.revisions import Revisions
from hookswitch.store.sqlite.sql import SQL

_call_decoder: Final = msgspec.json.Decoder(CallState)


class SqliteStore(
    Revisions, Messages, Replaying, Replays, Forgetting, Access, Drafts, Erasing, Clicks, Alerts
):
    """All of `store.port.Store`; open it with `open`, end it with `close`."""

    def __init__(self, database: Database) -> None:
        self._db = database

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open or create the file and bring its schema up to date."""
        connection = connect(path)
        try:
            version = migrate(connection)
            # so that a file that cannot be written is told now
            connection.execute(f"PRAGMA user_version = {version}")
        except sqlite3.Error as error:
            raise translate(error, path) from error
        finally:
            connection.close()
        return cls(Database(path))

    async def close(self) -> None:
        await self._db.close()

    def on_news(self, topic: Topic, hear: Callable[[], None]) -> None:
        """Nothing to hear: the data directory's lock keeps other processes out."""

    def on_notice(self, hear: Callable[[str], None]) -> None:
        """Nothing to hear either."""

    async def notify(self, text: str) -> None:
        """Nobody else is there."""

    async def hold_node(self, node: str) -> None:
        """The data directory's lock does."""

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
        await self._db.write(lambda db: accepting.accept(db, batch))

    # delivery

    async def claim(self, wanted: Wanted) -> Sequence[Claim]:
        # Lost in a power cut, its deliveries are given out once more.
        return await self._db.write(lambda db: claiming.claim(db, wanted), is_promise=False)

    async def give_back(self, claims: Sequence[Claim]) -> None:
        await self._db.write(lambda db: claiming.give_back(db, claims))

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        await self._db.write(lambda db: claiming.record(db, outcomes))

    async def release_interrupted(self, now: Ms) -> int:
        return await self._db.write(lambda db: claiming.release_interrupted(db, now))

    async def workers(self) -> int:
        """The data directory's lock keeps others out."""
        return 1

    async def next_due(self) -> Ms | None:
        return await self._db.read(lambda db: _scalar(db, "next_due"))

    # administration

    async def deliveries(
        self,
        wanted: DeliveryFilter = ANY_DELIVERY,
        *,
        before: DeliveryId | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryRow]:
        return await self._db.read(lambda db: listing.deliveries(db, wanted, before, limit))

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        return await self._db.read(
            lambda db: [
                Attempt(**dict(zip(Attempt.__struct_fields__, row, strict=True)))
                for row in db.execute(SQL["attempts"], {"delivery": delivery})
            ]
        )

    async def calls(
        self, wanted: CallFilter = ANY_CALL, *, before: CallMark | None = None, limit: int = 100
    ) -> Sequence[CallState]:
        return await self._db.read(lambda db: listing.calls(db, wanted, before, limit))

    async def call(self, call: CallId) -> CallState | None:
        return await self._db.read(lambda db: listing.call(db, call))

    async def events(self, call: CallId) -> Sequence[Event]:
        names = Event.__struct_fields__
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

    async def backlog(self) -> Sequence[Backlog]:
        return await self._db.read(
            lambda db: [
                Backlog(endpoint=endpoint, pending=pending, oldest=oldest)
                for endpoint, pending, oldest in db.execute(SQL["backlog"])
            ]
        )

    async def endpoint_runtime(self) -> Sequence[EndpointRuntime]:
        return await self._db.read(
            lambda db: [
                EndpointRuntime(**dict(zip(EndpointRuntime.__struct_fields__, row, strict=True)))
                for row in db.execute(SQL["endpoint_runtime"])
            ]
        )

    async def set_endpoint_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str, at: Ms
    ) -> None:
        await self._db.write(lambda db: claiming.set_state(db, endpoint, state, reason, at))

    async def set_endpoint_health(
        self, endpoint: EndpointId, *, held_until: Ms | None, failing_since: Ms | None
    ) -> None:
        row = {"endpoint": endpoint, "held_until": held_until, "failing_since": failing_since}
        await self._db.write(lambda db: db.execute(SQL["set_endpoint_health"], row).rowcount)


def _scalar(db: Connection, query: str) -> int | None:
    row = db.execute(SQL[query]).fetchone()
    value: int | None = row[0] if row else None
    return value
