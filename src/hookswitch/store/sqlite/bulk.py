"""Many rows in one statement: the interpreter's lock is given up once, not once a row."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from sqlite3 import Connection
from typing import Final

from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.sqlite", "bulk.sql")
CHUNKS: Final = (256, 64, 16, 4, 1)
"""Rows per statement: few sizes, so that each stays prepared."""

Row = Sequence[object]


def execute(db: Connection, name: str, rows: Sequence[Row]) -> None:
    """Run a statement of bulk.sql over all rows; they have the same length."""
    for chunk in _chunks(rows):
        db.execute(statement(name, len(chunk), len(chunk[0])), list(chain.from_iterable(chunk)))


@cache
def statement(name: str, rows: int, columns: int) -> str:
    place = f"({', '.join('?' * columns)})"
    return SQL[name].format(rows=", ".join([place] * rows))


def _chunks(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    begin = 0
    for size in CHUNKS:
        while len(rows) - begin >= size:
            yield rows[begin : begin + size]
            begin += size
