"""The port on PostgreSQL; the statements are in the .sql files."""

from collections.abc import Sequence
from typing import Final, Self, cast, get_args

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import (
    Attempt,
    Backlog,
    DeliveryState,
    EndpointRuntime,
    EndpointState,
)
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, Ms
from hookswitch.store import searching
from hookswitch.store.postgres.access import Access
from hookswitch.store.postgres.alerts import Alerts
from hookswitch.store.postgres.clicks import Clicks
from hookswitch.store.postgres.database import Database, Row
from hookswitch.store.postgres.drafts import Drafts
from hookswitch.store.postgres.erasing import Erasing
from hookswitch.store.postgres.forgetting import Forgetting
from hookswitch.store.postgres.line import Line, call_decoder
from hookswitch.store.postgres.messages import Messages
from hookswitch.store.postgres.migrate import migrate
from hookswitch.store.postgres.news import News
from hookswitch.store.postgres.replaying import Replaying
from hookswitch.store.postgres.replays import Replays
from hookswitch.store.postgres.revisions import Revisions
from hookswitch.store.postgres.sql import SQL
from hookswitch.store.postgres.workers import Workers
from hookswitch.store.rows import (
    ANY_CALL,
    ANY_DELIVERY,
    CallFilter,
    CallMark,
    DeliveryFilter,
    DeliveryRow,
)
from hookswitch.store.searching import (
    NO_END,
    among_open,
    bounds,
    looks_at_open,
    merged,
    parties,
)

_STATES: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)


class PostgresStore(
    Line,
    Workers,
    Revisions,
    Messages,
    Replaying,
    Replays,
    Forgetting,
    News,
    Access,
    Clicks,
    Alerts,
    Drafts,
    Erasing,
):
    """All of `store.port.Store`; open it with `open`, end it with `close`."""

    def __init__(self, database: Database) -> None:
        Line.__init__(self)
        Workers.__init__(self)
        News.__init__(self)
        self._db = database

    @classmethod
    async def open(cls, url: str) -> Self:
        """Connect and bring the schema up to date."""
        database = await Database.open(url)
        try:
            await migrate(database)
        except BaseException:
            await database.close()
            raise
        return cls(database)

    async def close(self) -> None:
        await self._leave()
        await self._stop_listening()
        await self._db.close()

    # administration

    async def deliveries(
        self,
        wanted: DeliveryFilter = ANY_DELIVERY,
        *,
        before: DeliveryId | None = None,
        limit: int = 100,
    ) -> Sequence[DeliveryRow]:
        rows = await self._db.rows(
            SQL["deliveries"],
            *(wanted.call, wanted.state, wanted.endpoint, wanted.kind),
            wanted.since or 0,
            NO_END if wanted.until is None else wanted.until,
            NO_END if before is None else before,
            limit,
        )
        return [DeliveryRow(**row) for row in rows]

    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]:
        return [Attempt(**row) for row in await self._db.rows(SQL["attempts"], delivery)]

    async def calls(
        self, wanted: CallFilter = ANY_CALL, *, before: CallMark | None = None, limit: int = 100
    ) -> Sequence[CallState]:
        over = [] if wanted.outcome == "open" else await self._calls(wanted, before, limit)
        if not looks_at_open(wanted):
            return over
        rows = await self._db.rows(SQL["open_calls"])
        still = (call_decoder.decode(row["state"]) for row in rows)
        return merged(over, among_open(still, wanted, before), limit)

    async def _calls(
        self, wanted: CallFilter, before: CallMark | None, limit: int
    ) -> list[CallState]:
        found, at = parties(wanted), bounds(wanted, before, limit)
        place = [at["since"], at["until"], at["before_at"], at["before"]]
        more = [found.party, found.other, found.prefix, limit]
        if found.first is not None:
            rows = await self._db.rows(SQL["calls_of_party"], *place, *more, found.first)
        elif found.prefix is not None:
            rows = await self._beginning(found.prefix, place, limit)
        else:
            rows = await self._db.rows(SQL["calls"], *place, *more)
        return [call_decoder.decode(row["state"]) for row in rows]

    async def _beginning(self, prefix: str, place: Sequence[int | str], limit: int) -> list[Row]:
        """Where many begin so, most pages are full of the newest calls."""
        if await self._db.value(SQL["how_many_begin"], prefix, searching.FEW + 1) > searching.FEW:
            edge = await self._db.value(SQL["edge_of_newest"], *place, searching.NEWEST)
            since = place[0] if edge is None else edge
            newest = await self._db.rows(SQL["calls"], since, *place[1:], None, None, prefix, limit)
            if edge is None or len(newest) == limit:
                return newest
        return await self._db.rows(SQL["calls_beginning"], *place, prefix, limit)

    async def call(self, call: CallId) -> CallState | None:
        row = await self._db.row(SQL["call"], call)
        return call_decoder.decode(row["state"]) if row else None

    async def events(self, call: CallId) -> Sequence[Event]:
        return [Event(**row) for row in await self._db.rows(SQL["events"], call)]

    async def delivery_counts(self) -> dict[DeliveryState, int]:
        rows = await self._db.rows(SQL["delivery_counts"])
        found = {cast("DeliveryState", row["state"]): int(row["n"]) for row in rows}
        return {state: found.get(state, 0) for state in _STATES}

    async def oldest_pending(self) -> Ms | None:
        oldest: Ms | None = await self._db.value(SQL["oldest_pending"])
        return oldest

    async def backlog(self) -> Sequence[Backlog]:
        return [Backlog(**row) for row in await self._db.rows(SQL["backlog"])]

    async def endpoint_runtime(self) -> Sequence[EndpointRuntime]:
        return [EndpointRuntime(**row) for row in await self._db.rows(SQL["endpoint_runtime"])]

    async def set_endpoint_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str, at: Ms
    ) -> None:
        await self._db.run(SQL["set_endpoint_state"], endpoint, state, reason, at)
