"""Claims, and the heartbeat that tells the living from the dead."""

import asyncio
import contextlib
import datetime as dt
import time
from collections.abc import Sequence
from typing import Any, Final

import structlog

from hookswitch.model.delivery import Claim, Outcome, Wanted
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.store.port import StoreError
from hookswitch.store.postgres import messages
from hookswitch.store.postgres.database import Database
from hookswitch.store.postgres.line import columns
from hookswitch.store.postgres.places import is_gone, name_self
from hookswitch.store.postgres.sql import SQL

BEAT_S: Final = 2.0
DEAD_AFTER: Final = dt.timedelta(seconds=10)

log: Final[Any] = structlog.get_logger("hookswitch.store")


class Workers:
    """`store.port.DeliveryStore` on PostgreSQL.

    A claim whose answer was lost on its way here is in nobody's hands: `_given` knows what is.
    """

    _db: Database

    def __init__(self) -> None:
        self.worker = name_self()
        self._given: dict[DeliveryId, int] = {}
        self._doubtful = False
        self._claiming = asyncio.Lock()
        """Held until a claim is in `_given`: whoever asks meanwhile would find it in no hands."""
        self._beating: asyncio.Task[None] | None = None

    async def claim(self, wanted: Wanted) -> Sequence[Claim]:
        await self._register()
        async with self._claiming:
            claims = await self._claim(wanted)
        await messages.prolong(self._db, claims, wanted.now)
        return claims

    async def _claim(self, wanted: Wanted) -> Sequence[Claim]:
        if self._doubtful:
            await self._release(wanted.now, list(self._given))
            self._doubtful = False
        try:
            rows = await self._db.rows(SQL["claim"], self.worker, *_bounds(wanted))
        except BaseException:
            self._doubtful = True
            raise
        claims = [Claim(**row) for row in rows]
        self._given |= {claim.id: claim.attempt for claim in claims}
        return claims

    async def give_back(self, claims: Sequence[Claim]) -> None:
        given = [(claim.id, claim.attempt) for claim in claims]
        await self._db.run(SQL["give_back"], *columns(given, 2))
        self._forget(claims)

    async def record(self, outcomes: Sequence[Outcome]) -> None:
        if not outcomes:
            return
        gone = [(o.claim.endpoint, _ended_at(o)) for o in outcomes if o.disable_endpoint]
        rows = columns(map(_row, outcomes), 10)
        await self._db.run(SQL["record"], self.worker, *rows, *columns(gone, 2))
        self._forget([outcome.claim for outcome in outcomes])

    def _forget(self, claims: Sequence[Claim]) -> None:
        for claim in claims:
            if self._given.get(claim.id) == claim.attempt:
                del self._given[claim.id]

    async def set_endpoint_health(
        self, endpoint: EndpointId, *, held_until: Ms | None, failing_since: Ms | None
    ) -> None:
        await self._db.run(SQL["set_endpoint_health"], endpoint, held_until, failing_since)

    async def release_interrupted(self, now: Ms) -> int:
        await self._register()
        self._given.clear()
        await self._retire_gone()
        return await self._release(now, [])

    async def _retire_gone(self) -> None:
        """What those had claimed that were killed on this machine waits for no silence."""
        known = await self._db.rows(SQL["known_workers"])
        gone = [row["worker"] for row in known if is_gone(row["worker"])]
        if gone:
            await self._db.run(SQL["retire"], gone)

    async def _release(self, now: Ms, knows: Sequence[DeliveryId]) -> int:
        released: int = await self._db.value(SQL["release"], now, self.worker, knows, DEAD_AFTER)
        return released

    async def workers(self) -> int:
        alive: int = await self._db.value(SQL["workers"], DEAD_AFTER)
        return max(1, alive)

    async def next_due(self) -> Ms | None:
        due: Ms | None = await self._db.value(SQL["next_due"])
        return due

    async def _register(self) -> None:
        """From the first claim on this process is a worker."""
        if self._beating is None:
            self._beating = asyncio.create_task(self._beat())
            await self._db.run(SQL["heartbeat"], self.worker)
            await self._db.run(SQL["make_partitions"])

    async def _leave(self) -> None:
        """Tell the others at once that what is still claimed here is theirs."""
        if self._beating is not None:
            self._beating.cancel()
            await asyncio.gather(self._beating, return_exceptions=True)
            with contextlib.suppress(StoreError):
                await self._db.run(SQL["leave"], self.worker)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            try:
                await self._db.run(SQL["heartbeat"], self.worker)
                await self._retire_gone()
                async with self._claiming:
                    released = await self._release(time.time_ns() // 1_000_000, list(self._given))
                await self._db.run(SQL["fold_counts"])
                await self._db.run(SQL["make_partitions"])
            except StoreError as error:
                log.warning("store.heartbeat_failed", fault=str(error))
            else:
                if released:
                    log.warning("store.taken_over", deliveries=released)


def _bounds(wanted: Wanted) -> list[Any]:
    rooms = [(name, room.first, room.retry, room.busy) for name, room in wanted.rooms.items()]
    return [
        *(wanted.now, wanted.window, wanted.total.first, wanted.total.retry),
        *(wanted.each.first, wanted.each.retry),
        *columns(rooms, 4),
        *columns(wanted.strict.items(), 2),
    ]


def _ended_at(outcome: Outcome) -> Ms:
    return outcome.attempt.started_at + outcome.attempt.duration_ms


def _row(outcome: Outcome) -> tuple[Any, ...]:
    attempt = outcome.attempt
    return (
        *(outcome.claim.id, outcome.claim.attempt, outcome.state, outcome.due_at),
        *(attempt.started_at, attempt.duration_ms, attempt.status, attempt.error),
        *(attempt.detail, attempt.response),
    )
