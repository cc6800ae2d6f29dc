"""The hourly job that deletes old calls with all that came of them, and old deliveries."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

import structlog

from hookswitch.app.clock import now_ms
from hookswitch.app.upkeep.limits import Limits
from hookswitch.model.ids import DeliveryId
from hookswitch.store.port import ForgettingStore, StoreError

EVERY_S: Final = 3600.0
DAY_MS: Final = 86_400_000
AT_ONCE: Final = 50
LOOKED_AT: Final = 500
"""Deliveries in one piece."""
PAUSE_S: Final = 0.05
"""Between two pieces, so that calls and deliveries are not held up."""

log: Final[Any] = structlog.get_logger(__name__)


class Forgetter:
    """Runs until `stop`; 0 days keep everything."""

    def __init__(self, store: ForgettingStore, limits: Callable[[], Limits]) -> None:
        self._store = store
        self._limits = limits
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        while not self._stop.is_set():
            try:
                await self.forget()
                await self.forget_deliveries()
            except StoreError as error:
                log.warning("history.not_forgotten", error=str(error))
            await self._rest(EVERY_S)

    async def forget(self) -> int:
        """Delete all calls that are too old; gives how many."""
        total = 0
        while (days := self._limits().history_days) and not self._stop.is_set():
            now = now_ms()
            count = await self._store.forget_calls(now - days * DAY_MS, now, AT_ONCE)
            total += count
            if count < AT_ONCE:
                break
            await self._rest(PAUSE_S)
        if total:
            log.info("history.forgotten", calls=total)
        return total

    async def forget_deliveries(self) -> int:
        """Delete all deliveries that are too old, but for what waits; gives how many."""
        total, after = 0, DeliveryId(0)
        while (days := self._limits().deliveries_days) and not self._stop.is_set():
            before = now_ms() - days * DAY_MS
            count, last = await self._store.forget_deliveries(before, after, LOOKED_AT)
            total += count
            if last is None:
                break
            after = last
            await self._rest(PAUSE_S)
        if total:
            log.info("deliveries.forgotten", deliveries=total)
        return total

    async def _rest(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._stop.wait(), seconds)
