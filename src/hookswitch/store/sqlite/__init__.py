"""The embedded store: one SQLite file."""

from hookswitch.store.sqlite.store import SqliteStore

__all__ = ["SqliteStore"]
