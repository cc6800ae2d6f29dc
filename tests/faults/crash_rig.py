"""One installation under fire: a server in a process of its own, real phones, a receiver.

The oracle for ids and bodies is the journal itself, folded here from its first record on: what a
process that was never killed would have sent.
"""

import asyncio
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import socket
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, closing
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Self

import aiohttp
import asyncpg
import crashing_server
from msgspec import Struct

from hookswitch.app.datadir import DataDir
from hookswitch.app.demo import example
from hookswitch.app.webhooks.listener import Checks, Listener, Received
from hookswitch.asterisk import process
from hookswitch.asterisk.layout import Layout
from hookswitch.calls.ledger import Ledger
from hookswitch.events.build import build
from hookswitch.journal.tail import JournalTail
from hookswitch.model.events import Event
from hookswitch.model.journal import Cursor
from hookswitch.model.media import BuildEnv
from hookswitch.phone import NOTHING, Call, Phone, PhoneError
from hookswitch.phone.behaviour import answer_after

FORKING = multiprocessing.get_context("forkserver")
"""Forks from a process that has loaded the server already: it is begun forty times."""
FORKING.set_forkserver_preload(["crashing_server", "hookswitch.app.services"])
PATIENCE_S = 180.0
LOOK_EVERY_S = 0.03
RING_S, TALK_S = 0.4, 0.6
KILLED = -signal.SIGKILL
SQLITE = "sqlite"
OFFSET = "SELECT byte_offset FROM line"
LEFT = (
    "SELECT (SELECT count(*) FROM calls WHERE ended_at IS NULL)"
    " + (SELECT count(*) FROM deliveries WHERE state <> 'delivered')"
)


class Webhook(Struct, frozen=True, order=True):
    """What must be the same each time a webhook is sent."""

    call: str
    sequence: int
    type: str
    id: str
    final: bool
    body: bytes


class Child:
    """A server in a process of its own, as `serve` of crashing_server.py describes it."""

    def __init__(
        self, process: BaseProcess, heard: asyncio.StreamReader, said: asyncio.StreamWriter
    ) -> None:
        self._process = process
        self.heard, self.said = heard, said

    @classmethod
    async def begin(cls, *args: object) -> Self:
        ours, its = FORKING.Pipe()
        with ours, its:
            process = FORKING.Process(target=crashing_server.serve, args=(its, *args))
            process.start()
            line = socket.socket(fileno=os.dup(ours.fileno()))
        return cls(process, *await asyncio.open_connection(sock=line))

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()

    async def wait(self) -> int:
        while self.returncode is None:
            await asyncio.sleep(0.005)
        self.said.close()
        return self.returncode


class Rig:
    """Made by `rig`; `start` may be called again after each death of the server."""

    def __init__(self, place: Path, host: str, database: str) -> None:
        place.mkdir(exist_ok=True)
        self.data = place / "data"
        self.database = database
        self.layout = Layout(self.data)
        self.document = place / "document.yaml"
        self.output = place / "output.txt"
        self.accounts = example.make_accounts()
        self.received: list[Received] = []
        checks = Checks(signing_secret=self.accounts.signing_secret)
        self.listener = Listener(self.received.append, checks=checks)
        self.carrier = Phone(example.CALLER, host, sound=NOTHING)
        self.alice = Phone("1001")
        self.child: Child
        self.ready: dict[str, Any] = {}

    async def start(self) -> None:
        """Start the server on the data directory, and wait until it serves."""
        self.child = await Child.begin(self.data, self.document, self.output, self.database)
        said = await self.hear("ready")
        assert said is not None, self.output.read_text(encoding="utf-8")
        self.ready = said

    async def hear(self, what: str) -> dict[str, Any] | None:
        """Give the next thing of that name the server says, or None if it ends before."""
        async with asyncio.timeout(PATIENCE_S):
            with contextlib.suppress(ConnectionResetError):
                while line := await self.child.heard.readline():
                    said = json.loads(line)
                    if what in said:
                        return dict(said[what])
            await self.child.wait()
        return None

    async def tell(self, command: str) -> dict[str, Any] | None:
        """Give a command; None if the server is dead."""
        try:
            self.child.said.write(f"{command}\n".encode())
            await self.child.said.drain()
        except (BrokenPipeError, ConnectionResetError):
            pass
        return await self.hear("counted")

    async def health(self) -> dict[str, str]:
        """What each part of the server says of itself."""
        running = DataDir(self.data).running()
        assert running is not None
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{running.url}/healthz") as answer,
        ):
            return dict((await answer.json())["parts"])

    @property
    def dead(self) -> bool:
        return self.child.returncode is not None

    async def register(self) -> None:
        """Plug Alice's phone in."""
        password, server = self.accounts.alice_password, ("127.0.0.1", self.ready["sip"])
        self.alice = Phone("1001", server=server, password=password, sound=NOTHING)
        self.alice.on_call = answer_after(RING_S)
        await self.alice.start()
        await self.alice.register()

    async def dial(self) -> Call:
        uri = f"sip:{example.NUMBER}@127.0.0.1:{self.ready['sip']}"
        return await self.carrier.call(uri, name=example.CALLER_NAME, caller=example.CALLER)

    async def talk(self) -> None:
        """A call that Alice answers and the caller ends."""
        call = await self.dial()
        await call.answered()
        await asyncio.sleep(TALK_S)
        await call.hang_up()

    async def until(self, what: Callable[[], bool | Awaitable[bool]], within: float) -> None:
        """Wait until it is so."""
        async with asyncio.timeout(within):
            while True:
                answer = what()
                if answer if isinstance(answer, bool) else await answer:
                    return
                await asyncio.sleep(LOOK_EVERY_S)

    async def settled(self) -> bool:
        """Whether the journal is read to its end, every call is over and all is delivered."""
        if self.database == SQLITE:
            offset, left = await asyncio.to_thread(self._progress)
        else:
            offset, left = await progress_on_postgresql(self.database)
        journal = self.layout.journal
        return not left and journal.exists() and offset == journal.stat().st_size

    def _progress(self) -> tuple[int, int]:
        with closing(sqlite3.connect(self.data / "hookswitch.db", timeout=10)) as db:
            [offset] = db.execute(OFFSET).fetchone() or [0]
            [left] = db.execute(LEFT).fetchone()
        return offset, left

    def sent(self, skip: int = 0) -> list[Webhook]:
        """The webhooks received after the first `skip` requests, each once, in the calls' order."""
        seen = self.received[skip:]
        assert [each.checks["signature"] for each in seen] == [""] * len(seen)
        found = sorted({_webhook(each) for each in seen})
        assert len(found) == len({each.id for each in found}), "a webhook-id must not change"
        return found

    def expected(self, calls: set[str]) -> set[tuple[str, bytes]]:
        """Ids and bodies that the journal gives for these calls."""
        return {(event.id, event.body) for event in self._replay() if event.call in calls}

    def _replay(self) -> Sequence[Event]:
        tail, ledger, events = JournalTail(self.layout.journal, Cursor()), Ledger(), []
        env = BuildEnv(link=str, message_settings=lambda *_: None)
        while (read := tail.read()).cursor != tail.cursor:
            for line in read.lines:
                events += [event for fact in ledger.apply(line) for event in build(fact, env)]
            tail.cursor = read.cursor
        return events

    def check(self, skip: int, *kinds: Sequence[str]) -> None:
        """The calls after the first `skip` requests gave these types, and what the journal says."""
        sent = self.sent(skip)
        calls = sorted({each.call for each in sent})
        of_calls = [[each for each in sent if each.call == call] for call in calls]
        assert [[e.type.removeprefix("user_inbound") for e in of] for of in of_calls] == [
            list(each) for each in kinds
        ]
        assert [[e.sequence for e in of] for of in of_calls] == [
            list(range(1, len(each) + 1)) for each in kinds
        ]
        assert self.expected(set(calls)) == {(each.id, each.body) for each in sent}

    async def end(self) -> None:
        """End the server, whatever state it is in, and leave no process."""
        if not self.dead:
            self.child.said.close()
            try:
                async with asyncio.timeout(PATIENCE_S):
                    await self.child.wait()
            except TimeoutError:
                self.child.kill()
                await self.child.wait()
        left = self.kill_engine()
        assert not left or self.child.returncode == KILLED, f"left behind: {left}"

    def kill_engine(self) -> list[process.Process]:
        """Kill what runs on the data directory; gives what there was."""
        found = [each for each, _ in process.having_argument(f"{self.data}/")]
        for each in found:
            process.kill(each)
        if not self.layout.run.is_relative_to(self.data):
            shutil.rmtree(self.layout.run, ignore_errors=True)
        return found


