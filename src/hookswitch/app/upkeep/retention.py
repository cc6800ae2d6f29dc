"""The hourly job that ages audio out."""

import asyncio
import time
from pathlib import Path
from typing import Final

import structlog

from hookswitch.media.recordings import sweep
from hookswitch.media.retention import expire

EVERY_S: Final = 3600.0
DAY_S: Final = 86400.0

log = structlog.get_logger(__name__)


class Retention:
    """Deletes audio older than `days` or beyond `megabytes`, at the start and every hour."""

    def __init__(self, directory: Path, monitor: Path, days: int, megabytes: int) -> None:
        self._directory = directory
        self._monitor = monitor
        self._days = days
        self._bytes = megabytes * 1_000_000
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        while not self._stop.is_set():
            try:
                deleted = await asyncio.to_thread(self._expire)
            except OSError as error:
                log.warning("media.retention_failed", error=error.strerror)
            else:
                if deleted:
                    log.info("media.expired", files=deleted)
            try:
                async with asyncio.timeout(EVERY_S):
                    await self._stop.wait()
            except TimeoutError:
                continue

    def _expire(self) -> int:
        age_s = self._days * DAY_S
        sweep(self._monitor, now=time.time(), max_age_s=age_s)
        return len(expire(self._directory, now=time.time(), max_age_s=age_s, max_bytes=self._bytes))
