"""The statements of queries.sql, by name."""

from typing import Final

from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.postgres", "queries.sql")
