"""How late this process does things: on a busy machine its phones wait longer than they mean to."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK_S = 0.05
USUAL_S = 0.1
"""What a tick may be late on a quiet machine, which does not count."""
LEAST = 2
"""Rows that are played side by side on any machine."""
RECENT_S = 0.5
APART_S = 0.05
"""Between the beginnings of two rows: what the first costs is seen before the next."""
MOST_S = 1.0
"""What it may excuse: a machine that is later than this measures nothing, and the row fails."""


class Lateness:
    """Keeps when a tick came late, and by how much."""

    def __init__(self) -> None:
        self._stalls: list[tuple[float, float]] = []

    async def watch(self) -> None:
        while True:
            begin = time.monotonic()
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            if (late := now - begin - TICK_S) > USUAL_S:
                self._stalls.append((now, late))

    def is_late(self) -> bool:
        """Whether a tick came late just now."""
        return any(at > time.monotonic() - RECENT_S for at, _ in self._stalls[-1:])

    def since(self, moment: float) -> float:
        """By how much what lies between two things we did may be off: either was that late."""
        late = 2 * max((late for at, late in self._stalls if at >= moment), default=0.0)
        return min(late, MOST_S)


class Gate:
    """Lets in so many at once, and fewer where that makes this process late: it adds to it."""

    def __init__(self, most: int, late: Lateness) -> None:
        self._most, self._late = most, late
        self._inside = 0
        self._door = asyncio.Lock()

    @asynccontextmanager
    async def entered(self) -> AsyncIterator[None]:
        async with self._door:
            while not self._has_room():
                await asyncio.sleep(TICK_S)
            self._inside += 1
            await asyncio.sleep(APART_S)
        try:
            yield
        finally:
            self._inside -= 1

    def _has_room(self) -> bool:
        wanted = LEAST if self._late.is_late() else self._most
        return self._inside < wanted


@asynccontextmanager
async def lateness() -> AsyncIterator[Lateness]:
    made = Lateness()
    watching = asyncio.create_task(made.watch())
    try:
        yield made
    finally:
        watching.cancel()
