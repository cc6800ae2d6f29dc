"""Takes up the revisions that other processes of the same database make live."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import structlog

from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.app.configuration.live import Live, document_of
from hookswitch.asterisk.errors import EngineError
from hookswitch.config.archive import ArchiveError
from hookswitch.config.document import Document
from hookswitch.model.delivery import Claim, Wanted
from hookswitch.store.port import DeliveryStore, Store, StoreError
from hookswitch.vault import Vault, VaultError

LOOK_S: Final = 15.0
"""How soon a revision is seen that nobody told of; also when one that failed is tried again."""

log: Final[Any] = structlog.get_logger(__name__)

Take = Callable[[int, Document], Awaitable[None]]


class Following:
    """Runs until `stop`; `take` makes a newer revision the one in force here."""

    def __init__(self, store: Store, vault: Vault, live: Live, take: Take) -> None:
        self._store = store
        self._vault = vault
        self._live = live
        self._take = take
        self._wake = asyncio.Event()
        self._stopping = False
        self._one = asyncio.Lock()
        self.health = "ok"
        store.on_news("revision", self._wake.set)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            await self.catch_up()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), LOOK_S)

    async def catch_up(self) -> bool:
        """Take the live revision if it is newer than ours; False if it cannot be."""
        async with self._one:
            try:
                await self._catch_up()
            except (
                ApplyError, ArchiveError, EngineError, OSError, StoreError, VaultError
            ) as error:  # fmt: skip
                self.health = f"the live revision cannot be taken here: {error}"
                log.warning("following.failed", error=str(error))
                return False
            self.health = "ok"
            return True

    async def _catch_up(self) -> None:
        row = await self._store.live_revision()
        if row is None or row.number <= self._live.revision:
            return
        await self._take(row.number, await document_of(row, self._vault))
        log.info("following.took", revision=row.number, by=row.applied_by)


class FreshClaims:
    """A delivery store whose claims are of endpoints known here, if they exist at all.

    A node may make deliveries for an endpoint of a revision that has not reached this process:
    they must not be taken for those of a removed one.
    """

    def __init__(self, store: DeliveryStore, live: Live, following: Following) -> None:
        self._store = store
        self._live = live
        self._following = following
        self.give_back = store.give_back
        self.release_interrupted = store.release_interrupted
        self.next_due = store.next_due
        self.record = store.record
        self.endpoint_runtime = store.endpoint_runtime
        self.set_endpoint_state = store.set_endpoint_state
        self.workers = store.workers
        self.set_endpoint_health = store.set_endpoint_health

    async def claim(self, wanted: Wanted) -> Sequence[Claim]:
        claims = await self._store.claim(wanted)
        if all(self._live.resolve(claim.endpoint, claim.revision) for claim in claims):
            return claims
        if await self._following.catch_up():
            return claims
        await self._store.give_back(claims)
        raise StoreError("the live revision is not known here yet")
