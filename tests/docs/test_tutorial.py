"""docs/tutorial.md, as a stranger follows it: its commands in order, in an empty home.

Only the ports are others, in the ways that the page names. The engine is the one that is installed
already (`XDG_DATA_HOME`), so that nothing is fetched twice.
"""

import asyncio
import json
import os
import re
import shlex
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec import Struct

from hookswitch.asterisk import process
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, data_home, default_prefix
from kit.command import HOOKSWITCH

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"^```(sh|yaml|text)\n(.*?)^```", re.MULTILINE | re.DOTALL)
WITHIN_S = 60.0
EVENTS = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]


class Block(Struct, frozen=True):
    kind: str
    text: str


def blocks() -> Iterator[Block]:
    return (Block(kind, text) for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Stranger:
    """A home of one's own, and the terminals that are open."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.said: dict[str, list[str]] = {}
        self.ended: dict[str, int] = {}
        self.open: dict[str, asyncio.subprocess.Process] = {}
        self._changed = asyncio.Event()
        self._reading: list[asyncio.Task[None]] = []
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOOKSWITCH_", "XDG_"))}
        self._environment = {
            **kept,
            "HOME": str(home),
            "XDG_DATA_HOME": str(data_home().parent),
            "PATH": f"{HOOKSWITCH.parent}:{os.environ['PATH']}",
            "PYTHONUNBUFFERED": "1",
            "HOOKSWITCH_PORT": "0",
            "HOOKSWITCH_SIP_PORT": "0",
        }

    async def type(self, line: str) -> None:
        """Begin a command in a terminal of its own."""
        line = line.replace("9000", str(self.port))
        started = await asyncio.create_subprocess_exec(
            *shlex.split(line),
            cwd=self.home,
            env=self._environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.open[line], self.said[line] = started, []
        self._reading.append(asyncio.create_task(self._read(line, started)))

    async def ends(self, line: str) -> str:
        """Wait for the command's end, which must be a good one; what it said."""
        line = line.replace("9000", str(self.port))
        await self.until(lambda: line in self.ended)
        said = "\n".join(self.said[line])
        assert self.ended[line] == 0, said
        return said

    async def says(self, line: str, shown: str) -> None:
        """Wait until the command says what the page shows, its numbers aside."""
        line = line.replace("9000", str(self.port))
        wanted = re.compile(re.sub(r"\d+", r"\\d+", re.escape(shown.strip())))
        await self.until(lambda: any(wanted.search(said) for said in self.said[line]))

    async def until(self, true: Callable[[], bool]) -> None:
        try:
            async with asyncio.timeout(WITHIN_S):
                while not true():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pytest.fail(f"the page's words did not come: {self.said}")

    async def _read(self, line: str, started: asyncio.subprocess.Process) -> None:
        assert started.stdout is not None
        while said := await started.stdout.readline():
            self.said[line].append(said.decode().rstrip())
            self._changed.set()
        self.ended[line] = await started.wait()
        self._changed.set()

    async def leave(self) -> None:
        """Ctrl-C in every terminal."""
        for started in reversed(self.open.values()):
            if started.returncode is None:
                started.send_signal(2)
        async with asyncio.timeout(60):
            await asyncio.gather(*self._reading)


@asynccontextmanager
async def stranger(home: Path) -> AsyncIterator[Stranger]:
    made = Stranger(home)
    try:
        yield made
    finally:
        try:
            await made.leave()
        finally:
            for found, _ in process.having_argument(f"{home}/"):
                process.kill(found)
            for started in made.open.values():
                if started.returncode is None:
                    started.kill()


async def test_the_page_leads_to_the_webhooks_of_a_call(tmp_path: Path) -> None:
    await install(ENGINE, default_prefix())
    async with stranger(tmp_path) as me:
        await follow(me)
        (listener,) = [said for line, said in me.said.items() if " listen " in line]
        shown = "\n".join(listener)
        places = [re.search(rf"\b{kind}\b", shown) for kind in EVENTS]
        assert all(places), shown
        deliveries = await one(me, "hookswitch deliveries list --json")
        assert sorted(row["type"] for row in json.loads(deliveries)) == sorted(EVENTS)


async def follow(me: Stranger) -> None:
    """A command whose output the page shows goes on; every other one ends."""
    page = list(blocks())
    for number, block in enumerate(page):
        after = page[number + 1] if number + 1 < len(page) else Block("", "")
        if block.kind == "yaml":
            (me.home / "office.yaml").write_text(block.text.replace("9000", str(me.port)))
        elif block.kind == "sh":
            for line in block.text.splitlines():
                await me.type(line)
                if after.kind == "text":
                    await me.says(line, after.text)
                else:
                    await me.ends(line)


async def one(me: Stranger, line: str) -> str:
    await me.type(line)
    return await me.ends(line)
