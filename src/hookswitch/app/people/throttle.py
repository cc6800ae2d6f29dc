"""Slows whoever guesses: after a few failures of one key it must wait, longer each time."""

import time
from collections.abc import Callable
from typing import Final

from msgspec import Struct

FREE: Final = 5
"""Failures that cost nothing."""
FIRST_S: Final = 2.0
LONGEST_S: Final = 900.0
FORGOTTEN_S: Final = 3600.0
MOST_KEYS: Final = 10_000


class _Record(Struct):
    failures: int
    until: float
    last: float


class Throttle:
    """Counts failures by key, in memory: a restart forgives."""

    def __init__(self, clock: Callable[[], float] = time.monotonic, *, free: int = FREE) -> None:
        self._clock = clock
        self._free = free
        self._records: dict[str, _Record] = {}

    def wait(self, key: str) -> int:
        """Whole seconds that `key` must still wait, 0 if it may try."""
        record = self._records.get(key)
        return 0 if record is None else max(0, -int(-(record.until - self._clock()) // 1))

    def failed(self, key: str) -> None:
        now = self._clock()
        self._forget(now)
        record = self._records.setdefault(key, _Record(0, now, now))
        record.failures += 1
        record.last = now
        over = record.failures - self._free
        if over >= 0:
            record.until = now + min(LONGEST_S, FIRST_S * 2**over)

    def succeeded(self, key: str) -> None:
        self._records.pop(key, None)

    def _forget(self, now: float) -> None:
        if len(self._records) < MOST_KEYS:
            return
        old = [key for key, record in self._records.items() if record.last < now - FORGOTTEN_S]
        for key in old or list(self._records)[: MOST_KEYS // 10]:
            del self._records[key]
