"""P8: Calls and Deliveries over the API with a million rows of each (ROWS with --rows)."""

import argparse
import asyncio
import json
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
from playwright.async_api import async_playwright

from hookswitch.app.datadir import DataDir
from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.app.stores import open_store
from hookswitch.model.calls import CallState, Leg, Party, User
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, LegId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite.accepting import accept

sys.path.append(str(Path(__file__).parent.parent / "tests"))
from kit.browser import arguments, chromium, environment, executable

NOW = time.time_ns() // 1_000_000
SPACING_MS = 80
DAY_MS = 86_400_000
TARGET_MS = 50
A_BATCH = 20_000
ENDPOINTS = 50
REQUESTS = 20
A_FEW = 6
USER = User("Alice", "1001")


def call(number: int) -> CallState:
    at, leg = NOW - DAY_MS + number * SPACING_MS, LegId(f"l{number}")
    answered = at + 500 if number % 3 else None
    user = USER if number % 2 else User(f"User {number % 500}", f"{2000 + number % 500}")
    return CallState(
        id=CallId(f"n1b1-{number}.1"),
        started_at=at,
        caller=Party(f"614{number % 100_000:08}", f"Caller {number % 1000}"),
        dest_number=f"6130000{number % 100:04}",
        revision=1,
        arrived=True,
        legs={leg: Leg(id=leg, user=user, tried_at=at, answered_at=answered, ended_at=at + 900)},
        ended_at=at + 900,
    )


def event(number: int, of: CallState) -> Event:
    rare = number % 10_000 == 0
    return Event(
        id=EventId(f"evt_{number}"),
        type="voicemail" if rare else "user_inbound",
        call=of.id,
        revision=1,
        at=of.started_at,
        body=msgspec.json.encode({"type": "user_inbound", "unique_call_id": of.id}),
    )


def batches(rows: int) -> Iterator[Batch]:
    for first in range(0, rows, A_BATCH):
        numbers = range(first, min(rows, first + A_BATCH))
        calls = [call(number) for number in numbers]
        events = [event(number, of) for number, of in zip(numbers, calls, strict=True)]
        yield Batch(
            node="n1",
            cursor=Cursor(0, first),
            calls=calls,
            events=events,
            deliveries=[
                NewDelivery(
                    event=one.id, call=one.call, endpoint=EndpointId(f"e{number % ENDPOINTS}")
                )
                for number, one in zip(numbers, events, strict=True)
            ],
            at=NOW - DAY_MS + first * SPACING_MS,
        )


