"""The store for several machines: one PostgreSQL database."""

from hookswitch.store.postgres.store import PostgresStore

__all__ = ["PostgresStore"]
