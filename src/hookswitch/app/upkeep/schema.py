"""The version of the database's schema: told, and brought forward or back."""

import sqlite3
from typing import Final

from msgspec import Struct

from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.app.stores import is_shared
from hookswitch.store.port import StoreError
from hookswitch.store.postgres import migrate as postgres
from hookswitch.store.postgres.database import Database, shown
from hookswitch.store.sqlite import migrate as sqlite
from hookswitch.store.sqlite.database import connect, translate

_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'hookswitch'"
    " AND datname = current_database() AND pid <> pg_backend_pid()"
)


class Schema(Struct, frozen=True):
    """Where it is and what this Hookswitch knows."""

    database: str
    version: int
    newest: int
    lowest: int


async def status(settings: Settings) -> Schema:
    """Look, and change nothing."""
    if is_shared(settings):
        database = await Database.open(settings.database.get_secret_value(), once=True)
        try:
            version = await postgres.version(database)
        finally:
            await database.close()
        return Schema(shown(database.url), version, postgres.newest(), 0)
    file = DataDir(settings.data_dir).database
    if not file.exists():
        raise StoreError(f"{settings.data_dir} holds no database: name its directory (--data-dir)")
    with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as connection:
        version = sqlite.version(connection)
    connection.close()
    return Schema(str(file), version, sqlite.newest(), sqlite.LOWEST)


async def bring_to(settings: Settings, version: int | None) -> Schema:
    """Migrate to that version, or to the newest; nobody else may use the database."""
    now = await status(settings)
    target = now.newest if version is None else version
    if not now.lowest <= target <= now.newest:
        raise StoreError(f"there is no schema {target}: {now.lowest} to {now.newest} are known")
    if is_shared(settings):
        await _bring_postgres_to(settings, target)
    else:
        _bring_sqlite_to(settings, target)
    return await status(settings)


async def _bring_postgres_to(settings: Settings, target: int) -> None:
    database = await Database.open(settings.database.get_secret_value(), once=True)
    try:
        if await database.value(_OTHERS):
            raise StoreError("other processes of hookswitch use the database: stop them first")
        await postgres.migrate(database, target)
    finally:
        await database.close()


def _bring_sqlite_to(settings: Settings, target: int) -> None:
    data = DataDir(settings.data_dir)
    with data.lock():
        connection = connect(data.database)
        try:
            sqlite.migrate(connection, target)
        except sqlite3.Error as error:
            raise translate(error, data.database) from error
        finally:
            connection.close()
