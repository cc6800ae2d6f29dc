"""The events for those who fetch them, and who wait for the next one."""

import asyncio
import contextlib
from collections.abc import Sequence
from typing import Final

from hookswitch.model.replay import Told
from hookswitch.store.port import ReplaysStore

LOOK_S: Final = 1.0
"""How soon those who wait see an event that another process of the database committed."""
MOST_WAITING: Final = 100
"""Further ones are answered at once."""


class Feed:
    """`tell` after each commit that brought events; `close` sends home who waits."""

    def __init__(self, store: ReplaysStore) -> None:
        self._store = store
        self._changed = asyncio.Event()
        self._waiting = 0
        self._closed = False

    def tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def close(self) -> None:
        self._closed = True
        self.tell()

    async def get(self, after: int, limit: int, wait_s: float = 0.0) -> Sequence[Told]:
        """The events after a position, once there is one or the wait is over."""
        if self._waiting >= MOST_WAITING:
            wait_s = 0.0
        self._waiting += 1
        try:
            return await self._get(after, limit, wait_s)
        finally:
            self._waiting -= 1

    async def _get(self, after: int, limit: int, wait_s: float) -> Sequence[Told]:
        loop = asyncio.get_running_loop()
        until = loop.time() + wait_s
        while True:
            changed = self._changed  # before the look: what comes after it is not missed
            told = await self._store.feed(after, limit)
            left = until - loop.time()
            if told or left <= 0 or self._closed:
                return told
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(changed.wait(), min(left, LOOK_S))
