"""The delivery engine: claim what is due, send it concurrently, record what came of it."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from msgspec import Struct

from hookswitch.delivery.backoff import Backoff
from hookswitch.delivery.recorder import Recorder
from hookswitch.delivery.sender import Endpoints, Sender, SendSettings
from hookswitch.delivery.transport import Transport
from hookswitch.model.delivery import Claim, Outcome, Room, Wanted
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.store.port import DeliveryStore, StoreError

_SHORTEST_HOLD_S: Final = 0.02
_LONGEST_HOLD_S: Final = 0.5

_log: Final[Any] = structlog.get_logger("hookswitch.delivery")


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """`max_per_endpoint` keeps a stuck endpoint from taking every one of `max_in_flight` slots.

    Retries have slots of their own, a quarter as many, so that they never take a first attempt's.
    """

    max_in_flight: int = 100
    max_per_endpoint: int = 10
    window_ms: Ms = 2000
    """How long a first attempt may hold back the next one of its call and endpoint."""
    idle_poll_s: float = 2.0
    """How soon deliveries are seen that nobody announced with `wake`."""
    stop_grace_s: float = 20.0
    """How long a stop waits for attempts under way and for the store."""
    send: SendSettings = SendSettings()


def _ignore(_outcome: Outcome) -> None:
    """The default for `on_outcome`."""


class DeliveryWorker:
    """Runs until `stop`. A slot is taken from the claim until its outcome is stored."""

    def __init__(
        self,
        store: DeliveryStore,
        transport: Transport,
        endpoints: Endpoints,
        clock: Callable[[], Ms],
        settings: WorkerSettings | None = None,
        *,
        on_outcome: Callable[[Outcome], None] = _ignore,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings or WorkerSettings()
        self._on_outcome = on_outcome
        self._sender = Sender(transport, endpoints, clock, chance, self._settings.send)
        self._recorder = Recorder(store, self._recorded)
        self._sending: set[asyncio.Task[None]] = set()
        self._held: dict[DeliveryId, Claim] = {}
        self._wake = asyncio.Event()
        self._stopping = False
        self._backoff = Backoff()
        self._hold = Backoff(_SHORTEST_HOLD_S, _LONGEST_HOLD_S)

    def wake(self) -> None:
        """Something may have become due; call it after each commit of the live line."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` claim no more, wait for what is under way, record it and return."""
        self._stopping = True
        self._wake.set()

    @property
    def in_flight(self) -> int:
        """Deliveries claimed whose outcome is not stored yet."""
        return len(self._held)

    async def run(self) -> None:
        """Raises only for a fault of ours; what was under way is then given back at next start."""
        async with asyncio.TaskGroup() as group:
            recording = group.create_task(self._recorder.run())
            await self._release_interrupted()
            while not self._stopping:
                await self._round(group)
            await self._drain(recording)

    async def _release_interrupted(self) -> None:
        while not self._stopping:
            try:
                released = await self._store.release_interrupted(self._clock())
            except StoreError as error:
                await self._store_failed(error)
            else:
                _log.info("delivery.started", released=released)
                return

    async def _round(self, group: asyncio.TaskGroup) -> None:
        self._wake.clear()
        free = self._free()
        try:
            claims = await self._claim(free)
            for claim in claims:
                self._start(group, claim)
            pause_s = await self._pause_s(free, len(claims))
        except StoreError as error:
            await self._store_failed(error)
            return
        self._backoff.reset()
        await self._sleep(pause_s)

    def _free(self) -> Room:
        retries = sum(claim.failures > 0 for claim in self._held.values())
        most = self._settings.max_in_flight
        return Room(most - len(self._held) + retries, max(1, most // 4) - retries)

    async def _claim(self, free: Room) -> Sequence[Claim]:
        if free.first <= 0 and free.retry <= 0:
            return ()
        busy: dict[EndpointId, list[Claim]] = {}
        for claim in self._held.values():
            busy.setdefault(claim.endpoint, []).append(claim)
        return await self._store.claim(
            Wanted(
                now=self._clock(),
                window=self._settings.window_ms,
                total=free,
                each=self._room(()),
                rooms={endpoint: self._room(claims) for endpoint, claims in busy.items()},
            )
        )

    def _room(self, busy: Sequence[Claim]) -> Room:
        most = self._settings.max_per_endpoint
        retries = sum(claim.failures > 0 for claim in busy)
        first = most - (len(busy) - retries)
        return Room(first, max(1, most // 4) - retries, len(busy))

    def _start(self, group: asyncio.TaskGroup, claim: Claim) -> None:
        self._held[claim.id] = claim
        task = group.create_task(self._send(claim))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _send(self, claim: Claim) -> None:
        self._recorder.put(await self._sender.attempt(claim))

    def _recorded(self, outcome: Outcome) -> None:
        self._held.pop(outcome.claim.id, None)
        self._wake.set()
        try:
            self._on_outcome(outcome)
        except Exception as error:  # noqa: BLE001  a listener's fault is not the delivery's
            _log.error("delivery.listener_failed", fault=type(error).__name__)

    async def _pause_s(self, free: Room, claimed: int) -> float:
        idle_s = self._settings.idle_poll_s
        if claimed:
            self._hold.reset()
        if free.first <= 0 or claimed >= free.first:
            return idle_s if self._free().first <= 0 else 0.0
        due = await self._store.next_due()
        if due is None:
            return idle_s
        wait_s = (due - self._clock()) / 1000
        # Due and yet not given: it waits for its turn in its call or for a place at its endpoint.
        return min(wait_s, idle_s) if wait_s > 0 else self._hold.take()

    async def _sleep(self, seconds: float) -> None:
        """Sleep until `wake` at the longest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._wake.wait()

    async def _store_failed(self, error: StoreError) -> None:
        _log.warning("delivery.store_failed", fault=str(error))
        pause_s = self._backoff.take()
        if not self._stopping:
            await asyncio.sleep(pause_s)

    async def _drain(self, recording: asyncio.Task[None]) -> None:
        """What does not end in time stays claimed; the next start gives it back."""
        grace_s = self._settings.stop_grace_s
        if self._sending:
            await asyncio.wait(self._sending, timeout=grace_s)
        for task in self._sending:
            task.cancel()
        self._recorder.finish()
        await asyncio.wait([recording], timeout=grace_s)
        recording.cancel()
        _log.info("delivery.stopped", left_claimed=len(self._held))
