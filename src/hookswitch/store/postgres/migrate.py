"""Numbered pairs of SQL files: `NNNN_name.up.sql` goes forward, `NNNN_name.down.sql` back."""

from importlib.resources import files
from typing import Final

import asyncpg

from hookswitch.store.port import StoreError
from hookswitch.store.postgres.database import OLDEST, SCHEMA, Connection, Database

_PACKAGE: Final = "hookswitch.store.postgres"
_LOCK: Final = "SELECT pg_advisory_xact_lock(7465, 0)"


def migrations(way: str = "up") -> list[tuple[int, str]]:
    """Give (number, SQL) in order; the number is the file name's prefix."""
    folder = files(_PACKAGE).joinpath("migrations")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(f".{way}.sql")]
    return sorted((int(entry.name.split("_")[0]), entry.read_text("utf-8")) for entry in found)


def newest() -> int:
    return migrations()[-1][0]


async def migrate(database: Database, to: int | None = None) -> int:
    """Bring the schema to a version, the newest if none is named; gives that version.

    All in one transaction, one process at a time. Refuses a newer one than it knows.
    """
    target = newest() if to is None else to
    async with database.transaction() as connection:
        await connection.execute(_LOCK)
        await _require_server(connection)
        now = await _version(connection)
        if now > newest():
            raise StoreError(
                f"the database has schema {now}, this Hookswitch knows {newest()}:"
                " install the newer Hookswitch again"
            )
        for number, sql in _steps(now, target):
            await connection.execute(sql)
            await connection.execute("UPDATE schema_version SET version = $1", number)
    return target


async def version(database: Database) -> int:
    """The schema's version, 0 for a database that has none."""
    async with database.transaction() as connection:
        return await _version(connection, make=False)


def _steps(now: int, target: int) -> list[tuple[int, str]]:
    """The SQL to run, each with the version it leads to."""
    if target >= now:
        return [(n, sql) for n, sql in migrations() if now < n <= target]
    return [(n - 1, sql) for n, sql in reversed(migrations("down")) if target < n <= now]


async def _require_server(connection: Connection) -> None:
    major = connection.get_server_version().major
    if major < OLDEST:
        raise StoreError(f"PostgreSQL {major} is too old: use {OLDEST} or later")


async def _version(connection: Connection, *, make: bool = True) -> int:
    if await connection.fetchval("SELECT to_regclass($1)", f"{SCHEMA}.schema_version") is None:
        if not make:
            return 0
        try:
            await connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
        except asyncpg.InsufficientPrivilegeError as error:
            raise StoreError(
                f"the user may not create the schema {SCHEMA}:"
                f" GRANT CREATE ON DATABASE ... TO ..., or create it for this user"
            ) from error
        await connection.execute("CREATE TABLE schema_version (version integer NOT NULL)")
        await connection.execute("INSERT INTO schema_version VALUES (0)")
    number: int = await connection.fetchval("SELECT version FROM schema_version")
    return number
