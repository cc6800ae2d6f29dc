"""docs/errors.md: what may happen while it runs; it goes on by itself and loses nothing."""

import asyncio
import json
import re
from collections.abc import Sequence
from pathlib import Path

import aiohttp
import pytest
from errors_page import rows
from msgspec.structs import replace
from structlog.testing import capture_logs

from hookswitch.app.line.messages import Extras
from hookswitch.app.line.reader import LiveLine
from hookswitch.app.upkeep.overload import OverloadWatch
from hookswitch.journal.tail import JournalTail
from hookswitch.model.delivery import Attempt as DeliveryAttempt
from hookswitch.model.delivery import Claim, NewDelivery, Outcome, Room, Wanted
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.facts import Fact
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite import SqliteStore
from kit.calls import Attempt, Script, Webhook
from kit.command import serve
from kit.line import ENV, wire
from kit.line import run as events_of

ENDLESS = "100000000"
HOUR_MS = 3_600_000
NOW = 1_790_868_675_000


async def test_disk_low__(tmp_path: Path) -> None:
    async with serve(tmp_path / "data", HOOKSWITCH_DISK_REFUSE_CALLS_MB=ENDLESS) as served:
        await served.until_said(rows()["disk-low"].pattern.pattern)
        assert (await served.parts())["disk"] == rows()["disk-low"].line


async def test_too_many_calls__(tmp_path: Path) -> None:
    """Told by a stream in place of the gatekeeper's; tests/engine/test_overload.py has a flood."""
    watch = OverloadWatch(tmp_path / "ctl", 150)
    said = asyncio.StreamReader()
    with capture_logs() as logs:
        reading = asyncio.create_task(watch._read(said))
        for line, health in ((b"35 400\n", rows()["too-many-calls"].pattern), (b"0 20\n", "ok")):
            said.feed_data(line)
            async with asyncio.timeout(5):
                while not re.fullmatch(health, watch.health):
                    await asyncio.sleep(0.01)
        said.feed_eof()
        await reading
    assert [log["event"] for log in logs] == ["calls.too_many", "calls.all_let_in"]
    assert logs[0]["percent"] == 35
    assert logs[0]["wait_ms"] == 400


async def test_journal_removed__(tmp_path: Path) -> None:
    """It is made again, read from its start, and health says so in between."""
    async with serve(tmp_path / "data") as served:
        journal = served.data / "engine/log/cel-custom"
        # at once and whole: a removal file by file would race with the engine writing there
        journal.rename(tmp_path / "removed")
        await served.until_said(rows()["journal-removed"].pattern.pattern)
        await served.until_said("the journal is written again")
        assert (await served.parts())["engine"] == "ok"
        assert "hs.canary" in (journal / "journal.csv").read_text()
        async with asyncio.timeout(60):
            while await lag(served.url) != 0:
                await asyncio.sleep(0.1)
        assert not any("Traceback" in line for line in served.said)


async def lag(url: str) -> float:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        text = await answer.text()
    name = "hookswitch_journal_lag_bytes "
    return float(next(line for line in text.splitlines() if line.startswith(name)).split()[1])


class NoAudio:
    """Of the line's keeper: there are no messages in these calls."""

    env = ENV

    async def sift(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        return facts

    def extras(self, _facts: object) -> Extras:
        return Extras((), ())

    def committed(self, _facts: object) -> None:
        pass


async def test_disk_full__(tmp_path: Path) -> None:
    """SQLite may not grow for a while: that is its own error of a full disk."""
    script = Script([*([Webhook()] * 200), Attempt(end="caller_hangs_up")])
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
    (pages,) = store._db._writer.execute("PRAGMA page_count").fetchone()
    await limit_pages(store, pages)
    with capture_logs() as logs:
        running = asyncio.create_task(line.run())
        async with asyncio.timeout(60):
            while not any("error" in entry for entry in logs):
                await asyncio.sleep(0.02)
        assert not committed.is_set()
        await limit_pages(store, pages * 1000)
        async with asyncio.timeout(60):
            await committed.wait()
        line.stop()
        await running
    assert any(rows()["disk-full"].pattern.search(str(entry.get("error", ""))) for entry in logs), (
        logs
    )
    stored = [event for call in await store.calls() for event in await store.events(call.id)]
    assert [(event.id, event.body) for event in stored] == wire(events_of(script.lines))
    await store.close()


async def limit_pages(store: SqliteStore, pages: int) -> None:
    await store._db.write(lambda db: db.execute(f"PRAGMA max_page_count = {pages}").fetchone())


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
    """Set back, it waits until its time comes again; set forward, it is due at once."""
    store = await SqliteStore.open(tmp_path / "db")
    call, event = CallId("c1"), EventId("one")
    made = Event(id=event, call=call, type="user_inbound", revision=1, at=NOW, body=b"{}")
    delivery = NewDelivery(event=event, endpoint=EndpointId("crm"), call=call)
    cursor = Cursor(0, 1)
    await store.commit(
        Batch(node="n1", cursor=cursor, events=[made], deliveries=[delivery], at=NOW)
    )
    (first,) = await take(store, NOW)
    failed = DeliveryAttempt(
        number=1, started_at=NOW, duration_ms=1, status=500, error="status", detail="", response=b""
    )
    due = NOW + 5000
    await store.record([Outcome(claim=first, attempt=failed, state="pending", due_at=due)])
    assert await take(store, NOW - HOUR_MS) == []
    (again,) = await take(store, NOW + 365 * 24 * HOUR_MS)
    assert (again.event, again.attempt) == ("one", 2)
    assert await store.release_interrupted(NOW - HOUR_MS) == 1, "a crash while it was sent"
    (third,) = await take(store, due)
    assert third.event == "one"
    await store.close()


async def take(store: SqliteStore, now: int) -> list[Claim]:
    room = Room(100, 100)
    return list(await store.claim(Wanted(now=now, window=2000, total=room, each=room)))
