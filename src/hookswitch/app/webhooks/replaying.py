"""Runs replays: each second a few of their deliveries are made due, as their rate allows."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import structlog

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.live import Live
from hookswitch.store.port import Store, StoreError

LOOK_S: Final = 0.25
IDLE_S: Final = 5.0
"""How soon a replay is seen that nobody told of."""

log: Final[Any] = structlog.get_logger(__name__)


class ReplayRunner:
    """Runs until `stop`; deliveries of endpoints that are gone are skipped."""

    def __init__(self, store: Store, live: Live, wake_worker: Callable[[], None]) -> None:
        self._store = store
        self._live = live
        self._wake_worker = wake_worker
        self._wake = asyncio.Event()
        self._stopping = False
        store.on_news("replays", self._wake.set)

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                pause_s = LOOK_S if await self._step() else IDLE_S
            except StoreError as error:
                log.warning("replay.store_failed", error=str(error))
                pause_s = IDLE_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause_s)

    async def _step(self) -> bool:
        """Take the next step of each that is due; False if none is running."""
        while due := await self._store.replay_due(now_ms()):
            replay, found = due
            known = [one.id for one in found if self._live.resolve(one.endpoint, one.revision)]
            last = found[-1].id if len(found) == replay.rate else replay.upto
            skipped = len(found) - len(known)
            if await self._store.step_replay(replay, known, skipped, last, now_ms()):
                self._wake_worker()
                log.info("replay.step", replay=replay.id, made_due=len(known), skipped=skipped)
        return any(one.state == "running" for one in await self._store.replays(20))
