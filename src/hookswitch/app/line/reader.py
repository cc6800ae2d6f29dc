"""The live line: journal -> calls -> events -> outbox, one commit at a time."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Self

import structlog
from msgspec import Struct

from hookswitch.app.clock import now_ms
from hookswitch.app.line.messages import MessageKeeper
from hookswitch.calls.ledger import Ledger
from hookswitch.events.build import build
from hookswitch.journal.tail import POLL_S, JournalTail, Read, watch_growth
from hookswitch.model.calls import CallState
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.facts import CallEnded, CallRefused, CallTurnedAway, Fact, FlowBroken
from hookswitch.model.ids import CallId
from hookswitch.model.journal import Observation, RingingSeen
from hookswitch.outbox.match import match
from hookswitch.store.port import LineStore, StoreError
from hookswitch.store.rows import Batch

CYCLE: Final = "it passed 100 objects without ringing anybody: break the cycle in the flow"
RETRY_S: Final = (0.1, 0.5, 2.0, 5.0)
GATHER_S: Final = (0.005, 0.25)
"""The shortest and the longest pause after a commit, in which records gather for the next one: each
commit costs threads and waits for the disk, however little is in it, and the deliveries that it
brings cost two more."""

log = structlog.get_logger(__name__)


class ChannelsSeen(Struct, frozen=True):
    """The engine's channels, whether each is answered, and those we knew before we asked."""

    up: Mapping[str, bool]
    known: frozenset[str]


class NoLine:
    """The line of a process without an engine."""

    open_calls: Sequence[CallState] = ()
    lag_bytes = dropped_bytes = faults = 0
    trouble = ""


