"""docs/errors.md: what may happen while it runs; it goes on by itself and loses nothing."""

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from errors_page import rows
from kit.calls import Attempt, Script, Webhook
from kit.command import serve
from kit.line import ENV, wire
from kit.line import run as events_of
from msgspec.structs import replace
from structlog.testing import capture_logs

from hookswitch.app.line import LiveLine
from hookswitch.app.messages import Extras
from hookswitch.journal.tail import JournalTail
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId
from hookswitch.model.journal import Cursor
from hookswitch.store.sqlite import SqliteStore

ENDLESS = "100000000"
HOUR_MS = 3_600_000


async def test_disk_low__(tmp_path: Path) -> None:
    async with serve(tmp_path / "data", HOOKSWITCH_DISK_REFUSE_CALLS_MB=ENDLESS) as served:
        await served.until_said(rows()["disk-low"].pattern.pattern)
        assert (await served.parts())["disk"] == rows()["disk-low"].line


async def test_journal_removed__(tmp_path: Path) -> None:
    """It is made again, read from its start, and health says so in between."""
    async with serve(tmp_path / "data") as served:
        journal = served.data / "engine/log/cel-custom"
        shutil.rmtree(journal)
        await served.until_said(rows()["journal-removed"].pattern.pattern)
        await served.until_said("the journal is written again")
        assert (await served.parts())["engine"] == "ok"
        assert "hs.canary" in (journal / "journal.csv").read_text()
        async with asyncio.timeout(5):
            while await lag(served.url) != 0:
                await asyncio.sleep(0.1)
        assert not any("Traceback" in line for line in served.said)


async def lag(url: str) -> float:
    import aiohttp

    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    name = "hookswitch_journal_lag_bytes "
    return float(next(line for line in text.splitlines() if line.startswith(name)).split()[1])


class NoAudio:
    """Of the line's keeper: there are no messages in these calls."""

    env = ENV

    def extras(self, _facts: object) -> Extras:
        return Extras((), ())


async def test_disk_full__(tmp_path: Path) -> None:
    """SQLite may not grow for a while: that is its own error of a full disk."""
    script = Script([Attempt(), Webhook(), Attempt(end="caller_hangs_up")])
    journal = tmp_path / "journal.csv"
    journal.write_bytes(b"".join(script.records))
    store = await SqliteStore.open(tmp_path / "db")
    committed = asyncio.Event()
    line = await LiveLine.open(
        "n1",
        JournalTail(journal, Cursor()),
        store=store,
        endpoints=endpoints,
        keeper=NoAudio(),  # type: ignore[arg-type]
        on_commit=lambda *_: committed.set(),
    )
    (pages,) = store._database._writer.execute("PRAGMA page_count").fetchone()
    await limit_pages(store, pages)
    with capture_logs() as logs:
        running = asyncio.create_task(line.run())
        async with asyncio.timeout(5):
            while not any("error" in entry for entry in logs):
                await asyncio.sleep(0.02)
        assert not committed.is_set()
        await limit_pages(store, pages * 1000)
        async with asyncio.timeout(5):
            await committed.wait()
        line.stop()
        await running
    assert any(
        rows()["disk-full"].pattern.search(str(entry.get("error", ""))) for entry in logs
    ), logs
    stored = [event for call in await store.calls() for event in await store.events(call.id)]
    assert [(event.id, event.body) for event in stored] == wire(events_of(script.lines))
    await store.close()


async def limit_pages(store: SqliteStore, pages: int) -> None:
    await store._database.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())


def endpoints() -> list[Endpoint]:
    return []


STEPS = [Attempt(), Webhook(), Attempt(end="callee_hangs_up"), Attempt(end="caller_hangs_up")]


@pytest.mark.parametrize("step_ms", [-HOUR_MS, -1, HOUR_MS])
def test_clock_stepped__(step_ms: int) -> None:
    """Before each record in turn: the same events in the same order, and no negative duration."""
    lines = Script(STEPS).lines
    wanted = events_of(lines)
    for place in range(1, len(lines)):
        moved = [replace(line, at=line.at + step_ms) for line in lines[place:]]
        found = events_of([*lines[:place], *moved])
        assert [event.id for event in found] == [event.id for event in wanted]
        for event in found:
            body = json.loads(event.body)
            assert body.get("call_duration", 0) >= 0
            assert body.get("conversation_duration", 0) >= 0


async def test_a_retry_keeps_its_number_when_the_clock_is_set(tmp_path: Path) -> None:
    from store_builders import START, add, outcome, take

    store = await SqliteStore.open(tmp_path / "db")
    await add(store, "one")
    (first,) = await take(store)
    await store.record([outcome(first, "pending", due_at=START + 5000)])
    assert await take(store, START - HOUR_MS) == []
    (again,) = await take(store, START + 365 * 24 * HOUR_MS)
    assert (again.event, again.attempt) == ("one", 2)
    assert await store.release_interrupted(START - HOUR_MS) == 1
    (third,) = await take(store, START + 5000)
    assert third.event == "one"
    await store.close()


assert EndpointId
