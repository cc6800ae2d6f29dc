"""How late this process does things: on a busy machine its phones wait longer than they mean to."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

TICK_S = 0.05
USUAL_S = 0.1
"""What a tick may be late on a quiet machine, which does not count."""
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

    def since(self, moment: float) -> float:
        """By how much what lies between two things we did may be off: either was that late."""
        late = 2 * max((late for at, late in self._stalls if at >= moment), default=0.0)
        return min(late, MOST_S)


@asynccontextmanager
async def lateness() -> AsyncIterator[Lateness]:
    made = Lateness()
    watching = asyncio.create_task(made.watch())
    try:
        yield made
    finally:
        watching.cancel()
