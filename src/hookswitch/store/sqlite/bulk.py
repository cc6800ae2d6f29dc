"""Many rows in one statement: the interpreter's lock is given up once, not once a row."""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import chain
from sqlite3 import Connection
from typing import Final, TypeVar

from hookswitch.store.queries import load_queries

SQL: Final = load_queries("hookswitch.store.sqlite", "bulk.sql")
CHUNKS: Final = (256, 128, 64, 32, 16, 8, 4, 2, 1)
"""Rows per statement: few sizes, so that each stays prepared."""

Row = Sequence[object]
T = TypeVar("T")


def execute(db: Connection, name: str, rows: Sequence[Row]) -> int:
    """Run a statement of bulk.sql over all rows, of the same length; gives how many it met."""
    met = 0
    for chunk in chunks(rows):
        sql = statement(name, len(chunk), len(chunk[0]))
        met += db.execute(sql, list(chain.from_iterable(chunk))).rowcount
    return met


@cache
def statement(name: str, rows: int, columns: int) -> str:
    place = f"({', '.join('?' * columns)})"
    return SQL[name].format(rows=", ".join([place] * rows))


def chunks(rows: Sequence[T]) -> Iterable[Sequence[T]]:
    """What goes into a statement each."""
    begin = 0
    for size in CHUNKS:
        while len(rows) - begin >= size:
            yield rows[begin : begin + size]
            begin += size
