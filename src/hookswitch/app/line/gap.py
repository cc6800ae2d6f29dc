"""After the journal had vanished: the loss is told, and open calls catch up with the engine."""

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Final

import structlog

from hookswitch.app.line.reader import ChannelsSeen, LiveLine, NoLine
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import AmiRefusedError, EngineError
from hookswitch.asterisk.supervise import State

if TYPE_CHECKING:
    from hookswitch.app.server import Server

log = structlog.get_logger(__name__)

ANSWERED: Final = "6"
"""The engine's number for a channel that is up."""


class JournalGap:
    """Follows the engine's states; `health` tells of a loss until the next start."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._is_open = False
        self._reconciling: asyncio.Task[None] | None = None
        self.health = "ok"

    def on_state(self, state: State) -> None:
        line = self._server.line
        if isinstance(line, NoLine):
            return
        if state is State.JOURNAL_LOST:
            self._is_open = True
            self.health = "lost: its directory had vanished"
            self._server.metrics.journal_gaps.inc()
            line.journal_replaced()
        elif state is State.READY and self._is_open:
            self._is_open = False
            self.health = "records were lost: its directory had vanished"
            self._reconciling = asyncio.create_task(self._reconcile(line))

    async def close(self) -> None:
        if self._reconciling is not None:
            self._reconciling.cancel()
            await asyncio.gather(self._reconciling, return_exceptions=True)

    async def _reconcile(self, line: LiveLine) -> None:
        """The engine tells what is up; what it no longer has is over."""
        ami = self._server.supervisor.ami
        known = line.open_channels
        try:
            up = dict([found async for found in channels_of(ami)])
        except EngineError as error:
            log.error("journal.not_reconciled", error=str(error))  # noqa: TRY400
            return
        log.error("journal.gap", open_channels=len(known), gone=len(known - {*up}))
        line.reconcile(ChannelsSeen(up, known))


async def channels_of(ami: Ami) -> AsyncIterator[tuple[str, bool]]:
    """The unique id of each channel and whether it is answered.

    Each is asked for its id: behind a caller's text in the list nothing can be believed.
    """
    for one in await ami.list_action("CoreShowChannels"):
        try:
            answer = await ami.action("Getvar", Channel=one.get("Channel"), Variable="UNIQUEID")
        except AmiRefusedError:  # it ended meanwhile
            continue
        yield answer.get("Value"), one.get("ChannelState") == ANSWERED
