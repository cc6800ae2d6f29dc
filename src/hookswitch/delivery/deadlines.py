"""Deadlines of many requests on few timers: each is met at its time or a little later."""

import asyncio
from typing import Final, Protocol

TICK_S: Final = 0.05


class Watched(Protocol):
    ends_at: float
    """By the loop's clock; moved on when it has begun anew."""

    def expire(self) -> None: ...


class Deadlines:
    """Tells what was watched when its time is over; asks again what has been moved on."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._ticks: dict[int, list[Watched]] = {}

    def watch(self, watched: Watched) -> None:
        tick = int(watched.ends_at / TICK_S) + 1
        due = self._ticks.get(tick)
        if due is None:
            due = self._ticks[tick] = []
            self._loop.call_at(tick * TICK_S, self._ring, tick)
        due.append(watched)

    def _ring(self, tick: int) -> None:
        now = self._loop.time()
        for watched in self._ticks.pop(tick, ()):
            if watched.ends_at <= now:
                watched.expire()
