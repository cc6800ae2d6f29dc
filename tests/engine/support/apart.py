"""An installation of a row's own: our process and its engine, which may be killed."""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path
from typing import Any

from support.desk import DeskPhone
from support.receiver import Receiver
from support.serving import CARRIER_HOST, document_of, phone_of

from hookswitch.app.cli.client import require_client
from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.app.stores import open_store
from hookswitch.asterisk import process, state
from hookswitch.asterisk.control import answers, command
from hookswitch.asterisk.layout import Layout
from hookswitch.phone import NOTHING, Phone, Sound
from hookswitch.phone.address import Address
from hookswitch.store.port import Store
from kit.command import Served, serve

BACK_WITHIN = 60.0
"""New calls work so soon after the engine was killed."""
PATIENCE = 60.0
POLL = 0.05


class Apart:
    """Has what the runner uses of `Serving`; made by `apart`."""

    def __init__(self, data: Path, receiver: Receiver, stack: AsyncExitStack) -> None:
        self.data = data
        self.layout = Layout(data)
        self.receiver = receiver
        self._stack = stack
        self.carrier: Phone
        self.store: Store
        self.served: Served

    @property
    def sip(self) -> Address:
        return self.served.sip

    def phone(self, username: str, sound: Sound = NOTHING, *, record: bool = False) -> DeskPhone:
        return phone_of(self.sip, username, sound, record=record)

    def document(self, **sections: Sequence[Mapping[str, Any]]) -> str:
        return document_of(self.carrier, self.receiver, **sections)

    async def open(self) -> None:
        """Start all; the store is read beside the process that has it."""
        await self.start_ours()
        settings = Settings(data_dir=self.data)
        self.store = await open_store(settings, DataDir(self.data))
        self._stack.push_async_callback(self.store.close)
        carrier = Phone("carrier", CARRIER_HOST, server=self.sip, sound=NOTHING, record=True)
        self.carrier = await self._stack.enter_async_context(carrier)

    async def apply(self, text: str) -> None:
        client = require_client(self.data)
        path = "/api/configuration/apply"
        await asyncio.to_thread(lambda: client.post(path, data=text.encode()))

    async def add_prompt(self, name: str, audio: bytes) -> None:
        client = require_client(self.data)
        await asyncio.to_thread(lambda: client.put(f"/api/prompts/{name}", data=audio))

    async def start_ours(self) -> None:
        """Begin a process of ours; it takes over an engine that is there."""
        served = await self._stack.enter_async_context(serve(self.data))
        self._stack.callback(self._end_orphans, served)
        self.served = served

    async def kill_ours(self) -> None:
        self.served.process.kill()
        await self.served.process.wait()

    async def kill_engine(self, phones: int) -> float:
        """Kill it once it has the registrations of so many phones on disk, and wait for the next.

        It writes them up to a second later. Gives when that was there.
        """
        await self._until(lambda: self._kept() >= phones)
        before = state.read(self.layout.state).process
        assert before is not None
        process.kill(before)
        async with asyncio.timeout(BACK_WITHIN):
            while state.read(self.layout.state).process == before or not await self._is_up():
                await asyncio.sleep(POLL)
        return time.time()

    async def _is_up(self) -> bool:
        if not await answers(self.layout.control):
            return False
        said = await command(self.layout.control, "core waitfullybooted")
        return "fully booted" in said

    def _kept(self) -> int:
        with closing(sqlite3.connect(self.layout.lib / "db" / "astdb.sqlite3", timeout=10)) as db:
            query = "SELECT count(*) FROM astdb WHERE key LIKE '/registrar/contact/%'"
            return int(db.execute(query).fetchone()[0])

    async def _until(self, done: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not done():
                await asyncio.sleep(POLL)

    def _end_orphans(self, served: Served) -> None:
        """End the engine that a killed process left, if no later one did."""
        if served.process.returncode is not None:
            for found, _ in process.having_argument(f"{self.data}/"):
                process.kill(found)


@asynccontextmanager
async def apart(data: Path) -> AsyncIterator[Apart]:
    """Everything running on free ports below `data`; nothing is left behind."""
    async with Receiver() as receiver, AsyncExitStack() as stack:
        at = Apart(data, receiver, stack)
        await at.open()
        yield at
