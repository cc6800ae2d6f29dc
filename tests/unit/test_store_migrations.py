"""Each step of SQLite's schema goes forward and back (PostgreSQL's: conformance/test_postgres)."""

import re
import sqlite3
from pathlib import Path

from hookswitch.store.sqlite import database, migrate


def schema(connection: sqlite3.Connection) -> dict[str, object]:
    """What there is, whatever words made it: columns, keys, and the text of the rest."""
    found: dict[str, object] = {}
    for kind, name, sql in connection.execute(
        "SELECT type, name, sql FROM sqlite_master"
        " WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        if kind == "table":
            columns = connection.execute(f"PRAGMA table_xinfo({name})").fetchall()
            keys = connection.execute(f"PRAGMA foreign_key_list({name})").fetchall()
            unique = [row[2:4] for row in connection.execute(f"PRAGMA index_list({name})")]
            found[name] = (columns, keys, sorted(unique))
        else:
            found[name] = re.sub(r'--.*|["\s]', "", sql)
    return found


def test_each_step_goes_back_to_where_it_came_from(tmp_path: Path) -> None:
    connection = database.connect(tmp_path / "x.db")
    seen = {}
    for number in range(migrate.LOWEST, migrate.newest() + 1):
        assert migrate.migrate(connection, number) == number
        seen[number] = schema(connection)
    for number in reversed(seen):
        migrate.migrate(connection, number)
        assert migrate.version(connection) == number
        assert schema(connection) == seen[number], number
    assert migrate.migrate(connection) == migrate.newest()
    assert schema(connection) == seen[migrate.newest()]
    connection.close()


def test_every_step_has_a_way_back() -> None:
    forward = {number for number, _ in migrate.migrations()}
    back = {number for number, _ in migrate.migrations(down=True)}
    assert forward - back == {migrate.LOWEST}
