"""The backends that must pass this suite, each opened on a fresh place."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from store_builders import OpenStore

from hookswitch.store.postgres import PostgresStore
from hookswitch.store.sqlite import SqliteStore
from kit.postgres import Cluster

BACKENDS = ("sqlite", "postgresql")


@asynccontextmanager
async def fresh(
    backend: str, place: Path, request: pytest.FixtureRequest
) -> AsyncIterator[OpenStore]:
    """Give the opener of a store that was never there before."""
    if backend == "sqlite":
        yield lambda: SqliteStore.open(place / "store.db")
        return
    server: Cluster = request.getfixturevalue("postgres")
    async with server.database(await template(server)) as url:
        yield lambda: PostgresStore.open(url)


async def template(server: Cluster) -> str:
    """A database with the schema in it, made once."""
    name = "hookswitch_template"
    if not await server.query(f"SELECT FROM pg_database WHERE datname = '{name}'"):
        await server.query(f"CREATE DATABASE {name}")
        await (await PostgresStore.open(server.url(name))).close()
    return name
