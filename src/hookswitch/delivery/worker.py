"""The delivery engine: claim what is due, send it concurrently, record what came of it."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any, Final

import structlog
from msgspec import Struct

from hookswitch.delivery.backoff import Backoff
from hookswitch.delivery.gate import GateSettings
from hookswitch.delivery.gates import Gates
from hookswitch.delivery.recorder import Recorder
from hookswitch.delivery.sender import Endpoints, Sender, SendSettings
from hookswitch.delivery.transport import Transport
from hookswitch.model.delivery import Claim, Outcome
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import Ms
from hookswitch.model.secret import Secret
from hookswitch.store.port import DeliveryStore, StoreError

_SHORTEST_HOLD_S: Final = 0.02
_LONGEST_HOLD_S: Final = 0.5
_LOOK_EVERY_MS: Final = 2000
_MOST_UNRECORDED: Final = 4
"""Outcomes the store has not taken, as a multiple of the slots, after which none is claimed."""

_log: Final[Any] = structlog.get_logger("hookswitch.delivery")


class WorkerSettings(Struct, frozen=True, kw_only=True):
    """First attempts have `max_in_flight` slots, retries a quarter as many of their own."""

    max_in_flight: int = 400
    gate: GateSettings = GateSettings()
    window_ms: Ms = 2000
    """How long a first attempt may hold back the next one of its call and endpoint."""
    failure_budget_ms: Ms = 72 * 3_600_000
    """How long an endpoint may fail without one success before it is paused."""
    idle_poll_s: float = 2.0
    """How soon deliveries are seen that nobody announced with `wake`."""
    stop_grace_s: float = 20.0
    """How long a stop waits for attempts under way and for the store."""
    send: SendSettings = SendSettings()


def _ignore(_outcome: Outcome) -> None:
    """The default for `on_outcome`."""


def _none_live() -> Sequence[Endpoint]:
    """The default for `live`: no endpoint has a rate or a strict order."""
    return ()


def _no_key() -> Secret:
    """The default for `mask_key`: nothing is to be hashed."""
    raise LookupError("no key for pseudonyms")


class DeliveryWorker:
    """Runs until `stop`. `live` gives the endpoints in force; the same object while unchanged."""

    def __init__(
        self,
        store: DeliveryStore,
        transport: Transport,
        endpoints: Endpoints,
        clock: Callable[[], Ms],
        settings: WorkerSettings | None = None,
        *,
        live: Callable[[], Sequence[Endpoint]] = _none_live,
        mask_key: Callable[[], Secret] = _no_key,
        on_outcome: Callable[[Outcome], None] = _ignore,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._settings = settings or WorkerSettings()
        self._on_outcome = on_outcome
        self._sender = Sender(
            transport, endpoints, clock, chance, self._settings.send, mask_key=mask_key
        )
        self._recorder = Recorder(store, self._recorded)
        most, budget_ms = self._settings.max_in_flight, self._settings.failure_budget_ms
        self.gates = Gates(self._settings.gate, most, budget_ms, live, chance)
        self._sending = 0
        self._fault: Exception | None = None
        self._wake = asyncio.Event()
        self._stopping = False
        self._trouble = ""
        self._looked_at = clock()
        self._backoff = Backoff()
        self._hold = Backoff(_SHORTEST_HOLD_S, _LONGEST_HOLD_S)

    def wake(self) -> None:
        """Something may have become due; call it after each commit of the live line."""
        self._wake.set()

    def look(self) -> None:
        """The state of an endpoint, or how many workers there are, may have changed elsewhere."""
        self._looked_at = -_LOOK_EVERY_MS
        self._wake.set()

    def stop(self) -> None:
        """Let `run` claim no more, wait for what is under way, record it and return."""
        self._stopping = True
        self._wake.set()

    @property
    def in_flight(self) -> int:
        """Deliveries claimed whose outcome is not stored yet."""
        return self._sending + self._recorder.waiting

    @property
    def trouble(self) -> str:
        """What the store refuses now, or nothing."""
        return self._trouble or self._recorder.trouble

    async def run(self) -> None:
        """Raises only for a fault of ours; what was under way is then given back at next start."""
        async with asyncio.TaskGroup() as group:
            recording = group.create_task(self._recorder.run())
            await self._begin()
            while not self._stopping:
                await self._round()
                if self._fault is not None:
                    raise self._fault
            await self._drain(recording)

    async def _begin(self) -> None:
        while not self._stopping:
            try:
                released = await self._store.release_interrupted(self._clock())
                self.gates.take_up(await self._store.endpoint_runtime())
                self.gates.share(await self._store.workers())
            except StoreError as error:
                await self._store_failed(error)
            else:
                _log.info("delivery.started", released=released)
                return

    async def _round(self) -> None:
        self._wake.clear()
        try:
            await self.gates.note(self._store, self._clock())
            await self._look_at_endpoints()
            claims = await self._claim()
            unsent = [claim for claim in claims if not self._start(claim)]
            if unsent:
                await self._store.give_back(unsent)
            pause_s = await self._pause_s(len(claims) - len(unsent))
        except StoreError as error:
            await self._store_failed(error)
            return
        self._trouble = ""
        self._backoff.reset()
        await self._sleep(pause_s)

    async def _look_at_endpoints(self) -> None:
        now = self._clock()
        if not 0 <= now - self._looked_at < _LOOK_EVERY_MS:
            self._looked_at = now
            self.gates.follow(await self._store.endpoint_runtime(), now)
            self.gates.share(await self._store.workers())

    async def _claim(self) -> Sequence[Claim]:
        free = self.gates.free()
        behind = self._recorder.waiting > _MOST_UNRECORDED * self._settings.max_in_flight
        if behind or (free.first <= 0 and free.retry <= 0):
            return ()
        wanted = self.gates.wanted(self._clock(), self._settings.window_ms)
        return await self._store.claim(wanted)

    def _start(self, claim: Claim) -> bool:
        if not self.gates.admits(claim, self._clock()):
            return False
        self._sending += 1
        self._sender.attempt(claim, self._ended)
        return True

    def _ended(self, outcome: Outcome) -> None:
        self._sending -= 1
        try:
            self.gates.ended(outcome, self._clock())
        except Exception as error:  # noqa: BLE001  it would end in the event loop's log
            self._fault = error
        self._recorder.put(outcome)
        if self._stopping or self._fault is not None:
            self._wake.set()

    def _recorded(self, outcome: Outcome) -> None:
        self._wake.set()
        try:
            self._on_outcome(outcome)
        except Exception as error:  # noqa: BLE001  a listener's fault is not the delivery's
            _log.error("delivery.listener_failed", fault=type(error).__name__)

    async def _pause_s(self, started: int) -> float:
        if self._wake.is_set():
            return 0.0
        idle_s = self._settings.idle_poll_s
        if started:
            self._hold.reset()
        if self.gates.free().first <= 0:
            return idle_s
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
        self._trouble = str(error)
        pause_s = self._backoff.take()
        if not self._stopping:
            await asyncio.sleep(pause_s)

    async def _drain(self, recording: asyncio.Task[None]) -> None:
        """What does not end in time stays claimed; the next start gives it back."""
        grace_s = self._settings.stop_grace_s
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(grace_s):
                while self._sending:
                    self._wake.clear()
                    await self._wake.wait()
        self._recorder.finish()
        await asyncio.wait([recording], timeout=grace_s)
        recording.cancel()
        _log.info("delivery.stopped", left_claimed=self.in_flight)
