"""What happens now, told to whoever watches: one queue for each, none may fall behind."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final

from msgspec import Struct

from hookswitch.model.delivery import Outcome
from hookswitch.model.facts import (
    CallArrived,
    CallEnded,
    Fact,
    LegAnswered,
    LegEnded,
    LegRang,
    LegTried,
    OutgoingAnswered,
    OutgoingBegun,
    OutgoingEnded,
    VisitEnded,
    VoicemailLeft,
    WebhookReached,
)
from hookswitch.model.instants import iso
from hookswitch.store.rows import Batch

BEHIND: Final = 1000
"""Messages; a watcher that has not read so many is sent away, and comes back for a snapshot."""
WATCHERS: Final = 100

LEGS: Final[Mapping[type[Fact], str]] = {
    LegTried: "tried",
    LegRang: "ringing",
    LegAnswered: "answered",
    LegEnded: "ended",
}
OUTGOING: Final[Mapping[type[Fact], str]] = {
    OutgoingBegun: "calling",
    OutgoingAnswered: "answered",
    OutgoingEnded: "ended",
}


class Happening(Struct, frozen=True):
    """One message; ids ascend while the process lives."""

    id: int
    kind: str
    data: Mapping[str, Any]
    here: bool = True
    """In this process, not in another one of the same database."""


class TooManyError(Exception):
    """No further watcher is taken."""


class Hub:
    """`tell` never waits."""

    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._queues: set[asyncio.Queue[Happening | None]] = set()
        self._elsewhere: set[asyncio.Queue[Happening | None]] = set()
        self._on_watcher: list[Callable[[], None]] = []
        self._on_watcher_here: list[Callable[[], None]] = []
        self._closed = False

    @property
    def watched(self) -> bool:
        return bool(self._queues)

    @property
    def watched_here(self) -> bool:
        """By others than the process's own relay."""
        return bool(self._queues - self._elsewhere)

    def on_watcher(self, hear: Callable[[], None], *, here: bool = False) -> None:
        """Call `hear` whenever somebody begins to watch; with `here`, to watch this process."""
        (self._on_watcher_here if here else self._on_watcher).append(hear)

    def begin_again(self) -> None:
        """Have all told that a new watcher must know."""
        for hear in self._on_watcher:
            hear()

    def tell(self, kind: str, data: Mapping[str, Any], *, here: bool = True) -> None:
        if not self._queues:
            return
        told = Happening(next(self._ids), kind, data, here)
        for queue in list(self._queues):
            if queue.qsize() < BEHIND:
                queue.put_nowait(told)
            else:
                self._end(queue)

    @contextmanager
    def watching(self, *, elsewhere: bool = False) -> Iterator[asyncio.Queue[Happening | None]]:
        """Give a queue of what is told from now on; None ends it."""
        if self._closed or len(self._queues - self._elsewhere) >= WATCHERS:
            raise TooManyError
        queue: asyncio.Queue[Happening | None] = asyncio.Queue()
        self._queues.add(queue)
        if elsewhere:
            self._elsewhere.add(queue)
        else:
            for hear in self._on_watcher_here:
                hear()
        self.begin_again()
        try:
            yield queue
        finally:
            self._queues.discard(queue)
            self._elsewhere.discard(queue)

    def close(self) -> None:
        self._closed = True
        for queue in list(self._queues):
            self._end(queue)

    def _end(self, queue: asyncio.Queue[Happening | None]) -> None:
        self._queues.discard(queue)
        queue.put_nowait(None)

    def committed(self, batch: Batch, facts: Sequence[Fact]) -> None:
        if not self._queues:
            return
        for fact in facts:
            if (found := _of(fact)) is not None:
                self.tell(*found)
        for event in batch.events:
            data = {"id": event.id, "type": event.type, "call": event.call, "at": iso(event.at)}
            self.tell("event", data)

    def attempted(self, outcome: Outcome) -> None:
        claim, attempt = outcome.claim, outcome.attempt
        self.tell(
            "delivery",
            {
                "id": claim.id,
                "event": claim.event,
                "type": claim.type,
                "call": claim.call,
                "endpoint": claim.endpoint,
                "state": outcome.state,
                "status": attempt.status,
                "error": attempt.error,
                "at": iso(attempt.started_at + attempt.duration_ms),
            },
        )


async def until_over(
    queue: asyncio.Queue[Happening | None], beat_s: float
) -> AsyncIterator[Happening | None]:
    """Give what is told, and None at each beat, however much is told."""
    loop = asyncio.get_running_loop()
    due = loop.time() + beat_s
    while True:
        try:
            told = await asyncio.wait_for(queue.get(), due - loop.time())
        except TimeoutError:
            due = loop.time() + beat_s
            yield None
            continue
        if told is None:
            return
        yield told


def _of(fact: Fact) -> tuple[str, Mapping[str, Any]] | None:
    base = {"call": fact.call.id, "at": iso(fact.at)}
    found = _call(fact) or _user(fact) or _object(fact)
    return (found[0], base | found[1]) if found else None


def _call(fact: Fact) -> tuple[str, dict[str, Any]] | None:
    if isinstance(fact, CallArrived):
        caller = {"number": fact.call.caller.number, "name": fact.call.caller.name}
        said = {"state": "arrived", "caller": caller, "dest_number": fact.call.dest_number}
        return "call", said
    if isinstance(fact, CallEnded):
        return "call", {"state": "ended", "engine_lost": fact.engine_lost}
    return None


def _user(fact: Fact) -> tuple[str, dict[str, Any]] | None:
    if isinstance(fact, LegTried | LegRang | LegAnswered | LegEnded):
        user, state = fact.leg.user, LEGS[type(fact)]
        said = {"leg": fact.leg.id, "state": state, "user": user.extension, "name": user.name}
        return "leg", said
    if isinstance(fact, OutgoingBegun | OutgoingAnswered | OutgoingEnded):
        user, state = fact.outgoing.user, OUTGOING[type(fact)]
        return "user", {"state": state, "user": user.extension, "name": user.name}
    return None


def _object(fact: Fact) -> tuple[str, dict[str, Any]] | None:
    if isinstance(fact, VisitEnded):
        return "queue", {"kind": fact.visit.kind, "name": fact.visit.name, "status": fact.status}
    if isinstance(fact, WebhookReached | VoicemailLeft):
        return "object", {"object": fact.node}
    return None
