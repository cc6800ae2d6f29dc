"""The server of a data directory, told by whoever began it when to kill itself or to fail.

Commands: `kill before|after commit|claim|record N`, `fail`, `mend`, `count`, `stop`. What it says
is one JSON object per line: `ready`, `killing`, `counted`.
"""

import asyncio
import json
import os
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from hookswitch.app.datadir import DataDir
from hookswitch.app.server import Server, running
from hookswitch.app.settings import Settings
from hookswitch.app.stores import open_store
from hookswitch.config.check import parse_text
from hookswitch.store.port import Store, StoreError


class CrashingStore:
    """The real store; it kills its own process just before or after the Nth of a method."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._point: tuple[str, str] | None = None
        self._left = 0
        self._failing = False
        self.counted = {"commit": 0, "claim": 0, "record": 0}
        self.refused = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def arm(self, when: str, method: str, left: int) -> None:
        self._point, self._left = (when, method), left

    def fail(self, *, failing: bool) -> None:
        self._failing = failing

    async def commit(self, batch: Any) -> None:
        await self._watched("commit", self._store.commit, batch)

    async def claim(self, *args: Any) -> Any:
        return await self._watched("claim", self._store.claim, *args)

    async def record(self, outcomes: Any) -> None:
        await self._watched("record", self._store.record, outcomes)

    async def _watched(self, method: str, work: Any, *args: Any) -> Any:
        if self._failing:
            self.refused += 1
            raise StoreError("the disk is full: free some space")
        if self._point is None or self._point[1] != method:
            result = await work(*args)
        else:
            if self._point[0] == "before":
                self._count_down()
            result = await work(*args)
            # a claim of nothing is no point in the life of a call
            if self._point[0] == "after" and (method != "claim" or result):
                self._count_down()
        self.counted[method] += 1
        return result

    def _count_down(self) -> None:
        self._left -= 1
        if self._left == 0:
            say(killing=self._point)
            os.kill(os.getpid(), signal.SIGKILL)


def say(**what: Any) -> None:
    os.write(1, json.dumps(what).encode() + b"\n")


async def main(line: Connection, data: Path, document: str) -> None:
    stores: list[CrashingStore] = []

    async def open_crashing(settings: Settings, data: DataDir) -> Any:
        stores.append(CrashingStore(await open_store(settings, data)))
        return stores[0]

    settings = Settings(
        data_dir=data, port=0, sip_port=0, delivery_deadline_s=5, log_level="warning"
    )
    async with running(settings, open_store=open_crashing, say=lambda _text: None) as server:
        if not server.live.revision:
            await server.apply(parse_text(document), "test")
        tell(server)
        commands = await lines(line)
        while not server.tasks.failed.done():
            command = (await commands.readline()).decode()
            if not command or command == "stop\n":
                return
            await obey(command.split(), stores[0])
        await server.tasks.failed


def tell(server: Server) -> None:
    engine = server.supervisor.process
    assert engine is not None
    say(
        ready={
            "sip": server.supervisor.ports.sip,
            "engine": engine.pid,
            "boot": server.supervisor.boot,
            "adopted": server.supervisor.adopted,
        }
    )


async def lines(line: Connection) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    heard = os.fdopen(os.dup(line.fileno()), "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, heard)
    return reader


async def obey(words: list[str], store: CrashingStore) -> None:
    match words:
        case ["kill", when, method, number]:
            store.arm(when, method, int(number))
        case ["fail"]:
            store.fail(failing=True)
        case ["mend"]:
            store.fail(failing=False)
        case ["count"]:
            pass
        case _:
            raise ValueError(words)
    say(counted={**store.counted, "refused": store.refused})


def serve(line: Connection, data: Path, document: Path, output: Path, database: str) -> None:
    """Be that process; its errors go to `output`."""
    with output.open("ab") as errors:
        os.dup2(errors.fileno(), sys.stderr.fileno())
    os.dup2(line.fileno(), 1)
    os.environ["HOOKSWITCH_DATABASE"] = database
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    asyncio.run(main(line, data, document.read_text(encoding="utf-8")))
