"""The newest outcomes of each trigger at each webhook endpoint."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from hookswitch.app.configuration.live import Live
from hookswitch.model.delivery import Attempt
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.store.port import AdminStore
from hookswitch.store.rows import DeliveryFilter, DeliveryRow

FRESH_S: Final = 2.0
LOOKED_AT: Final = 200
"""Newest deliveries of an endpoint that are looked at."""

WAITING: Final = frozenset({"pending", "sending"})

Triggers = Mapping[str, Mapping[str, Any]]


class TriggerHealth:
    """Read from the store, so that it is the same in every process; kept for two seconds."""

    def __init__(self, store: AdminStore, live: Live) -> None:
        self._store = store
        self._live = live
        self._one = asyncio.Lock()
        self._kept: Mapping[EndpointId, Triggers] = {}
        self._at = -FRESH_S

    async def all(self) -> Mapping[EndpointId, Triggers]:
        async with self._one:
            if time.monotonic() - self._at >= FRESH_S:
                self._kept = {one.id: await self._of(one) for one in self._live.endpoints}
                self._at = time.monotonic()
            return self._kept

    async def _of(self, endpoint: Endpoint) -> Triggers:
        rows = await self._store.deliveries(DeliveryFilter(endpoint=endpoint.id), limit=LOOKED_AT)
        good: dict[str, DeliveryRow] = {}
        bad: dict[str, DeliveryRow] = {}
        waiting: Counter[str] = Counter(row.type for row in rows if row.state in WAITING)
        for row in rows:
            if row.state == "delivered":
                good.setdefault(row.type, row)
            elif row.last_error is not None:
                bad.setdefault(row.type, row)
        found: dict[str, Mapping[str, Any]] = {}
        for kind in sorted({*endpoint.triggers, *good, *bad, *waiting}):
            failure = await self._newest(bad.get(kind))
            found[kind] = {
                "last_success_at": _ended(await self._newest(good.get(kind))),
                "last_error": _said(failure),
                "last_error_at": _ended(failure),
                "backlog": waiting[kind],
            }
        return found

    async def _newest(self, row: DeliveryRow | None) -> Attempt | None:
        attempts = await self._store.attempts(DeliveryId(row.id)) if row else ()
        return attempts[-1] if attempts else None


def _ended(attempt: Attempt | None) -> Ms | None:
    return attempt.started_at + attempt.duration_ms if attempt else None


def _said(attempt: Attempt | None) -> str | None:
    if attempt is None:
        return None
    status = f" {attempt.status}" if attempt.status else ""
    return f"{attempt.error}{status}" + (f": {attempt.detail}" if attempt.detail else "")
