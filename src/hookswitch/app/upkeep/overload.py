"""More calls than the engine can carry: `asterisk.gatekeeper` has it turn some away, and this
keeps that running, tells what it does, and counts.
"""

import asyncio
import contextlib
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import structlog

from hookswitch.asterisk.process import spawn_gatekeeper
from hookswitch.model.facts import CallTurnedAway, Fact

AGAIN_S: Final = 1.0
TELL_EVERY_S: Final = 10.0

log = structlog.get_logger(__name__)


class OverloadWatch:
    """Until `stop`. Messages may wait for `most_ms`; with 0 no call is turned away."""

    def __init__(self, control: Path, most_ms: int) -> None:
        self._control = control
        self._most_ms = most_ms
        self._stop = asyncio.Event()
        self._tell_at: float | None = None
        self._counted = 0
        self.percent = 0
        """New calls turned away now, of a hundred."""
        self.wait_s = 0.0
        """How long a SIP message waits before the engine takes it up."""
        self.turned_away = 0
        """Calls, since our start."""

    @property
    def health(self) -> str:
        if not self.percent:
            return "ok"
        return f"too many calls: {self.percent}% of the new ones are turned away"

    def stop(self) -> None:
        self._stop.set()

    def committed(self, facts: Sequence[Fact]) -> None:
        self.turned_away += sum(isinstance(fact, CallTurnedAway) for fact in facts)

    async def run(self) -> None:
        stopping = asyncio.create_task(self._stop.wait())
        while self._most_ms and not stopping.done():
            async with self._gatekeeper() as said:
                reading = asyncio.create_task(self._read(said))
                await asyncio.wait((stopping, reading), return_when=asyncio.FIRST_COMPLETED)
                reading.cancel()
            if not stopping.done():
                log.warning("gatekeeper.ended", again_in_s=AGAIN_S)
                await asyncio.wait((stopping,), timeout=AGAIN_S)
        await stopping

    @asynccontextmanager
    async def _gatekeeper(self) -> AsyncIterator[asyncio.StreamReader]:
        """It ends when its standard input does."""
        process = spawn_gatekeeper(self._control, self._most_ms)
        said = asyncio.StreamReader()
        transport, _ = await asyncio.get_running_loop().connect_read_pipe(
            lambda: asyncio.StreamReaderProtocol(said), process.stdout
        )
        try:
            yield said
        finally:
            assert process.stdin is not None  # noqa: S101  a pipe, as it was asked for
            process.stdin.close()
            try:
                await asyncio.to_thread(process.wait, 5)
            except subprocess.TimeoutExpired:
                process.kill()
                await asyncio.to_thread(process.wait)
            transport.close()

    async def _read(self, said: asyncio.StreamReader) -> None:
        while line := await said.readline():
            with contextlib.suppress(ValueError):  # its last one may be cut short
                percent, wait_ms = map(int, line.split())
                self.percent, self.wait_s = percent, wait_ms / 1000
                self._log()
        self.percent, self.wait_s = 0, 0.0

    def _log(self) -> None:
        """Say that it begins and ends, and now and then that it goes on."""
        now = asyncio.get_running_loop().time()
        if not self.percent:
            if self._tell_at is not None:
                log.warning("calls.all_let_in", turned_away=self.turned_away - self._counted)
            self._tell_at = None
            return
        if self._tell_at is None:
            self._counted = self.turned_away
        elif now < self._tell_at:
            return
        self._tell_at = now + TELL_EVERY_S
        log.warning(
            "calls.too_many",
            percent=self.percent,
            wait_ms=round(self.wait_s * 1000),
            turned_away=self.turned_away - self._counted,
            mend="more processors, or fewer calls a second",
        )
