"""Growing pauses between tries against a store that fails."""

import asyncio
from typing import Final

FIRST_S: Final = 0.1
LONGEST_S: Final = 5.0


class Backoff:
    """Each `wait` is twice as long as the one before, until `reset`."""

    def __init__(self, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._next_s = first_s

    def reset(self) -> None:
        self._next_s = self._first_s

    def take(self) -> float:
        """The next pause in seconds."""
        pause = self._next_s
        self._next_s = min(pause * 2, self._longest_s)
        return pause

    async def wait(self) -> None:
        await asyncio.sleep(self.take())
