"""One connection kept for what is told between processes, and for the node's name."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import asyncpg
import structlog

from hookswitch.store.port import StoreError, Topic
from hookswitch.store.postgres.database import BROKEN, CONNECT_S, SETTINGS, Database, translated

CHANNEL: Final = "hookswitch"
NOTICES: Final = "hookswitch_notices"
AGAIN_S: Final = (0.1, 0.5, 1.0, 2.0)
CHECK_S: Final = 5.0
"""A connection whose other end is gone says nothing: ask."""
OLD_SESSION_S: Final = 5.0
"""How long the server may take to see that our last life is over."""

_HOLD: Final = "SELECT pg_try_advisory_lock(7466, hashtext($1))"

log: Final[Any] = structlog.get_logger("hookswitch.store")


class News:
    """`store.port.NewsStore` on PostgreSQL: LISTEN, and an advisory lock of the session."""

    _db: Database

    def __init__(self) -> None:
        self._hearers: list[tuple[Topic, Callable[[], None]]] = []
        self._on_notice: list[Callable[[str], None]] = []
        self._listening: asyncio.Task[None] | None = None
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._connected = asyncio.Event()
        self.node: str | None = None

    def on_news(self, topic: Topic, hear: Callable[[], None]) -> None:
        self._hearers.append((topic, hear))
        self._listen()

    def on_notice(self, hear: Callable[[str], None]) -> None:
        self._on_notice.append(hear)
        self._listen()

    async def notify(self, text: str) -> None:
        await self._db.value("SELECT pg_notify($1, $2)", NOTICES, text)

    async def hold_node(self, node: str) -> None:
        self._listen()
        end = asyncio.get_running_loop().time() + OLD_SESSION_S
        while not await self._hold(node):
            if asyncio.get_running_loop().time() > end:
                raise StoreError(
                    f"another process is the node {node!r} of this database:"
                    " stop it, or give this one a name of its own (--node)"
                )
            await asyncio.sleep(AGAIN_S[1])
        self.node = node

    async def _hold(self, node: str) -> bool:
        await asyncio.wait_for(self._connected.wait(), CONNECT_S)
        if self._connection is None:
            return False
        with translated(self._db.url):
            return bool(await self._connection.fetchval(_HOLD, node))

    def _listen(self) -> None:
        if self._listening is None:
            self._listening = asyncio.create_task(self._keep_listening())

    async def _stop_listening(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def _keep_listening(self) -> None:
        failures = 0
        while True:
            try:
                await self._listen_once()
            except (StoreError, *BROKEN) as error:
                log.warning("store.not_listening", fault=str(error))
            if self._connected.is_set():
                failures = 0
            self._connected.clear()
            await asyncio.sleep(AGAIN_S[min(failures, len(AGAIN_S) - 1)])
            failures += 1

    async def _listen_once(self) -> None:
        """Returns or raises once the connection is lost."""
        with translated(self._db.url):
            connection = await asyncpg.connect(
                self._db.url, timeout=CONNECT_S, command_timeout=CONNECT_S, server_settings=SETTINGS
            )
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _connection: lost.set())
        try:
            await connection.add_listener(CHANNEL, self._heard)
            await connection.add_listener(NOTICES, self._noticed)
            self._connection = connection
            if self.node is not None and not await connection.fetchval(_HOLD, self.node):
                log.error("store.node_taken", node=self.node)
            self._connected.set()
            # what was said while nobody listened
            for _, hear in self._hearers:
                hear()
            while not lost.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(lost.wait(), CHECK_S)
                if not lost.is_set():
                    await connection.execute("SELECT 1")
        finally:
            self._connection = None
            connection.terminate()

    def _heard(self, _connection: object, _pid: int, _channel: str, topic: object) -> None:
        for wanted, hear in self._hearers:
            if wanted == topic:
                hear()

    def _noticed(self, _connection: object, _pid: int, _channel: str, text: object) -> None:
        for hear in self._on_notice:
            hear(str(text))
