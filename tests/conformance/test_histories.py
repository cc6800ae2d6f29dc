"""Random histories: the store and a plain model of its rules must answer alike.

Ids, clocks and batches are as production makes them; the process may die at any time, and the
journal be read again from an earlier place.
"""

import asyncio
from collections.abc import Awaitable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from msgspec.structs import replace
from store_backends import template
from store_builders import START, WINDOW, OpenStore, batch, event, outcome
from store_model import Model

from hookswitch.model.delivery import Claim, EndpointState, NewDelivery, Room, Wanted
from hookswitch.model.ids import DeliveryId, EndpointId, Ms
from hookswitch.store.port import Store
from hookswitch.store.postgres import PostgresStore
from hookswitch.store.sqlite import SqliteStore
from kit.postgres import Cluster

T = TypeVar("T")

CALLS = ["n1b1-1790868675.2", "n1b1-1790868675.7"]
ENDPOINTS = ["crm", "object:missed"]
WAITS = [0, 0, 1, WINDOW - 1, WINDOW, WINDOW, 2 * WINDOW]


class Histories(RuleBasedStateMachine):
    """Drives a store and the model side by side."""

    places: Iterator[OpenStore]

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.open_store = next(self.places)
        self.store: Store
        self.model = Model()
        self.now: Ms = START
        self.batches: list[Any] = []
        self.claims: list[Claim] = []
        self.ordinals = dict.fromkeys(CALLS, 0)

    def run(self, work: Awaitable[T]) -> T:
        return self.loop.run_until_complete(work)  # type: ignore[arg-type]

    def teardown(self) -> None:
        self.run(self.store.close())
        self.loop.close()

    @initialize()
    def begin(self) -> None:
        self.store = self.run(self.open_store())

    @rule(
        call=st.sampled_from(CALLS),
        count=st.integers(1, 3),
        endpoints=st.sets(st.sampled_from(ENDPOINTS), min_size=1),
        final=st.booleans(),
    )
    def commit(self, call: str, count: int, endpoints: set[str], final: bool) -> None:
        events = []
        for _ in range(count):
            self.ordinals[call] += 1
            events.append(event(f"{call}/{self.ordinals[call]}", call, at=self.now))
        made = batch(len(self.batches) + 1, events, sorted(endpoints), at=self.now)
        last = made.deliveries[-1]
        deliveries = [*made.deliveries[:-1], replace(last, final=final)]
        self.batches.append(replace(made, deliveries=deliveries))
        self._commit(self.batches[-1])

    @precondition(lambda self: self.batches)
    @rule(data=st.data())
    def read_again(self, data: st.DataObject) -> None:
        """Everything from some place on, in one piece."""
        place = data.draw(st.integers(0, len(self.batches) - 1))
        again = self.batches[place:]
        events = [each for one in again for each in one.events]
        deliveries: list[NewDelivery] = [each for one in again for each in one.deliveries]
        whole = batch(len(self.batches), events, (), at=self.now)
        self._commit(replace(whole, deliveries=deliveries))

    def _commit(self, made: Any) -> None:
        self.run(self.store.commit(made))
        for new in made.deliveries:
            self.model.deliver(new.event, new.call, new.endpoint, made.at, final=new.final)

    @rule(
        wait=st.sampled_from(WAITS),
        total=st.sampled_from([(8, 8), (8, 8), (2, 1), (1, 2), (0, 8), (8, 0)]),
        each=st.sampled_from([(4, 4), (4, 4), (2, 1), (1, 0)]),
        room=st.none() | st.sampled_from([(2, 1, 1), (0, 2, 3), (1, 0, 0)]),
        strict=st.none() | st.sampled_from([1, WINDOW, 3 * WINDOW]),
    )
    def claim(self, wait: Ms, total: Any, each: Any, room: Any, strict: Ms | None) -> None:
        self.now += wait
        crm = EndpointId("crm")
        wanted = Wanted(
            now=self.now,
            window=WINDOW,
            total=Room(*total),
            each=Room(*each),
            rooms={crm: Room(*room)} if room else {},
            strict={crm: strict} if strict else {},
        )
        given = self.run(self.store.claim(wanted))
        assert [
            (c.id, c.event, c.endpoint, c.sequence, c.attempt, c.failures, c.final) for c in given
        ] == [
            (w.number, w.event, w.endpoint, w.sequence, w.attempts, w.failures, w.final)
            for w in self.model.claim(wanted)
        ]
        self.claims += given

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        claim = data.draw(st.sampled_from(self.claims))
        self.claims.remove(claim)
        self.run(self.store.give_back([claim]))
        self.model.give_back(claim)

    @precondition(lambda self: self.claims)
    @rule(
        data=st.data(),
        state=st.sampled_from(["delivered", "delivered", "pending", "pending", "failed"]),
        retry_in=st.sampled_from([0, 1, 5000]),
        again=st.booleans(),
        gone=st.sampled_from([*[False] * 9, True]),
    )
    def record(
        self, data: st.DataObject, state: Any, retry_in: Ms, again: bool, gone: bool
    ) -> None:
        """Also outcomes that come twice, or after the process was taken for dead."""
        claim = data.draw(st.sampled_from(self.claims))
        if not again:
            self.claims.remove(claim)
        due_at = self.now + retry_in if state == "pending" else None
        gone = gone and state != "delivered"
        done = outcome(claim, state, due_at=due_at, disable=gone)
        self.run(self.store.record([done]))
        self.model.record(done)

    @precondition(lambda self: self.model.rows)
    @rule(data=st.data(), again=st.booleans())
    def make_due(self, data: st.DataObject, again: bool) -> None:
        row = data.draw(st.sampled_from(self.model.rows))
        told = self.run(self.store.make_due(DeliveryId(row.number), self.now, again=again))
        assert told == row.state
        self.model.make_due(row, self.now, again=again)

    @precondition(lambda self: "sending" in [row.state for row in self.model.rows])
    @rule(wait=st.sampled_from(WAITS))
    def crash(self, wait: Ms) -> None:
        self.now += wait
        self.run(self.store.close())
        self.store = self.run(self.open_store())
        assert self.run(self.store.release_interrupted(self.now)) == self.model.release(self.now)

    @rule(endpoint=st.sampled_from(ENDPOINTS), paused=st.sampled_from([True, *[False] * 4]))
    def pause(self, endpoint: str, paused: bool) -> None:
        state: EndpointState = "paused" if paused else "active"
        self.run(self.store.set_endpoint_state(EndpointId(endpoint), state, "", self.now))
        (self.model.paused.add if paused else self.model.paused.discard)(endpoint)
        if not paused:
            self.model.held.pop(endpoint, None)

    @rule(endpoint=st.sampled_from(ENDPOINTS), hold=st.sampled_from([0, 1, WINDOW]))
    def hold(self, endpoint: str, hold: Ms) -> None:
        until = self.now + hold
        self.run(
            self.store.set_endpoint_health(
                EndpointId(endpoint), held_until=until, failing_since=self.now
            )
        )
        self.model.held[endpoint] = max(until, self.model.held.get(endpoint, 0))

    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def well_again(self, endpoint: str) -> None:
        self.run(
            self.store.set_endpoint_health(
                EndpointId(endpoint), held_until=None, failing_since=None
            )
        )
        self.model.held.pop(endpoint, None)

    @precondition(lambda self: len(self.batches) > 3)
    @rule(endpoint=st.sampled_from(ENDPOINTS))
    def apply_without(self, endpoint: str) -> None:
        number = self.run(self.store.stage_revision("", "ann", self.now))
        self.run(self.store.set_revision_live(number, self.now, [EndpointId(endpoint)]))
        self.model.cancel(endpoint)

    @rule()
    def look_at_attempts(self) -> None:
        listed = {
            (row.id, attempt.number)
            for row in self.run(self.store.deliveries(limit=10_000))
            for attempt in self.run(self.store.attempts(row.id))
        }
        assert listed == self.model.listed

    @invariant()
    def same_deliveries(self) -> None:
        rows = self.run(self.store.deliveries(limit=10_000))
        assert [
            (r.id, r.event, r.endpoint, r.state, r.sequence, r.attempts, r.due_at)
            for r in reversed(rows)
        ] == [
            (w.number, w.event, w.endpoint, w.state, w.sequence, w.attempts, w.due_at)
            for w in self.model.rows
        ]

    @invariant()
    def same_counts(self) -> None:
        states = [row.state for row in self.model.rows]
        counts = self.run(self.store.delivery_counts())
        assert {state: n for state, n in counts.items() if n} == {
            state: states.count(state) for state in set(states)
        }
        pending = [row.created_at for row in self.model.rows if row.state == "pending"]
        assert self.run(self.store.oldest_pending()) == min(pending, default=None)

    @invariant()
    def due_is_never_told_too_late(self) -> None:
        """`next_due` may name one that has no turn yet, but must not oversleep one that has."""
        told = self.run(self.store.next_due())
        ready = [
            max(row.due_at, self.model.held.get(row.endpoint, 0))
            for row in self.model.rows
            if row.state == "pending"
            and row.due_at is not None
            and row.endpoint not in self.model.paused
            and self.model.is_first(row)
        ]
        assert told == min(ready, default=None)


