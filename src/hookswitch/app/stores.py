"""The one place that knows which stores there are."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.config.document import Document
from hookswitch.delivery.guard import AllowedNetwork, Guard
from hookswitch.delivery.local import is_local
from hookswitch.store.port import Store
from hookswitch.store.postgres import PostgresStore
from hookswitch.store.sqlite import SqliteStore

POSTGRES_PORT: Final = 5432


def is_shared(settings: Settings) -> bool:
    """Whether several processes, on several machines, may work on the database."""
    return settings.database.get_secret_value() != "sqlite"


async def open_store(settings: Settings, data: DataDir) -> Store:
    """Open the store of the settings, and bring its schema up to date."""
    if is_shared(settings):
        return await PostgresStore.open(settings.database.get_secret_value())
    return await SqliteStore.open(data.database)


def guard_of(document: Document, own: Sequence[tuple[str, int]], settings: Settings) -> Guard:
    """What the document allows, and never our own listeners or the database."""
    allowed = [
        AllowedNetwork(network.network, network.ports) for network in document.allowed_networks
    ]
    return Guard(allowed, [*own, *_database_listeners(settings)], is_local)


def _database_listeners(settings: Settings) -> list[tuple[str, int]]:
    """Where the database listens, if it is named by a number."""
    if not is_shared(settings):
        return []
    parts = urlsplit(settings.database.get_secret_value())
    port = parts.port or POSTGRES_PORT
    try:
        return [(str(ip_address(parts.hostname or "127.0.0.1")), port)]
    except ValueError:
        return [("127.0.0.1", port)] if parts.hostname == "localhost" else []
