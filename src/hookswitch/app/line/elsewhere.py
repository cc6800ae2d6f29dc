"""Answers that calls wait for and that a worker in another process was given."""

import asyncio
from typing import Any, Final

import structlog

from hookswitch.app.line.waiting import WaitingCalls
from hookswitch.model.delivery import Attempt
from hookswitch.model.ids import CallId, EventId
from hookswitch.store.port import AdminStore, StoreError
from hookswitch.store.rows import DeliveryFilter

LOOK_S: Final = 0.1

log: Final[Any] = structlog.get_logger(__name__)


class AnswersElsewhere:
    """Runs until `stop`; asks the store only while a call waits."""

    def __init__(self, store: AdminStore, waiting: WaitingCalls) -> None:
        self._store = store
        self._waiting = waiting
        self._stopping = False

    def stop(self) -> None:
        self._stopping = True

    async def run(self) -> None:
        while not self._stopping:
            for event, call in self._waiting.asking:
                try:
                    attempt = await self._first(event, call)
                except StoreError as error:
                    log.warning("webhook.answer_not_read", error=str(error))
                    break
                if attempt is not None:
                    self._waiting.answered(event, attempt)
            await asyncio.sleep(LOOK_S)

    async def _first(self, event: EventId, call: CallId) -> Attempt | None:
        """The first attempt that came to an end."""
        rows = await self._store.deliveries(DeliveryFilter(call=call))
        for row in rows:
            if row.event == event and row.attempts:
                ended = await self._store.attempts(row.id)
                return next((one for one in ended if one.error != "interrupted"), None)
        return None