def sqlite_places(folder: Path) -> Iterator[OpenStore]:
    for number in count():
        yield partial(SqliteStore.open, folder / f"{number}.db")


def postgres_places(server: Cluster) -> Iterator[OpenStore]:
    """One database, emptied each time: making one takes far longer."""
    name = asyncio.run(server.create(asyncio.run(template(server))))
    while True:
        asyncio.run(empty(server, name))
        yield partial(PostgresStore.open, server.url(name))


async def empty(server: Cluster, name: str) -> None:
    tables = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition"
    schema = "relnamespace = 'hookswitch'::regnamespace AND relname <> 'schema_version'"
    found = [row["relname"] for row in await server.query(f"{tables} AND {schema}", name)]
    names = ", ".join(f"hookswitch.{table}" for table in found)
    await server.query(f"TRUNCATE {names} RESTART IDENTITY", name)


@pytest.mark.parametrize(("backend", "examples"), [("sqlite", 120), ("postgresql", 40)])
def test_any_history(
    backend: str, examples: int, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if backend == "sqlite":
        places = sqlite_places(tmp_path)
    else:
        places = postgres_places(request.getfixturevalue("postgres"))
    machine = type("OnBackend", (Histories,), {"places": places})
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
            report_multiple_bugs=False,
        ),
    )
