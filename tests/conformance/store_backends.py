"""The backends that must pass this suite."""

from collections.abc import Callable, Mapping
from pathlib import Path

from store_builders import OpenStore

from hookswitch.store.sqlite import SqliteStore


def _sqlite(place: Path) -> OpenStore:
    return lambda: SqliteStore.open(place / "store.db")


BACKENDS: Mapping[str, Callable[[Path], OpenStore]] = {"sqlite": _sqlite}
"""Each takes a fresh directory."""
