"""Taking a person out of what is kept, on SQLite; statements in erasing.sql."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Final

import msgspec

from hookswitch.store.queries import load_queries
from hookswitch.store.rows import Erasure
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "erasing.sql")


class Erasing:
    """`store.port.ErasureStore` on SQLite."""

    _db: Database

    async def erase(self, erasures: Sequence[Erasure]) -> None:
        def work(db: Connection) -> None:
            for one in erasures:
                _erase(db, one)

        await self._db.write(work)


def _erase(db: Connection, one: Erasure) -> None:
    call = {"call": one.call.id}
    db.execute(SQL["forget_parties"], call)
    db.execute(SQL["erase_call"], {**call, "state": msgspec.json.encode(one.call)})
    db.execute(SQL["erase_answers"], call)
    for event, body in one.bodies.items():
        db.execute(SQL["erase_event"], {"event": event, "body": body})
        db.execute(SQL["erase_email"], {"event": event})
        db.execute(SQL["erase_media"], {"event": event})
