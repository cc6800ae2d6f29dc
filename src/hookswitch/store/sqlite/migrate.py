"""Numbered SQL files: `NNNN_name.sql` goes forward, `NNNN_name.down.sql` back."""

import sqlite3
from importlib.resources import files
from typing import Final

from hookswitch.store.port import StoreError

_PACKAGE: Final = "hookswitch.store.sqlite"
LOWEST: Final = 1
"""The first version there was; below it there is no schema to go back to."""


def migrations(*, down: bool = False) -> list[tuple[int, str]]:
    """Give (number, SQL) in order; the number is the file name's prefix."""
    folder = files(_PACKAGE).joinpath("migrations")
    found = [
        entry
        for entry in folder.iterdir()
        if entry.name.endswith(".sql") and entry.name.endswith(".down.sql") == down
    ]
    return sorted((int(entry.name.split("_")[0]), entry.read_text("utf-8")) for entry in found)


def newest() -> int:
    return migrations()[-1][0]


def version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def migrate(connection: sqlite3.Connection, to: int | None = None) -> int:
    """Bring the schema to a version, the newest if none is named; gives that version.

    Each step is a transaction. Refuses a newer one than it knows.
    """
    now, target = version(connection), newest() if to is None else to
    if now > newest():
        raise StoreError(
            f"the database has schema {now}, this Hookswitch knows {newest()}:"
            " install the newer Hookswitch again"
        )
    # Else a table could not be made anew under the name that others refer to.
    connection.execute("PRAGMA foreign_keys = OFF")
    for number, sql in _steps(now, target):
        connection.executescript(
            f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;"
        )
    return target


def _steps(now: int, target: int) -> list[tuple[int, str]]:
    """The SQL to run, each with the version it leads to."""
    if target >= now:
        return [(number, sql) for number, sql in migrations() if now < number <= target]
    back = reversed(migrations(down=True))
    return [(number - 1, sql) for number, sql in back if target < number <= now]
