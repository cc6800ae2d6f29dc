"""The schema as it is written down, and the cost of what the writer thread runs most.

HOOKSWITCH_UPDATE_GOLDEN=1 writes the golden file anew.
"""

import os
import re
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hookswitch.model.delivery import NewDelivery, Room, Wanted
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore, bulk
from hookswitch.store.sqlite.sql import SQL

GOLDEN = Path(__file__).parent / "golden" / "sqlite_schema.sql"
STEPS = 10
"""Instructions of SQLite's machine per tick of `cost`."""


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[SqliteStore]:
    opened = await SqliteStore.open(tmp_path / "store.db")
    yield opened
    await opened.close()


async def test_the_migrations_give_the_schema_written_down(store: SqliteStore) -> None:
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type, name"
    made = await store._db.read(lambda db: [sql for (sql,) in db.execute(query)])
    text = "".join(f"{sql};\n" for sql in made)
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", SQL)
async def test_every_statement_fits_the_schema(store: SqliteStore, name: str) -> None:
    await store._db.read(lambda db: _explain(db, SQL[name]))


HOT = (
    *("ready_first", "ready_retry", "claim", "let_next", "claimed", "undelivered", "give_back"),
    *("next_due", "interrupted", "hold_behind", "oldest_pending"),
)
COLUMNS = {
    "save_events": 9,
    "save_new_deliveries": 6,
    "save_deliveries": 6,
    "save_attempts": 8,
    "settle": 5,
}


@pytest.mark.parametrize("name", HOT)
async def test_no_hot_statement_reads_the_whole_table(store: SqliteStore, name: str) -> None:
    plan = await store._db.read(lambda db: _explain(db, SQL[name]))
    scans = [step for step in plan if step.startswith("SCAN d") and "USING" not in step]
    assert scans == [], plan
    assert not [step for step in plan if "TEMP B-TREE" in step], plan


@pytest.mark.parametrize("name", bulk.SQL)
async def test_no_statement_over_many_rows_reads_the_whole_table(
    store: SqliteStore, name: str
) -> None:
    sql = bulk.statement(name, 3, COLUMNS[name])
    nothing = [None] * 3 * COLUMNS[name]
    plan = await store._db.read(
        lambda db: [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", nothing)]
    )
    assert [step for step in plan if step.startswith(("SCAN d", "SCAN e"))] == [], plan


def _explain(db: sqlite3.Connection, sql: str) -> list[str]:
    names = dict.fromkeys(_parameters(sql), 0)
    return [str(row[3]) for row in db.execute(f"EXPLAIN QUERY PLAN {sql}", names)]


def _parameters(sql: str) -> list[str]:
    return re.findall(r":(\w+)", sql)


async def fill(store: SqliteStore, endpoint: str, count: int, calls: int) -> None:
    events = [
        Event(
            id=EventId(f"{endpoint}/{number}"),
            type="user_inbound",
            call=CallId(f"{endpoint}/{number % calls}"),
            revision=1,
            at=1,
            body=b"{}",
        )
        for number in range(count)
    ]
    deliveries = [
        NewDelivery(event=each.id, call=each.call, endpoint=EndpointId(endpoint)) for each in events
    ]
    await store.commit(
        Batch(node="n1", cursor=Cursor(1, 1), events=events, deliveries=deliveries, at=1)
    )


async def cost(store: SqliteStore) -> int:
    """Ticks that a claim of at most five, and the look for the next one due, take."""
    ticks = 0

    def tick() -> int:
        nonlocal ticks
        ticks += 1
        return 0

    wanted = Wanted(now=1, window=2000, total=Room(5, 5), each=Room(5, 5))
    await store.claim(wanted)
    await store.next_due()
    for connection in (store._db._writer, *store._db._readers):
        connection.set_progress_handler(tick, STEPS)
    await store.claim(wanted)
    await store.next_due()
    for connection in (store._db._writer, *store._db._readers):
        connection.set_progress_handler(None, STEPS)
    return ticks


@pytest.mark.parametrize("calls", [1, 5, 6000], ids=["one call", "few calls", "many calls"])
async def test_a_backlog_costs_claim_nothing(
    store: SqliteStore, tmp_path: Path, calls: int
) -> None:
    """Of one endpoint whose calls all wait, however many there are."""
    small = await SqliteStore.open(tmp_path / "small.db")
    await fill(small, "stuck", 60, min(calls, 60))
    await fill(store, "stuck", 6000, calls)
    little, much = await cost(small), await cost(store)
    await small.close()
    assert much <= 2 * little + 5