def fill(database: Path, rows: int) -> None:
    """By the store's own statements, with what a disk and the indices would cost left to the end.

    Of the deliveries one in a hundred has failed, all others were delivered.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as db:
        db.execute("PRAGMA synchronous = OFF")
        db.execute("PRAGMA cache_size = -400000")
        db.execute("BEGIN")
        # what the statements themselves name is about what waits, and empty soon
        indices = db.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
            " AND sql LIKE 'CREATE INDEX%' AND sql NOT LIKE '%WHERE%'"
        ).fetchall()
        for name, _ in indices:
            db.execute(f"DROP INDEX {name}")
        for batch in batches(rows):
            accept(db, batch)
        db.execute(
            "UPDATE deliveries SET state = iif(id % 100, 'delivered', 'failed'), attempts = 1,"
            " first_done = 1, held = 0, due_at = NULL"
        )
        db.execute(
            "UPDATE delivery_totals SET n ="
            " (SELECT count(*) FROM deliveries d WHERE d.state = delivery_totals.state)"
        )
        for _, statement in indices:
            db.execute(statement)
        db.execute("COMMIT")


def questions(rows: int) -> dict[str, str]:
    middle = NOW - DAY_MS + rows * SPACING_MS // 2
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(middle / 1000))
    until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(middle / 1000 + 600))
    return {
        "calls": "/api/calls",
        "calls of a number": "/api/calls?number=61400012345",
        "calls beginning": "/api/calls?number=6140001*",
        "calls beginning, most": "/api/calls?number=614*",
        "calls of a user": "/api/calls?user=2077",
        "missed calls of a user": "/api/calls?user=1001&state=missed",
        "calls of ten minutes": f"/api/calls?since={since}&until={until}",
        "open calls": "/api/calls?state=open",
        "one call": f"/api/calls/n1b1-{rows // 2}.1",
        "calls in the middle": f"/api/calls?until={since}",
        "missed calls": "/api/calls?state=missed",
        "calls beginning, of ten minutes": f"/api/calls?number=614*&since={since}&until={until}",
        "endpoints": "/api/endpoints",
        "deliveries": "/api/deliveries",
        "deliveries in the middle": f"/api/deliveries?after={rows // 2}",
        "deliveries of an endpoint": "/api/deliveries?endpoint=e7",
        "deliveries of no endpoint": "/api/deliveries?endpoint=none",
        "deliveries of a type": "/api/deliveries?type=voicemail",
        "failed deliveries": "/api/deliveries?state=failed",
        "failed deliveries of an endpoint": "/api/deliveries?state=failed&endpoint=e7",
        "failed deliveries of a type": "/api/deliveries?state=failed&type=voicemail",
        "pending deliveries": "/api/deliveries?state=pending",
        "deliveries of an endpoint and a type": "/api/deliveries?endpoint=e7&type=voicemail",
        "deliveries of ten minutes": f"/api/deliveries?since={since}&until={until}",
        "deliveries of a call": f"/api/deliveries?call=n1b1-{rows // 2}.1",
    }


async def ask(session: aiohttp.ClientSession, path: str, times: int = REQUESTS) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        async with session.get(path) as answer:
            assert answer.status == 200, await answer.text()
            await answer.read()
        taken.append((time.perf_counter() - began) * 1000)
    return sorted(taken)


async def usable(url: str, code: str) -> dict[str, float]:
    """Milliseconds until a page shows its first rows in a real Chromium, the worst of a few."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with aiohttp.ClientSession(cookie_jar=jar) as http, async_playwright() as playwright:
        given = {"name": "bench", "password": "a-password-of-benchmarks", "code": code}
        async with http.post(f"{url}/api/setup", json=given) as answer:
            assert answer.status == 200, await answer.text()
        root = await chromium()
        browser = await playwright.chromium.launch(
            executable_path=executable(root), env=environment(root), args=arguments()
        )
        context = await browser.new_context()
        for cookie in jar:
            await context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": url}])
        page = await context.new_page()
        taken: dict[str, float] = {}
        for path in ("/calls", "/integration/deliveries"):
            times = []
            for _ in range(A_FEW):
                began = time.perf_counter()
                await page.goto(url + path)
                await page.locator("tbody tr").first.wait_for()
                times.append((time.perf_counter() - began) * 1000)
            taken[path] = round(max(times[1:]))  # the first fills the browser's cache
        await browser.close()
    return taken


async def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--rows", type=int, default=1_000_000)
    rows: int = options.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder), port=0, sip_port=0, log_level="error")
        data = DataDir(settings.data_dir)
        data.make()
        await (await open_store(settings, data)).close()  # makes the tables
        began = time.perf_counter()
        fill(data.database, rows)
        filled = time.perf_counter() - began
        said: list[str] = []
        async with running(settings, say=said.append) as server:
            headers = {"Authorization": f"Bearer {server.data.token()}"}
            async with aiohttp.ClientSession(server.web.url, headers=headers) as session:
                for path in questions(rows).values():  # the start is over, too, by then
                    await ask(session, path, 1)
                found = {name: await ask(session, path) for name, path in questions(rows).items()}
            pages = await usable(server.web.url, said[-1].rpartition(" ")[2])
    print(json.dumps({**result(found, rows, filled), "usable_ms": pages}))


def result(found: dict[str, list[float]], rows: int, filled: float) -> dict[str, Any]:
    p95 = {name: round(taken[int(len(taken) * 0.95) - 1], 1) for name, taken in found.items()}
    worst = max(p95.values())
    return {
        "bench": "pages",
        "rows": rows,
        "p95_ms": worst,
        "by_page": p95,
        "fill_s": round(filled, 1),
        "lost": 0,
        "reference": TARGET_MS,
        "ratio": round(worst / TARGET_MS, 3),
    }


asyncio.run(main())
