"""Processes killed at random moments, a receiver, and a ledger that is in none of them.

The ledger holds what was promised (a commit that came back) and what the receiver got. In the end
the receiver must have every promised event, each with one body, and no other.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

ZYGOTE = Path(__file__).parent / "support" / "chaos_zygote.py"
ENDPOINTS, EVENTS = 3, 2
"""Each accepted number makes so many events for so many endpoints."""
PATIENCE_S = 60.0
HOUR_MS = 3_600_000

Blow = Callable[[], Awaitable[None]]
"""What is done to the database now and then."""


class Ledger:
    """Kept by the test's own process."""

    def __init__(self, chance: random.Random) -> None:
        self.accepted: set[int] = set()
        self.got: dict[tuple[str, str], list[tuple[bytes, str, str]]] = defaultdict(list)
        self._chance = chance
        self.refusing = True

    async def receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        headers = request.headers
        if self.refusing and self._chance.random() < 0.05:
            return web.Response(status=500)
        key = request.path.strip("/"), headers["webhook-id"]
        self.got[key].append(
            (body, headers["x-hookswitch-call-sequence"], headers["x-hookswitch-attempt"])
        )
        return web.Response(text="ok")

    @property
    def complete(self) -> bool:
        return len(self.got) >= len(self.accepted) * ENDPOINTS * EVENTS

    def check(self, run: str) -> None:
        wanted = {
            (f"e{endpoint}", f"evt_{run}_{number}_{place}")
            for number in self.accepted
            for endpoint in range(ENDPOINTS)
            for place in range(EVENTS)
        }
        assert wanted - set(self.got) == set(), "lost"
        assert set(self.got) - wanted == set(), "made up"
        numbers: dict[tuple[str, int], list[int]] = defaultdict(list)
        for (endpoint, name), times in self.got.items():
            assert len({(body, sequence) for body, sequence, _ in times}) == 1, "changed"
            number = int(name.split("_")[2])
            numbers[endpoint, number // 3].append(int(times[0][1]))
        for given in numbers.values():
            assert sorted(given) == list(range(1, len(given) + 1)), "a gap in a call's numbers"

    @property
    def duplicates(self) -> int:
        return sum(len(times) - 1 for times in self.got.values())


class Chaos:
    """One installation; `rounds` kills it so many times."""

    def __init__(self, store: str, seed: int, count: int, workers: int) -> None:
        self.chance = random.Random(seed)
        self.store, self.count, self.workers = store, count, workers
        self.run = f"r{seed}"
        self.ledger = Ledger(self.chance)
        self.port = 0
        self.kills = 0
        self._zygote: asyncio.subprocess.Process
        self._alive: list[int] = []

    async def begin(self, *, clock_ms: int = 0, accepts: bool = True) -> int:
        await self._ask(
            store=self.store,
            run=self.run,
            port=self.port,
            clock_ms=clock_ms,
            upto=self.count if accepts else 0,
            after=max(self.ledger.accepted, default=0),
        )
        pid = int((await self._hear("began"))["began"])
        self._alive.append(pid)
        return pid

    async def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        self._alive.remove(pid)
        while True:
            await self._ask(reap=True)
            if pid not in (await self._hear("alive"))["alive"]:
                return
            await asyncio.sleep(0.002)

    async def rounds(self, kills: int, blow: Blow | None = None, *, steps: bool = False) -> None:
        """Keep `workers` processes up, the first of which accepts; kill one at a time."""
        up = [await self.begin(accepts=number == 0) for number in range(self.workers)]
        for _ in range(kills):
            await asyncio.sleep(self.chance.choice([0.005, 0.03, 0.1]) * self.chance.random() * 2)
            victim = self.chance.randrange(len(up))
            await self.kill(up[victim])
            self.kills += 1
            if blow is not None and self.chance.random() < 0.1:
                await blow()
            clock_ms = self.chance.choice([0, HOUR_MS, -HOUR_MS]) if steps else 0
            up[victim] = await self.begin(clock_ms=clock_ms, accepts=victim == 0)
        await self._settle(up)

    async def _settle(self, up: list[int]) -> None:
        """Let everything arrive, by a clock that is late enough for whatever was put off."""
        for pid in up:
            await self.kill(pid)
        self.ledger.refusing = False
        await self.begin(clock_ms=3 * HOUR_MS)
        async with asyncio.timeout(PATIENCE_S + self.count / 20):
            while len(self.ledger.accepted) < self.count or not self.ledger.complete:
                await self._drink()
        self.ledger.check(self.run)

    async def _drink(self) -> None:
        try:
            async with asyncio.timeout(0.05):
                await self._hear("nothing")
        except TimeoutError:
            pass

    async def _ask(self, **what: Any) -> None:
        assert self._zygote.stdin is not None
        self._zygote.stdin.write(json.dumps(what).encode() + b"\n")
        await self._zygote.stdin.drain()

    async def _hear(self, wanted: str) -> dict[str, Any]:
        assert self._zygote.stdout is not None
        while line := await self._zygote.stdout.readline():
            said: dict[str, Any] = json.loads(line)
            if "accepted" in said:
                self.ledger.accepted.add(said["accepted"])
            assert "ended" not in said or said["status"] == signal.SIGKILL, "a fault of its own"
            if wanted in said:
                return said
        raise AssertionError("the zygote is dead")

    @asynccontextmanager
    async def up(self) -> AsyncIterator[None]:
        app = web.Application()
        app.router.add_post("/{endpoint}", self.ledger.receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self._zygote = await asyncio.create_subprocess_exec(
            sys.executable, ZYGOTE, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
        )
        try:
            yield
        finally:
            for pid in self._alive:
                os.kill(pid, signal.SIGKILL)
            assert self._zygote.stdin is not None
            self._zygote.stdin.close()
            await self._zygote.wait()
            await runner.cleanup()
