"""Connections kept open by receiver, for a while."""

import asyncio
from collections import defaultdict
from collections.abc import Hashable
from typing import Final

from hookswitch.delivery.connection import Connection
from hookswitch.delivery.deadlines import Deadlines

_KEEPALIVE_S: Final = 4.0
"""Shorter than the 5 s after which many servers close, so we seldom send into a closing one."""

Origin = Hashable
"""What may share a connection: scheme, host and port, and the same TLS settings."""


class Pool:
    """Makes connections, lends idle ones, and closes what was idle for too long."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._deadlines = Deadlines()
        self._open: set[Connection] = set()
        self._idle: dict[Origin, list[Connection]] = defaultdict(list)
        self._sweeper: asyncio.TimerHandle | None = None

    def make(self) -> Connection:
        """One that is not connected yet."""
        return Connection(self._deadlines, self._open)

    def take(self, origin: Origin) -> Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()
            if connection.is_reusable:
                return connection
        return None

    def give(self, origin: Origin, connection: Connection) -> None:
        connection.idle_since = self._loop.time()
        self._idle[origin].append(connection)
        if self._sweeper is None:
            self._sweeper = self._loop.call_later(_KEEPALIVE_S / 2, self._sweep)

    def drop_idle(self) -> None:
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()

    def close(self) -> None:
        """Drop every connection, those in use too."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._idle.clear()
        for connection in list(self._open):
            connection.abort()

    def _sweep(self) -> None:
        before = self._loop.time() - _KEEPALIVE_S
        for origin, idle in list(self._idle.items()):
            for connection in idle:
                if connection.idle_since < before:
                    connection.abort()
            self._idle[origin] = [one for one in idle if one.is_reusable]
            if not self._idle[origin]:
                del self._idle[origin]
        again = bool(self._idle)
        self._sweeper = self._loop.call_later(_KEEPALIVE_S / 2, self._sweep) if again else None
