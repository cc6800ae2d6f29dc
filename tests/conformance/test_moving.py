"""A live installation moved from SQLite to PostgreSQL: nothing is lost, nothing goes twice."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from store_builders import NODE, START, batch, call, event, outcome, take

from hookswitch.app.cli import main
from hookswitch.app.datadir import DataDir
from hookswitch.model.ids import CallId, EndpointId
from hookswitch.model.journal import Cursor
from hookswitch.model.replay import Wish
from hookswitch.store.port import Store
from hookswitch.store.postgres import PostgresStore
from hookswitch.store.rows import ClickRow, SecretRow
from hookswitch.store.sqlite import SqliteStore
from kit.postgres import Cluster

CLICK = ClickRow("key", "wish", CallId("c0"), START)


def cli(*args: object) -> Result:
    return CliRunner().invoke(main, [str(arg) for arg in args])


async def fill(store: Store) -> None:
    """Deliveries in every state, one of them under way in a process that was killed."""
    events = [event(f"e{number}", f"c{number}") for number in range(6)]
    events.append(event("e6", "c1", endpoint=EndpointId("object:x")))
    calls = [call("c0"), call("c1", ended_at=START)]
    await store.commit(batch(77, events, ["crm", "desk"], calls=calls))
    for number, claim in enumerate(await take(store)):
        if number < 4:
            state: Any = ("delivered", "failed", "pending", "cancelled")[number]
            due = START + 99_000 if state == "pending" else None
            done = outcome(claim, state, due_at=due, response=b"\x00\xff")
            await store.record([done])
    number = await store.stage_revision("{}", "ann", START, text="# é\n")
    sealed = SecretRow(reference="a/b", key="k", sealed=b"\0\xff", set_at=START)
    await store.set_revision_live(number, START, (), [sealed])
    await store.set_endpoint_state(EndpointId("desk"), "paused", "by hand", START)
    await store.claim_click(CLICK, expired=0)
    await store.settle_click(CLICK.key, placed=True)
    await store.begin_replay(Wish(states=("failed", "cancelled")), 5, "ann", START)


async def all_of(store: Store) -> dict[str, Any]:
    rows = await store.deliveries(limit=1000)
    state = await store.load_line(NODE)
    return {
        "deliveries": rows,
        "attempts": {row.id: list(await store.attempts(row.id)) for row in rows},
        "counts": await store.delivery_counts(),
        "line": (state.cursor, list(state.open_calls)),
        "calls": await store.calls(),
        "events": [await store.events(CallId(f"c{number}")) for number in range(6)],
        "feed": list(await store.feed(0, 100)),
        "live": await store.live_revision(),
        "secrets": await store.secrets(),
        "runtime": await store.endpoint_runtime(),
        "replays": await store.replays(),
        "backlog": await store.backlog(),
        "click": await store.claim_click(CLICK, expired=0),
    }


@pytest.fixture
async def filled(tmp_path: Path) -> dict[str, Any]:
    data = DataDir(tmp_path / "data")
    data.make()
    store = await SqliteStore.open(data.database)
    await fill(store)
    found = await all_of(store)
    await store.close()
    return found


async def test_everything_is_there_and_goes_on(
    filled: dict[str, Any], tmp_path: Path, postgres: Cluster
) -> None:
    async with postgres.database() as url:
        moved = await _moved(tmp_path, url)
        assert moved["rows"]["deliveries"] == len(filled["deliveries"])
        store = await PostgresStore.open(url)
        assert await all_of(store) == filled
        under_way = {row.id for row in filled["deliveries"] if row.state == "sending"}
        assert under_way
        assert await store.release_interrupted(START) == len(under_way)
        await store.set_endpoint_state(EndpointId("desk"), "active", "", START)
        due = {row.id for row in await store.deliveries() if row.state == "pending"}
        given: set[int] = set()
        while claims := await take(store, START + 100_000):
            assert not given & {claim.id for claim in claims}
            given |= {claim.id for claim in claims}
            await store.record([outcome(claim) for claim in claims])
        assert given == due
        await store.commit(batch(78, [event("e9", "c1")]))
        newest = (await store.deliveries(limit=1))[0]
        assert newest.id == max(row.id for row in filled["deliveries"]) + 1
        assert newest.sequence == 3
        assert (await store.load_line(NODE)).cursor == Cursor(1, 78)
        await store.close()


async def _moved(tmp_path: Path, url: str) -> dict[str, Any]:
    result = await asyncio.to_thread(
        cli, "migrate", "sqlite-to-postgres", url, "--data-dir", tmp_path / "data", "--json"
    )
    assert result.exit_code == 0, result.output
    found: dict[str, Any] = json.loads(result.output)
    assert Path(found["old"]).name == "hookswitch.db.moved"
    assert not (tmp_path / "data" / "hookswitch.db").exists()
    return found


@pytest.mark.usefixtures("filled")
async def test_a_second_move_and_a_missing_file_are_refused(
    tmp_path: Path, postgres: Cluster
) -> None:
    async with postgres.database() as url:
        await _moved(tmp_path, url)
        moving = ("migrate", "sqlite-to-postgres", url, "--data-dir", tmp_path / "data")
        again = await asyncio.to_thread(cli, *moving)
        assert (again.exit_code, "there is none to move" in again.output) == (1, True)
        (tmp_path / "data" / "hookswitch.db.moved").rename(tmp_path / "data" / "hookswitch.db")
        full = await asyncio.to_thread(cli, *moving)
        assert (full.exit_code, "was moved before" in full.output) == (1, True)
        assert (tmp_path / "data" / "hookswitch.db").exists()


AWAY = "postgresql://ann:pa55word@127.0.0.1:1/x"


@pytest.mark.parametrize(
    "command",
    [
        ("sqlite-to-postgres", AWAY),
        *((name, "--database", AWAY) for name in ("status", "up")),
        ("down", "--to", "9", "--database", AWAY),
    ],
    ids=lambda command: command[0],
)
async def test_a_server_that_is_away_is_told(tmp_path: Path, command: tuple[str, ...]) -> None:
    """It ends: nothing goes on by itself, and the installation is as it was."""
    data = tmp_path / "data"
    data.mkdir(0o700)
    await (await SqliteStore.open(DataDir(data).database)).close()
    result = await asyncio.to_thread(cli, "migrate", *command, "--data-dir", data)
    assert (result.exit_code, result.stdout) == (1, "")
    [told] = result.stderr.splitlines()
    assert told.startswith("hookswitch: database postgresql://ann@127.0.0.1:1/x: could not connect")
    assert "see that the server runs and can be reached, and host and port are right" in told
    assert told.endswith("; then do this again")
    assert "pa55word" not in result.output
    assert (data / "hookswitch.db").exists()


async def test_one_that_is_served_is_not_moved(tmp_path: Path, postgres: Cluster) -> None:
    data = DataDir(tmp_path / "data")
    async with postgres.database() as url:
        with data.lock():
            moving = ("migrate", "sqlite-to-postgres", url, "--data-dir", data.path)
            result = await asyncio.to_thread(cli, *moving)
    assert (result.exit_code, "is in use by another hookswitch" in result.output) == (1, True)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
async def test_the_schema_goes_down_and_up_again(
    kind: str, tmp_path: Path, postgres: Cluster
) -> None:
    async with postgres.database() as url:
        at = ("--data-dir", tmp_path / "data", "--database", "sqlite" if kind == "sqlite" else url)

        async def run(*args: object) -> Any:
            result = await asyncio.to_thread(cli, "migrate", *args, *at, "--json")
            assert result.exit_code == 0, result.output
            return json.loads(result.output)

        if kind == "sqlite":
            data = DataDir(tmp_path / "data")
            data.make()
            await (await SqliteStore.open(data.database)).close()
        first = await run("up")
        assert first["version"] == first["newest"]
        lower = await run("down", "--to", first["newest"] - 1)
        assert lower["version"] == first["newest"] - 1
        assert (await run("status"))["version"] == lower["version"]
        assert (await run("up"))["version"] == first["newest"]
        wrong = await asyncio.to_thread(cli, "migrate", "down", "--to", 99, *at)
        assert (wrong.exit_code, "no schema 99" in wrong.output) == (1, True)
        if kind == "postgresql":
            store = await PostgresStore.open(url)
            await store.oldest_pending()
            busy = await asyncio.to_thread(cli, "migrate", "down", "--to", 1, *at)
            assert (busy.exit_code, "stop them first" in busy.output) == (1, True)
            await store.close()