async def progress_on_postgresql(url: str) -> tuple[int, int]:
    db = await asyncpg.connect(url, server_settings={"search_path": "hookswitch"})
    try:
        return await db.fetchval(OFFSET) or 0, await db.fetchval(LEFT)
    finally:
        await db.close()


def _webhook(received: Received) -> Webhook:
    headers = received.headers
    return Webhook(
        call=received.document["unique_call_id"],
        sequence=int(headers["x-hookswitch-call-sequence"]),
        type=received.document["type"],
        id=headers["webhook-id"],
        final=headers.get("x-hookswitch-final") == "true",
        body=received.body,
    )


@asynccontextmanager
async def rig(
    place: Path, host: str = "127.0.0.2", *, database: str = SQLITE, start: bool = True
) -> AsyncIterator[Rig]:
    """Everything up and Alice registered; the provider has a loopback address of its own."""
    made = Rig(place, host, database)
    async with made.listener, made.carrier:
        text = example.document(
            made.accounts,
            carrier_port=made.carrier.address[1],
            receiver_port=made.listener.port,
        ).replace(f"host: {example.CARRIER_HOST}", f"host: {host}")
        made.document.write_text(text, encoding="utf-8")
        try:
            if start:
                await made.start()
                await made.register()
            yield made
        finally:
            try:
                await _unplug(made.alice)
            finally:
                await made.end() if start else made.kill_engine()


async def _unplug(phone: Phone) -> None:
    if phone.endpoint.transport is not None:
        phone.deaf = True  # the engine may be dead: nobody to say goodbye to
        await phone.close()


async def killed_at(rig: Rig, point: str, within: float = PATIENCE_S) -> bool:
    """Make a call on a server that dies at that point, start it again, check all; False if the
    call was over without the point being reached."""
    skip = len(rig.received)
    await rig.tell(f"kill {point}")
    playing = asyncio.create_task(rig.talk())
    died = False
    try:
        async with asyncio.timeout(within):
            while True:
                if rig.dead or (playing.done() and not died and await rig.settled()):
                    if not rig.dead and await rig.tell("count") is not None:
                        break
                    await rig.child.wait()
                    assert rig.child.returncode == KILLED
                    died = True
                    await rig.start()
                    assert rig.ready["adopted"], "the engine must live on"
                elif playing.done() and died and await rig.settled():
                    break
                await asyncio.sleep(LOOK_EVERY_S)
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    await playing
    rig.check(skip, ["", "_answered", "_completed"])
    return died


def engine_pid(rig: Rig) -> int:
    return int(rig.ready["engine"])


def kill_now(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)


async def hung_up(call: Call) -> None:
    """Let go of a call whose other side is dead."""
    try:
        await call.hang_up(timeout=0.1)
    except (PhoneError, TimeoutError):
        call.drop()
