"""A data directory's SQLite database moved into PostgreSQL: all of it in one transaction."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from hookswitch.store.port import StoreError
from hookswitch.store.postgres.database import SCHEMA, Connection, Database
from hookswitch.store.postgres.migrate import migrate
from hookswitch.store.sqlite.database import connect
from hookswitch.store.sqlite.migrate import migrate as migrate_sqlite

TABLES: Final = (
    *("revisions", "secrets", "endpoint_runtime", "administrators", "sessions", "api_tokens"),
    *("audit", "draft", "line", "calls", "events", "deliveries", "attempts", "media", "emails"),
    *("replays", "clicks", "alerts"),
)
"""In an order that foreign keys allow."""
CHUNK: Final = 2000
MOVED: Final = ".moved"


class Moved(Struct, frozen=True):
    """How many rows of each table; where the old file is now."""

    rows: Mapping[str, int]
    old: Path


async def move(file: Path, url: str) -> Moved:
    """Copy everything, then put the old file aside, so that nothing is delivered from both.

    Whoever calls holds the data directory. A kill at any time leaves either the old database as it
    was or the new one whole.
    """
    source = _opened(file)
    try:
        migrate_sqlite(source)
        source.execute("BEGIN IMMEDIATE")
        rows = await _copy_all(source, url)
        source.execute("ROLLBACK")
        # all that is committed is in the file itself from here on
        source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        source.close()
    return Moved(rows, _put_aside(file))


def _opened(file: Path) -> sqlite3.Connection:
    if not file.exists():
        raise StoreError(f"database {file}: there is none to move: name its data directory")
    return connect(file)


def _put_aside(file: Path) -> Path:
    old = file.with_name(file.name + MOVED)
    file.rename(old)
    return old


async def _copy_all(source: sqlite3.Connection, url: str) -> dict[str, int]:
    database = await Database.open(url, once=True)
    try:
        await migrate(database)
        async with database.transaction() as target:
            await _require_empty(target)
            return {table: await _copy(source, target, table) for table in TABLES}
    finally:
        await database.close()


async def _require_empty(target: Connection) -> None:
    tables = {
        "line": "SELECT EXISTS (SELECT FROM line)",
        "events": "SELECT EXISTS (SELECT FROM events)",
        "revisions": "SELECT EXISTS (SELECT FROM revisions)",
    }
    for table, query in tables.items():
        if await target.fetchval(query):
            raise StoreError(
                f"the database already has {table} in it: name an empty one,"
                " or, if this installation was moved before, set `database` and start"
            )


async def _copy(source: sqlite3.Connection, target: Connection, table: str) -> int:
    if table == "attempts":
        await target.execute("SELECT make_partitions()")
    types = await _columns(target, table)
    have = {row[1] for row in source.execute(f"PRAGMA table_info({table})")}
    names = [name for name in types if name in have]
    count = 0
    for chunk in _chunks(source, table, names):
        rows = [
            tuple(_value(types[name], value) for name, value in zip(names, row, strict=True))
            for row in chunk
        ]
        await target.copy_records_to_table(table, records=rows, columns=names, schema_name=SCHEMA)
        count += len(rows)
    await _go_on_counting(target, table)
    return count


def _chunks(
    source: sqlite3.Connection, table: str, names: list[str]
) -> Iterator[list[tuple[Any, ...]]]:
    cursor = source.execute(f"SELECT {', '.join(names)} FROM {table}")  # noqa: S608  our own names
    while rows := cursor.fetchmany(CHUNK):
        yield rows


async def _columns(target: Connection, table: str) -> dict[str, str]:
    query = (
        "SELECT column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = $1 AND table_name = $2 ORDER BY ordinal_position"
    )
    return {row[0]: row[1] for row in await target.fetch(query, SCHEMA, table)}


def _value(kind: str, value: Any) -> Any:
    if value is None:
        return None
    if kind == "boolean":
        return bool(value)
    return json.loads(value) if kind == "ARRAY" else value


async def _go_on_counting(target: Connection, table: str) -> None:
    """New rows get numbers after those that came."""
    query = (
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = $1 AND table_name = $2 AND is_identity = 'YES'"
    )
    for (column,) in await target.fetch(query, SCHEMA, table):
        await target.execute(
            f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), max({column}))"  # noqa: S608
            f" FROM {table} HAVING max({column}) IS NOT NULL"
        )
