"""Processor time that SQLite's thread spends on one delivery: accept, claim, record and commit.

One thread, no event loop, no network: the figures hold on a machine that others use.
"""

import argparse
import json
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path
from sqlite3 import Connection
from typing import TypeVar

from hookswitch.model.delivery import Attempt, Claim, NewDelivery, Outcome, Room, Wanted
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.journal import Cursor
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite.accepting import accept
from hookswitch.store.sqlite.claiming import claim, record
from hookswitch.store.sqlite.database import WRITER_CACHE_KB, connect
from hookswitch.store.sqlite.migrate import migrate

WAITING = 3600
"""Accepted and not claimed, as in `bench-delivery`."""
ACCEPTED = 50
"""Events in a batch."""

T = TypeVar("T")


class Line:
    """Does the writer thread's work, and keeps how long each part took."""

    def __init__(self, db: Connection, given: argparse.Namespace) -> None:
        self._db = db
        self._given = given
        self._body = b"x" * given.body
        self._endpoints = [EndpointId(f"e{number}") for number in range(given.endpoints)]
        self._made = 0
        self.spent: Counter[str] = Counter()

    def timed(self, part: str, work: Callable[[], T]) -> T:
        began = time.thread_time_ns()
        found = work()
        self.spent[part] += time.thread_time_ns() - began
        return found

    def batch(self) -> Batch:
        events = []
        for number in range(self._made, self._made + ACCEPTED):
            name = (number * 0x9E3779B97F4A7C15) & (2**64 - 1)
            call = CallId(f"n1b1-{number // len(self._endpoints)}.{number % len(self._endpoints)}")
            events.append(
                Event(
                    id=EventId(f"evt_{int(time.time()):08x}{name:016x}00000000"),
                    type="user_inbound", call=call, revision=1, at=1, body=self._body,
                )
            )  # fmt: skip
        deliveries = [
            NewDelivery(
                event=event.id,
                call=event.call,
                endpoint=self._endpoints[place % len(self._endpoints)],
            )
            for place, event in enumerate(events)
        ]
        self._made += ACCEPTED
        return Batch(
            node="n1", cursor=Cursor(1, self._made), events=events, deliveries=deliveries, at=1
        )

    def step(self, batches: int, outcomes: list[Outcome]) -> list[Outcome]:
        """One transaction: so many are accepted, as many claimed, and the last ones recorded."""
        made = [self.batch() for _ in range(batches)]
        wanted = Wanted(now=2, window=2000, total=Room(batches * ACCEPTED, 100), each=Room(32, 8))
        self._db.execute("BEGIN IMMEDIATE")
        for one in made:
            self.timed("accept", partial(accept, self._db, one))
        self.timed("record", lambda: record(self._db, outcomes))
        claims = self.timed("claim", lambda: claim(self._db, wanted))
        self.timed("commit", lambda: self._db.execute("COMMIT"))
        return [delivered(one) for one in claims]


def delivered(taken: Claim) -> Outcome:
    attempt = Attempt(number=1, started_at=2, duration_ms=1, status=200, response=b"ok")
    return Outcome(claim=taken, attempt=attempt, state="delivered")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--deliveries", type=int, default=20_000)
    parser.add_argument("--in-one-commit", type=int, default=150)
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--body", type=int, default=1024)
    given = parser.parse_args()
    batches = given.in_one_commit // ACCEPTED
    with tempfile.TemporaryDirectory() as folder:
        db = connect(Path(folder) / "store.db")
        migrate(db)
        db.execute(f"PRAGMA cache_size = -{WRITER_CACHE_KB}")
        line = Line(db, given)
        for _ in range(WAITING // ACCEPTED):
            accept(db, line.batch())
        outcomes: list[Outcome] = []
        done = 0
        while done < given.deliveries:
            outcomes = line.step(batches, outcomes)
            done += len(outcomes)
        db.close()
    parts = {f"{part}_us": round(spent / done / 1000, 1) for part, spent in line.spent.items()}
    print(json.dumps({"cpu_us": round(sum(parts.values()), 1), **parts}))


if __name__ == "__main__":
    main()
