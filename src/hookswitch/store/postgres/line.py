"""Batches of the live line, joined into as few transactions as can be."""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final

import msgspec

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.store.postgres import messages
from hookswitch.store.postgres.database import Database
from hookswitch.store.postgres.sql import SQL
from hookswitch.store.rows import Batch, LineState

JOINED: Final = 256
"""Most batches in one transaction: what waits while one is on its way goes with the next."""

_encoder: Final = msgspec.json.Encoder()
call_decoder: Final = msgspec.json.Decoder(CallState)


class Line:
    """`store.port.LineStore` on PostgreSQL."""

    _db: Database

    def __init__(self) -> None:
        self._waiting: list[tuple[Batch, asyncio.Future[None]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def load_line(self, node: str) -> LineState:
        row = await self._db.row(SQL["load_cursor"], node)
        calls = await self._db.rows(SQL["load_open_calls"], node)
        return LineState(
            Cursor(*row) if row else Cursor(),
            [call_decoder.decode(call["state"]) for call in calls],
        )

    async def commit(self, batch: Batch) -> None:
        done = asyncio.get_running_loop().create_future()
        self._waiting.append((batch, done))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit_waiting())
        await done

    async def _commit_waiting(self) -> None:
        try:
            while self._waiting:
                node = self._waiting[0][0].node
                taken = [each for each in self._waiting if each[0].node == node][:JOINED]
                self._waiting = [each for each in self._waiting if each not in taken]
                await self._commit_joined(taken)
        finally:
            self._committing = None

    async def _commit_joined(self, taken: Sequence[tuple[Batch, "asyncio.Future[None]"]]) -> None:
        try:
            await self._write([batch for batch, _ in taken])
        except Exception as error:  # noqa: BLE001  each of those who wait hears of it
            if len(taken) == 1:
                _fail(taken[0][1], error)
                return
            for each in taken:
                await self._commit_joined([each])
        else:
            for _, done in taken:
                if not done.done():
                    done.set_result(None)

    async def _write(self, batches: Sequence[Batch]) -> None:
        args = _arguments(batches)
        if not any(batch.media or batch.emails for batch in batches):
            await self._db.run(SQL["commit_line"], *args)
            return
        async with self._db.transaction() as connection:
            await messages.save(connection, batches)
            await connection.execute(SQL["commit_line"], *args)


def _fail(done: "asyncio.Future[None]", error: Exception) -> None:
    if not done.done():
        done.set_exception(error)


def _arguments(batches: Sequence[Batch]) -> list[Any]:
    """What `commit_line` takes: the last word on each call, the first on all else."""
    calls: dict[CallId, CallState] = {}
    forgotten: set[CallId] = set()
    events: dict[EventId, Event] = {}
    deliveries: dict[tuple[EventId, EndpointId], tuple[NewDelivery, Ms]] = {}
    for batch in batches:
        for call in batch.calls:
            calls[call.id] = call
            forgotten.discard(call.id)
        forgotten.update(batch.forget)
        for event in batch.events:
            events.setdefault(event.id, event)
        for new in batch.deliveries:
            deliveries.setdefault((new.event, new.endpoint), (new, batch.at))
    last = batches[-1]
    return [
        *(last.node, last.cursor.generation, last.cursor.offset, last.at),
        *columns((_call(call) for call in calls.values()), 4),
        list(forgotten),
        *columns((_event(event) for event in events.values()), 9),
        *columns((_delivery(new, at) for new, at in deliveries.values()), 5),
    ]


def columns(rows: Iterable[tuple[Any, ...]], width: int) -> list[list[Any]]:
    """Turn rows into a list for each column."""
    return [list(column) for column in zip(*rows, strict=True)] or [[]] * width


def _call(call: CallState) -> tuple[Any, ...]:
    return call.id, call.started_at, call.ended_at, _encoder.encode(call)


def _event(event: Event) -> tuple[Any, ...]:
    return (
        *(event.id, event.type, event.call, event.revision, event.at, event.endpoint),
        *(event.body, event.linked_call, event.client_ref),
    )


def _delivery(new: NewDelivery, at: Ms) -> tuple[Any, ...]:
    return new.event, new.call, new.endpoint, new.final, at
