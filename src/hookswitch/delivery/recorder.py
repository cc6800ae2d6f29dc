"""Writes outcomes in groups and keeps each one until the store has taken it."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog

from hookswitch.delivery.backoff import Backoff
from hookswitch.model.delivery import Outcome
from hookswitch.store.port import DeliveryStore, StoreError

_GROUP: Final = 500
_GATHER_S: Final = 0.005
"""Outcomes of so long are written together: a commit costs as much for one as for many."""

_log: Final[Any] = structlog.get_logger("hookswitch.delivery")


class Recorder:
    """`put` takes an outcome at any time; `on_recorded` is told of each one that is stored."""

    def __init__(self, store: DeliveryStore, on_recorded: Callable[[Outcome], None]) -> None:
        self._store = store
        self._on_recorded = on_recorded
        self._waiting: list[Outcome] = []
        self._changed = asyncio.Event()
        self._finishing = False
        self._backoff = Backoff()
        self.trouble = ""
        """What the store said to the last write, if it refused it."""

    @property
    def waiting(self) -> int:
        """How many outcomes the store has not taken yet."""
        return len(self._waiting)

    def put(self, outcome: Outcome) -> None:
        self._waiting.append(outcome)
        self._changed.set()

    def finish(self) -> None:
        """Let `run` return as soon as nothing waits."""
        self._finishing = True
        self._changed.set()

    async def run(self) -> None:
        while self._waiting or not self._finishing:
            await self._changed.wait()
            await asyncio.sleep(0 if self._finishing else _GATHER_S)
            self._changed.clear()
            while self._waiting:
                await self._record_waiting()

    async def _record_waiting(self) -> None:
        group = self._waiting[:_GROUP]
        stored = await self._try_group(group) or await self._try_singly(group)
        done = {id(outcome) for outcome in stored}
        self._waiting = [outcome for outcome in self._waiting if id(outcome) not in done]
        for outcome in stored:
            self._on_recorded(outcome)
        if len(stored) == len(group):
            self._backoff.reset()
        else:
            await self._backoff.wait()

    async def _try_group(self, group: Sequence[Outcome]) -> Sequence[Outcome]:
        return group if await self._try(group) else ()

    async def _try_singly(self, group: Sequence[Outcome]) -> Sequence[Outcome]:
        """So that one outcome the store cannot take does not hold up the others."""
        if len(group) == 1:
            return ()
        return [outcome for outcome in group if await self._try([outcome])]

    async def _try(self, group: Sequence[Outcome]) -> bool:
        try:
            await self._store.record(group)
        except Exception as error:  # noqa: BLE001  whatever it is, the outcomes are still ours
            _log.warning("delivery.not_recorded", outcomes=len(group), fault=type(error).__name__)
            self.trouble = str(error) if isinstance(error, StoreError) else type(error).__name__
            return False
        self.trouble = ""
        return True
