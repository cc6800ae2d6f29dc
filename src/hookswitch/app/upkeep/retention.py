"""The hourly job that ages audio out."""

import asyncio
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hookswitch.app.upkeep.limits import Limits
from hookswitch.media.keep import VOICEMAIL
from hookswitch.media.recordings import sweep
from hookswitch.media.retention import expire

EVERY_S: Final = 3600.0
DAY_S: Final = 86400.0
EVER_S: Final = 36_500 * DAY_S

log = structlog.get_logger(__name__)


class Retention:
    """Deletes audio that is too old or too much, at the start and every hour."""

    def __init__(self, directory: Path, monitor: Path, limits: Callable[[], Limits]) -> None:
        self._directory = directory
        self._monitor = monitor
        self._limits = limits
        self._stop = asyncio.Event()

    def stop(self) -> None:
        self._stop.set()

    async def run(self) -> None:
        while not self._stop.is_set():
            try:
                deleted = await asyncio.to_thread(self.expire)
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

    def expire(self) -> int:
        """Delete what is too old, or too much, now; gives how many files."""
        limits, now = self._limits(), time.time()
        recordings, voicemail = _seconds(limits.recordings_days), _seconds(limits.voicemail_days)
        sweep(self._monitor, now=now, max_age_s=recordings)
        return len(
            expire(
                self._directory,
                now=now,
                max_age_s=lambda path: voicemail if VOICEMAIL in path.parts[:1] else recordings,
                max_bytes=limits.audio_mb * 1_000_000,
            )
        )


def _seconds(days: int) -> float:
    return days * DAY_S if days else EVER_S
