"""Many deliveries made again, and the feed; the statements are in replays.sql."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from hookswitch.model.events import Event
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.model.replay import Candidate, Replay, Told, Wish
from hookswitch.store.postgres.database import Database, Row, touched
from hookswitch.store.postgres.sql import SQL as NEWS
from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.postgres", "replays.sql")


class Replays:
    """`store.port.ReplaysStore` on PostgreSQL."""

    _db: Database

    async def matching(self, wish: Wish) -> Mapping[EndpointId, int]:
        return {row["endpoint"]: row["n"] for row in await self._matching(wish)}

    async def _matching(self, wish: Wish) -> list[Row]:
        return await self._db.rows(SQL["matching"], *_wish(wish))

    async def begin_replay(self, wish: Wish, rate: int, by: str, at: Ms) -> Replay:
        found = await self._matching(wish)
        matched = sum(row["n"] for row in found)
        upto = max((row["upto"] for row in found), default=0)
        row = await self._db.row(SQL["begin"], *_wish(wish), rate, by, at, matched, upto)
        assert row is not None  # noqa: S101  an insert that returns its row
        return _replay(row)

    async def replays(self, limit: int = 100) -> Sequence[Replay]:
        return [_replay(row) for row in await self._db.rows(SQL["replays"], limit)]

    async def replay(self, number: int) -> Replay | None:
        row = await self._db.row(SQL["replay"], number)
        return _replay(row) if row else None

    async def cancel_replay(self, number: int, at: Ms) -> bool:
        return await self._db.run(SQL["cancel"], number, at) > 0

    async def replay_due(self, now: Ms) -> tuple[Replay, Sequence[Candidate]] | None:
        row = await self._db.row(SQL["due"], now)
        if row is None:
            return None
        due = _replay(row)
        rows = await self._db.rows(
            SQL["candidates"], *_wish(due.wish), due.last, due.upto, due.rate
        )
        return due, [Candidate(*row) for row in rows]

    async def step_replay(
        self, replay: Replay, taken: Sequence[DeliveryId], skipped: int, last: DeliveryId, now: Ms
    ) -> bool:
        async with self._db.transaction() as connection:
            moved = touched(
                await connection.execute(
                    SQL["step"], replay.id, replay.last, len(taken), skipped, last, now
                )
            )
            if moved and taken:
                await connection.execute(SQL["make_due"], taken, now, replay.wish.states)
                await connection.execute(NEWS["notify"], "deliveries")
        return moved > 0

    async def feed(self, after: int, limit: int) -> Sequence[Told]:
        rows = [dict(row) for row in await self._db.rows(SQL["feed"], after, limit)]
        return [Told(row.pop("position"), Event(**row)) for row in rows]


def _wish(wish: Wish) -> tuple[Any, ...]:
    return wish.call, wish.endpoint, wish.kind, wish.states, wish.since, wish.until


def _replay(row: Row) -> Replay:
    values = dict(row)
    del values["next_at"]
    named = {name: values.pop(name) for name in Wish.__struct_fields__}
    return Replay(wish=Wish(**named | {"states": tuple(named["states"])}), **values)
