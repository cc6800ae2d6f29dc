"""One clock for the audio of every call in the process."""

import asyncio
from typing import Protocol
from weakref import WeakKeyDictionary

from hookswitch.phone.g711 import FRAME_SECONDS

MOST_AT_ONCE = 10


class Paced(Protocol):
    """Something that sends and receives a frame every 20 ms."""

    def tick(self) -> None:
        """Do the work of one frame."""


class Pacer:
    """Ticks all its members every 20 ms; runs only while it has members."""

    def __init__(self) -> None:
        self._members: dict[Paced, None] = {}
        self._handle: asyncio.TimerHandle | None = None
        self._due = 0.0

    def add(self, member: Paced) -> None:
        """Begin to tick a member."""
        self._members[member] = None
        if self._handle is None:
            loop = asyncio.get_running_loop()
            self._due = loop.time() + FRAME_SECONDS
            self._handle = loop.call_at(self._due, self._tick)

    def remove(self, member: Paced) -> None:
        """Tick it no more."""
        self._members.pop(member, None)
        if not self._members and self._handle:
            self._handle.cancel()
            self._handle = None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        late = int((loop.time() - self._due) / FRAME_SECONDS)
        # A busy loop is late: frames are made up for, so that a second of talk has 50 of them.
        for _ in range(1 + min(late, MOST_AT_ONCE)):
            for member in list(self._members):
                member.tick()
        self._due += (1 + late) * FRAME_SECONDS
        if self._members:
            self._handle = loop.call_at(self._due, self._tick)
        else:
            self._handle = None


_pacers: WeakKeyDictionary[asyncio.AbstractEventLoop, Pacer] = WeakKeyDictionary()


def pacer() -> Pacer:
    """Give the running loop's pacer."""
    loop = asyncio.get_running_loop()
    if loop not in _pacers:
        _pacers[loop] = Pacer()
    return _pacers[loop]
