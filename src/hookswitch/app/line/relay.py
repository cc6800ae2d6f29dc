"""What happens in one process, told to those who watch another one of the same database.

Whoever is watched says so now and then; the others send what happens for as long as they hear it.
"""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Sequence
from typing import Any, Final, Literal

import structlog
from msgspec import DecodeError, Struct, json

from hookswitch.app.line.hub import Happening, Hub
from hookswitch.store.port import NewsStore, StoreError

STILL_S: Final = 5.0
FORGOTTEN_S: Final = 15.0
"""Without a word from a watched process, it is watched no more."""
TOGETHER_S: Final = 0.1
LONGEST: Final = 7900
"""Bytes of a notice; PostgreSQL takes fewer than 8000."""

Queue = asyncio.Queue[Happening | None]

log: Final[Any] = structlog.get_logger(__name__)


class Notice(Struct, frozen=True, omit_defaults=True):
    """`by` is the process; `new` asks that all be told again, `still` that it goes on."""

    by: str
    watch: Literal["", "new", "still"] = ""
    told: list[tuple[str, dict[str, Any]]] = []


class Relay:
    """Runs until `stop`."""

    def __init__(self, hub: Hub, store: NewsStore) -> None:
        self._hub, self._store = hub, store
        self._own = secrets.token_hex(8)
        self._until = 0.0
        self._heard = asyncio.Event()
        self._watcher = asyncio.Event()
        self._stopping = asyncio.Event()
        hub.on_watcher(self._watcher.set, here=True)
        store.on_notice(self._hear)

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        parts = [asyncio.create_task(part) for part in (self._ask(), self._send())]
        try:
            await self._stopping.wait()
        finally:
            for part in parts:
                part.cancel()
            await asyncio.gather(*parts, return_exceptions=True)

    async def _ask(self) -> None:
        """Say that we are watched while we are."""
        while True:
            await self._watcher.wait()
            self._watcher.clear()
            await self._tell(Notice(self._own, "new"))
            while self._hub.watched_here and not self._watcher.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._watcher.wait(), STILL_S)
                if not self._watcher.is_set() and self._hub.watched_here:
                    await self._tell(Notice(self._own, "still"))

    async def _send(self) -> None:
        while True:
            await self._heard.wait()
            with self._hub.watching(elsewhere=True) as queue:
                while await self._send_next(queue):
                    pass
            if self._until < time.monotonic():
                self._heard.clear()

    async def _send_next(self, queue: Queue) -> bool:
        """Send what comes next; False once nobody is to hear of it, or we fell behind."""
        left = self._until - time.monotonic()
        if left <= 0:
            return False
        try:
            found = [await asyncio.wait_for(queue.get(), left)]
        except TimeoutError:
            return True
        await asyncio.sleep(TOGETHER_S)
        found += [queue.get_nowait() for _ in range(queue.qsize())]
        await self._send_all([each for each in found if each and each.here])
        return None not in found

    async def _send_all(self, found: Sequence[Happening]) -> None:
        told: list[tuple[str, dict[str, Any]]] = []
        size = 0
        for each in found:
            one = (each.kind, dict(each.data))
            length = len(json.encode(one)) + 1
            if told and size + length > LONGEST:
                await self._tell(Notice(self._own, told=told))
                told, size = [], 0
            told.append(one)
            size += length
        if told:
            await self._tell(Notice(self._own, told=told))

    async def _tell(self, notice: Notice) -> None:
        try:
            await self._store.notify(json.encode(notice).decode())
        except StoreError as error:
            log.debug("relay.not_sent", error=str(error))

    def _hear(self, text: str) -> None:
        try:
            notice = json.decode(text, type=Notice)
        except DecodeError as error:
            log.warning("relay.not_understood", error=str(error))
            return
        if notice.by == self._own:
            return
        if notice.watch:
            self._until = time.monotonic() + FORGOTTEN_S
            was = self._heard.is_set()
            self._heard.set()
            if notice.watch == "new" and was:
                self._hub.begin_again()
        for kind, data in notice.told:
            self._hub.tell(kind, data, here=False)
