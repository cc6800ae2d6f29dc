"""Taking a person out of what is kept, on PostgreSQL; statements in erasing.sql."""

from collections.abc import Sequence
from typing import Final

import msgspec

from hookswitch.store.postgres.database import Connection, Database
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import Erasure

SQL: Final = load_queries("hookswitch.store.postgres", "erasing.sql")


class Erasing:
    """`store.port.ErasureStore` on PostgreSQL."""

    _db: Database

    async def erase(self, erasures: Sequence[Erasure]) -> None:
        async with self._db.transaction() as connection:
            for one in erasures:
                await _erase(connection, one)


async def _erase(connection: Connection, one: Erasure) -> None:
    await connection.execute(SQL["forget_parties"], one.call.id)
    await connection.execute(SQL["erase_call"], one.call.id, msgspec.json.encode(one.call))
    await connection.execute(SQL["erase_answers"], one.call.id)
    for event, body in one.bodies.items():
        await connection.execute(SQL["erase_event"], event, body)
        await connection.execute(SQL["erase_email"], event)
        await connection.execute(SQL["erase_media"], event)
