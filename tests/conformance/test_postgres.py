"""What is PostgreSQL's own: migrations, workers that die, answers that are lost, the server gone.

A real server; its processes are really killed. HOOKSWITCH_UPDATE_GOLDEN=1 writes the golden file.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from store_builders import START, add, batch, event, take

from hookswitch.model.delivery import Attempt, Outcome, Room
from hookswitch.store.port import StoreError
from hookswitch.store.postgres import PostgresStore, migrate, workers
from hookswitch.store.postgres.database import Database, Row, shown
from kit.postgres import Cluster

GOLDEN = Path(__file__).parent / "postgres_schema.sql"


@pytest.fixture
async def store(url: str) -> AsyncIterator[PostgresStore]:
    opened = await PostgresStore.open(url)
    yield opened
    await opened.close()


def schema(postgres: Cluster, url: str) -> str:
    text = postgres.tool("pg_dump", "--schema-only", "--no-owner", "--schema=hookswitch", url)
    noise = re.compile(r"^(--|SET |SELECT pg_catalog|\\|$)")
    return "".join(f"{line}\n" for line in text.splitlines() if not noise.match(line))


async def test_the_migrations_give_the_schema_written_down(postgres: Cluster, url: str) -> None:
    await (await PostgresStore.open(url)).close()
    made = schema(postgres, url)
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        GOLDEN.write_text(made, encoding="utf-8")
    assert made == GOLDEN.read_text(encoding="utf-8")


async def test_each_migration_goes_back_to_where_it_came_from(postgres: Cluster, url: str) -> None:
    database = await Database.open(url)
    seen = []
    for number in range(migrate.newest() + 1):
        assert await migrate.migrate(database, number) == number
        seen.append(schema(postgres, url))
    for number in reversed(range(migrate.newest() + 1)):
        await migrate.migrate(database, number)
        assert await migrate.version(database) == number
        assert schema(postgres, url) == seen[number]
    await database.close()


async def test_many_open_a_new_database_at_once(url: str) -> None:
    stores = await asyncio.gather(*(PostgresStore.open(url) for _ in range(5)))
    for each in stores:
        assert await each.oldest_pending() is None
        await each.close()


async def test_a_newer_schema_is_refused(store: PostgresStore, url: str) -> None:
    await store._db.run("UPDATE schema_version SET version = 99")
    with pytest.raises(StoreError, match=r"has schema 99.*install the newer Hookswitch"):
        await PostgresStore.open(url)


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("postgresql://ann:pa55@127.0.0.1:1/x", "could not connect: .*; then do this again"),
        ("postgresql://ann:pa55@[::1/x", "not an address|see that"),
    ],
)
async def test_a_server_that_is_not_there(bad: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as caught:
        await PostgresStore.open(bad)
    assert "pa55" not in str(caught.value)


async def test_a_database_that_is_not_there(postgres: Cluster) -> None:
    with pytest.raises(StoreError, match=r"does not exist: create it"):
        await PostgresStore.open(postgres.url("nowhere"))


def test_the_password_is_not_shown() -> None:
    assert shown("postgresql://ann:pa55@db.example:5433/x?sslmode=require&password=no") == (
        "postgresql://ann@db.example:5433/x"
    )


async def test_a_dead_workers_claims_are_taken_over(store: PostgresStore, url: str) -> None:
    """Its process is gone without a word: the other one gives back what it had, by itself."""
    dead = await PostgresStore.open(url)
    await add(store, "e1")
    [claim] = await take(dead)
    assert dead._beating is not None
    dead._beating.cancel()
    assert await store.release_interrupted(START) == 0, "it may be alive"
    silent = "UPDATE workers SET seen_at = seen_at - interval '1 hour' WHERE worker = $1"
    await store._db.run(silent, dead.worker)
    async with asyncio.timeout(workers.BEAT_S * 5):
        while not (again := await take(store, START * 2)):
            await asyncio.sleep(0.05)
    assert [(c.id, c.attempt) for c in again] == [(claim.id, 2)]
    [first] = await store.attempts(claim.id)
    assert first.error == "interrupted"
    await dead._db.close()


async def test_what_the_dead_one_says_later_moves_nothing_but_a_delivery(
    store: PostgresStore, url: str
) -> None:
    other = await PostgresStore.open(url)
    await add(store, "e1")
    [old] = await take(other)
    await store._db.run("DELETE FROM workers WHERE worker = $1", other.worker)
    assert await store.release_interrupted(START) == 1
    [new] = await take(store)
    failed = Attempt(number=old.attempt, started_at=START, duration_ms=1, error="connect")
    await other.record([Outcome(claim=old, attempt=failed, state="failed")])
    [row] = await store.deliveries()
    assert (row.state, row.attempts) == ("sending", new.attempt)
    arrived = Attempt(number=old.attempt, started_at=START, duration_ms=1, status=200)
    await other.record([Outcome(claim=old, attempt=arrived, state="delivered")])
    [row] = await store.deliveries()
    assert row.state == "delivered"
    await other.close()


async def test_a_claim_whose_answer_was_lost_is_given_again(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add(store, "e1")
    await add(store, "f1", of="f")
    [known] = await take(store, first=1)
    rows = store._db.rows

    async def lose(sql: str, *args: object) -> list[object]:
        await rows(sql, *args)
        raise StoreError("the line is dead")

    monkeypatch.setattr(store._db, "rows", lose)
    with pytest.raises(StoreError):
        await take(store)
    monkeypatch.undo()
    [again] = await take(store)
    assert (again.event, again.attempt) == ("f1", 2)
    assert (await store.delivery(known.id)).state == "sending"  # type: ignore[union-attr]


async def test_workers_side_by_side_give_nothing_twice(store: PostgresStore, url: str) -> None:
    others = [await PostgresStore.open(url) for _ in range(3)]
    for number in range(60):
        await add(store, f"e{number}", f"e{number}b", of=f"c{number}")
    given = await asyncio.gather(*(take(each, first=5, each=Room(50, 0)) for each in others * 4))
    taken = [claim.event for claims in given for claim in claims]
    assert len(taken) == len(set(taken)) == 60
    assert not any(event.endswith("b") for event in taken), "one of a call at a time"
    for each in others:
        await each.close()


async def test_the_server_comes_back(postgres: Cluster, url: str) -> None:
    """Killed in the middle: what was committed is there, and the store goes on by itself."""
    store = await PostgresStore.open(url)
    await add(store, "e1")
    postgres.kill()
    with pytest.raises(StoreError, match=r"see that the server runs.*; work goes on by itself"):
        await store.oldest_pending()
    postgres.start()
    [claim] = await take(store)
    assert claim.event == "e1"
    await store.close()


async def test_partitions_are_made_before_they_are_needed(store: PostgresStore) -> None:
    await store._db.run("SELECT setval(pg_get_serial_sequence('deliveries', 'id'), 2999999)")
    await add(store, "e1")
    [claim] = await take(store)
    assert claim.id == 3_000_000
    await store._db.run("SELECT make_partitions()")
    await store.record(
        [
            Outcome(
                claim=claim,
                attempt=Attempt(number=1, started_at=START, duration_ms=1, status=200),
                state="delivered",
            )
        ]
    )
    where = await store._db.value("SELECT tableoid::regclass::text FROM attempts")
    assert where == "attempts_3"


async def test_counts_are_folded(store: PostgresStore) -> None:
    for number in range(5):
        await add(store, f"e{number}")
    before = await store.delivery_counts()
    await store._db.run("SELECT fold_counts()")
    assert await store.delivery_counts() == before
    assert await store._db.value("SELECT count(*) FROM delivery_counts") == 1


async def test_a_reader_of_the_feed_misses_nothing_that_is_committed_late(
    store: PostgresStore, url: str
) -> None:
    """Many nodes commit at once, some slowly; a reader that follows its cursor sees every event."""
    nodes = [await PostgresStore.open(url) for _ in range(4)]
    slow = "CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
    wait = "PERFORM pg_sleep(random() * 0.01); RETURN NULL; END $$"
    await store._db.run(slow + wait)
    trigger = "CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED"
    await store._db.run(f"{trigger} FOR EACH ROW EXECUTE FUNCTION slow()")
    seen: list[str] = []
    writing = asyncio.gather(*(write(each, f"n{number}") for number, each in enumerate(nodes)))
    after = 0
    while True:
        over = writing.done()
        for told in await store.feed(after, 5):
            after = told.position
            seen.append(told.event.id)
        if over and not await store.feed(after, 1):
            break
    assert len(seen) == len(set(seen)) == 4 * 30
    for each in nodes:
        await each.close()


async def write(node: PostgresStore, name: str) -> None:
    for number in range(30):
        made = event(f"{name}/{number}", of=name)
        await node.commit(batch(number, [made], node=name))


async def test_a_heartbeat_gives_back_nothing_that_is_being_claimed(
    store: PostgresStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The claim is made, and its answer waits for a busy loop as the heartbeat asks."""
    monkeypatch.setattr(workers, "BEAT_S", 0.001)
    ask = store._db.rows

    async def rows(sql: str, *args: object) -> list[Row]:
        found = await ask(sql, *args)
        await asyncio.sleep(0.2)
        return found

    monkeypatch.setattr(store._db, "rows", rows)
    await store.commit(batch(1, [event(f"e{number}", f"c{number}") for number in range(5)]))
    given = await take(store)
    assert len(given) == 5
    assert await take(store) == []
    assert [row.state for row in await store.deliveries()] == ["sending"] * 5