class LiveLine:
    """Reads the journal from its cursor and commits what it means, until cancelled.

    `endpoints` gives the live endpoints at the moment an event is created; `on_commit` hears of
    each batch once it is on disk, with the facts it came from.
    """

    def __init__(
        self,
        node: str,
        tail: JournalTail,
        ledger: Ledger,
        *,
        store: LineStore,
        endpoints: Callable[[], Sequence[Endpoint]],
        keeper: MessageKeeper,
        on_commit: Callable[[Batch, Sequence[Fact]], None],
    ) -> None:
        self._node = node
        self._tail = tail
        self._ledger = ledger
        self._store = store
        self._endpoints = endpoints
        self._keeper = keeper
        self._on_commit = on_commit
        self._ringing: list[RingingSeen] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._replaced = False
        self._seen: ChannelsSeen | None = None
        self.faults = 0
        """Records that could not be folded; each is logged."""
        self.dropped_bytes = 0
        self.trouble = ""
        """What the store refuses now; events wait in the journal meanwhile."""

    @classmethod
    async def open(
        cls,
        node: str,
        tail: JournalTail,
        *,
        store: LineStore,
        endpoints: Callable[[], Sequence[Endpoint]],
        keeper: MessageKeeper,
        on_commit: Callable[[Batch, Sequence[Fact]], None],
    ) -> Self:
        """Go on where the last process stopped; `tail` is moved to the stored cursor."""
        state = await store.load_line(node)
        tail.cursor = state.cursor
        ledger = Ledger(state.open_calls)
        return cls(
            node,
            tail,
            ledger,
            store=store,
            endpoints=endpoints,
            keeper=keeper,
            on_commit=on_commit,
        )

    @property
    def open_calls(self) -> Sequence[CallState]:
        return self._ledger.open_calls

    @property
    def lag_bytes(self) -> int:
        return self._tail.lag()

    def ringing(self, seen: RingingSeen) -> None:
        """Take a ringing from AMI; it is folded before the records read next."""
        self._ringing.append(seen)
        self._wake.set()

    def journal_replaced(self) -> None:
        """The journal vanished and begins anew: what the cursor counted is no more."""
        self._replaced = True

    @property
    def open_channels(self) -> frozenset[str]:
        return self._ledger.open_channels

    def reconcile(self, seen: ChannelsSeen) -> None:
        """Catch up with the engine's channels, once all that its journal tells has been read."""
        self._seen = seen
        self._wake.set()

    def stop(self) -> None:
        """Let `run` commit what can be read now, and return."""
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        """Run until `stop`. Raises only for an unreadable journal; a failing store is retried."""
        loop = asyncio.get_running_loop()
        watching = asyncio.create_task(watch_growth(self._tail.path.parent, self._wake))
        try:
            while True:
                self._wake.clear()
                began = loop.time()
                if await self.step():
                    await self._gather(loop.time() - began)
                    continue
                if self._stopping:
                    return
                await self._rest()
        except StoreError:
            # Only while stopping: nothing was committed, so the next start reads it again.
            log.warning("line.stopped_uncommitted")
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)

    async def step(self) -> bool:
        """Read, fold and commit once; False if there was nothing to do."""
        if self._replaced:
            self._replaced = False
            self._tail.start_over()
        read = await asyncio.to_thread(self._tail.read)
        ringing, self._ringing = self._ringing, []
        if not ringing and read.cursor == self._tail.cursor:
            return await self._catch_up(read)
        if read.dropped:
            self.dropped_bytes += read.dropped
            log.error("journal.dropped", bytes=read.dropped, cursor=read.cursor)
        observations: list[Observation] = [*ringing, *read.lines]
        found = [fact for seen in observations for fact in self._fold(seen)]
        facts = await self._keeper.sift(found)
        await self._commit(self._batch(read, facts), facts)
        self._tail.advance(read.cursor)
        self._keeper.committed(found)
        return True

    async def _catch_up(self, read: Read) -> bool:
        seen, self._seen = self._seen, None
        if seen is None:
            return False
        found = self._ledger.reconcile(seen.up, seen.known, now_ms())
        log.warning("line.reconciled", channels=len(seen.known), ended=len(seen.known - {*seen.up}))
        facts = await self._keeper.sift(found)
        await self._commit(self._batch(read, facts), facts)
        self._keeper.committed(found)
        return True

    async def _gather(self, took: float) -> None:
        """Twice as long as the last commit took: where the machine is busy, groups are larger."""
        if not self._stopping:
            shortest, longest = GATHER_S
            await asyncio.sleep(min(max(2 * took, shortest), longest))

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()
        except TimeoutError:
            pass

    def _fold(self, seen: Observation) -> Sequence[Fact]:
        try:
            return self._ledger.apply(seen)
        except Exception:
            # One record we do not understand must not stop every call after it.
            self.faults += 1
            log.exception("line.fold_failed", uniqueid=seen.uniqueid)
            return ()

    def _batch(self, read: Read, facts: Sequence[Fact]) -> Batch:
        changed = self._ledger.take_changed()
        over = {fact.call.id for fact in facts if isinstance(fact, CallEnded)}
        events = [event for fact in facts for event in self._build(fact)]
        extras = self._keeper.extras(facts)
        return Batch(
            node=self._node,
            cursor=read.cursor,
            calls=[call for call in changed if not _was_none(call)],
            forget=[call.id for call in changed if _was_none(call)],
            events=events,
            deliveries=match(events, self._endpoints(), over),
            media=extras.media,
            emails=extras.emails,
            at=now_ms(),
        )

    def _build(self, fact: Fact) -> Iterable[Event]:
        try:
            return build(fact, self._keeper.env)
        except Exception:
            self.faults += 1
            log.exception("line.build_failed", call_id=_call_of(fact))
            return ()

    async def _commit(self, batch: Batch, facts: Sequence[Fact]) -> None:
        failures = 0
        while True:
            try:
                await self._store.commit(batch)
                self.trouble = ""
                break
            except StoreError as error:
                if self._stopping:
                    raise
                self.trouble = str(error)
                pause = RETRY_S[min(failures, len(RETRY_S) - 1)]
                failures += 1
                log.error("line.commit_failed", error=str(error), again_in_s=pause)  # noqa: TRY400
                await asyncio.sleep(pause)
        _log_facts(facts)
        self._on_commit(batch, facts)


def _was_none(call: CallState) -> bool:
    """Ended without ever reaching a number: the health check's, a refused one."""
    return call.ended_at is not None and not call.arrived


def _call_of(fact: Fact) -> CallId:
    return fact.call.id


def _log_facts(facts: Sequence[Fact]) -> None:
    bound = log.bind()  # once, not for each line
    for fact in facts:
        if isinstance(fact, CallTurnedAway):
            continue  # thousands of them, where a line each is of no use
        if isinstance(fact, FlowBroken):
            bound.warning("call.flow_broken", call_id=_call_of(fact), object=fact.node, why=CYCLE)
            continue
        why = {"why": fact.why} if isinstance(fact, CallRefused) else {}
        bound.info("call.step", call_id=_call_of(fact), step=type(fact).__name__, at=fact.at, **why)
