"""Numbered SQL files, applied in order, each in a transaction of its own."""

import sqlite3
from importlib.resources import files
from typing import Final

from hookswitch.store.port import StoreError

_PACKAGE: Final = "hookswitch.store.sqlite"


def migrations() -> list[tuple[int, str]]:
    """Give (number, SQL) in order; the number is the file name's prefix."""
    folder = files(_PACKAGE).joinpath("migrations")
    found = [entry for entry in folder.iterdir() if entry.name.endswith(".sql")]
    return sorted((int(entry.name.split("_")[0]), entry.read_text("utf-8")) for entry in found)


def migrate(connection: sqlite3.Connection) -> int:
    """Bring the schema up to date; gives its version. Refuses a newer one than it knows."""
    known = migrations()
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > known[-1][0]:
        raise StoreError(
            f"the database has schema {version}, this Hookswitch knows {known[-1][0]}:"
            " install the newer Hookswitch again"
        )
    # Else a table could not be made anew under the name that others refer to.
    connection.execute("PRAGMA foreign_keys = OFF")
    for number, sql in known:
        if number > version:
            connection.executescript(
                f"BEGIN IMMEDIATE;\n{sql}\nPRAGMA user_version = {number};\nCOMMIT;"
            )
    return known[-1][0]
