"""Many deliveries made again, and the feed; the statements are in replays.sql."""

import json
from collections.abc import Mapping, Sequence
from sqlite3 import Connection, Row
from typing import Any, Final

import msgspec

from hookswitch.model.events import Event
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.model.replay import Candidate, Replay, Told, Wish
from hookswitch.store.queries import load_queries
from hookswitch.store.sqlite import totals
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "replays.sql")


class Replays:
    """`store.port.ReplaysStore` on SQLite."""

    _db: Database

    async def matching(self, wish: Wish) -> Mapping[EndpointId, int]:
        found = await self._db.read(lambda db: _matching(db, wish))
        return {endpoint: n for endpoint, n, _ in found}

    async def begin_replay(self, wish: Wish, rate: int, by: str, at: Ms) -> Replay:
        def work(db: Connection) -> Replay:
            found = _matching(db, wish)
            matched = sum(n for _, n, _ in found)
            upto = max((last for *_, last in found), default=0)
            asked = {"rate": rate, "by": by, "at": at, "matched": matched, "upto": upto}
            (begun,) = _replays(db, "begin", _wish(wish) | asked)
            return begun

        return await self._db.write(work)

    async def replays(self, limit: int = 100) -> Sequence[Replay]:
        return await self._db.read(lambda db: _replays(db, "replays", {"limit": limit}))

    async def replay(self, number: int) -> Replay | None:
        found = await self._db.read(lambda db: _replays(db, "replay", {"id": number}))
        return found[0] if found else None

    async def cancel_replay(self, number: int, at: Ms) -> bool:
        row = {"id": number, "at": at}
        return await self._db.write(lambda db: db.execute(SQL["cancel"], row).rowcount > 0)

    async def replay_due(self, now: Ms) -> tuple[Replay, Sequence[Candidate]] | None:
        def work(db: Connection) -> tuple[Replay, Sequence[Candidate]] | None:
            found = _replays(db, "due", {"now": now})
            if not found:
                return None
            due = found[0]
            bounds = {"last": due.last, "upto": due.upto, "rate": due.rate}
            rows = db.execute(SQL["candidates"], _wish(due.wish) | bounds)
            return due, [Candidate(*row) for row in rows]

        return await self._db.read(work)

    async def step_replay(
        self, replay: Replay, taken: Sequence[DeliveryId], skipped: int, last: DeliveryId, now: Ms
    ) -> bool:
        step = {"id": replay.id, "was": replay.last, "taken": len(taken), "skipped": skipped}
        asked = {"ids": json.dumps(taken), "states": json.dumps(replay.wish.states)}

        def work(db: Connection) -> bool:
            if not db.execute(SQL["step"], {**step, "last": last, "now": now}).rowcount:
                return False
            ids = [identifier for (identifier,) in db.execute(SQL["still_wished"], asked)]
            totals.uncount(db, ids)
            db.execute(SQL["make_due"], {"ids": json.dumps(ids), "now": now})
            return True

        return await self._db.write(work)

    async def feed(self, after: int, limit: int) -> Sequence[Told]:
        wanted = {"after": after, "limit": limit}
        return await self._db.read(
            lambda db: [
                Told(position, Event(**dict(zip(Event.__struct_fields__, values, strict=True))))
                for position, *values in db.execute(SQL["feed"], wanted)
            ]
        )


def _matching(db: Connection, wish: Wish) -> list[tuple[EndpointId, int, int]]:
    return db.execute(SQL["matching"], _wish(wish)).fetchall()


def _wish(wish: Wish) -> dict[str, Any]:
    return msgspec.structs.asdict(wish) | {"states": json.dumps(wish.states)}


def _replays(db: Connection, query: str, wanted: dict[str, Any]) -> list[Replay]:
    cursor = db.execute(SQL[query], wanted)
    cursor.row_factory = Row
    return [_replay(dict(row)) for row in cursor.fetchall()]


def _replay(values: dict[str, Any]) -> Replay:
    del values["next_at"]
    named = {name: values.pop(name) for name in Wish.__struct_fields__}
    return Replay(wish=Wish(**named | {"states": tuple(json.loads(named["states"]))}), **values)
