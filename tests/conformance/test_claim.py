"""Who is given out when: order within a call, room at an endpoint, turns between endpoints."""

import asyncio

import pytest
from store_builders import (
    START,
    WINDOW,
    OpenStore,
    add,
    batch,
    event,
    names,
    outcome,
    pause,
    resume,
    take,
)

from hookswitch.model.delivery import Claim, EndpointRuntime, Room
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.store.port import Store


async def test_a_claim_carries_what_the_request_needs(store: Store) -> None:
    one = event("e1", "call-1", type="webhook_component_event", revision=4)
    await store.commit(batch(1, [one], ["object:missed"]))
    [row] = await store.deliveries()
    assert await take(store) == [
        Claim(
            id=row.id,
            event=one.id,
            type="webhook_component_event",
            call=one.call,
            revision=4,
            endpoint=EndpointId("object:missed"),
            body=one.body,
            attempt=1,
            failures=0,
            sequence=1,
            created_at=START,
        )
    ]
    assert await take(store) == []


async def test_a_claim_carries_what_goes_into_headers(store: Store) -> None:
    joined = event("e1", "call-2", linked_call=CallId("call-1"), client_ref="order 12; ä")
    await store.commit(batch(1, [joined, event("e2", "call-3")]))
    claims = {claim.event: (claim.linked_call, claim.client_ref) for claim in await take(store)}
    assert claims == {"e1": ("call-1", "order 12; ä"), "e2": (None, None)}
    assert await store.events(CallId("call-2")) == [joined]
    assert await store.event(EventId("e1")) == joined


async def test_nothing_is_given_before_it_is_due(store: Store) -> None:
    await add(store, "e1")
    assert await take(store, START - 1) == []
    assert names(await take(store, START)) == ["e1"]


async def test_one_first_attempt_at_a_time_per_call_and_endpoint(store: Store) -> None:
    await add(store, "a1", "a2", of="a", to=["crm", "desk"])
    await add(store, "b1", "b2", of="b")
    given = {(c.call, c.endpoint, c.event) for c in await take(store)}
    assert given == {("a", "crm", "a1"), ("a", "desk", "a1"), ("b", "crm", "b1")}


@pytest.mark.parametrize("state", ["delivered", "pending", "failed", "cancelled"])
async def test_the_next_goes_when_the_one_before_has_ended(store: Store, state: str) -> None:
    await add(store, "e1", "e2", "e3")
    [first] = await take(store)
    due_at = START + 5000 if state == "pending" else None
    await store.record([outcome(first, state, due_at=due_at)])  # type: ignore[arg-type]
    assert names(await take(store)) == ["e2"]


async def test_the_next_goes_when_the_window_is_over(store: Store) -> None:
    await add(store, "e1", "e2", "e3", "e4")
    assert names(await take(store)) == ["e1"]
    assert names(await take(store, START + WINDOW - 1)) == []
    assert names(await take(store, START + WINDOW)) == ["e2"]
    assert names(await take(store, START + 2 * WINDOW - 1)) == []
    assert names(await take(store, START + 2 * WINDOW)) == ["e3"]


async def test_an_early_end_does_not_shorten_the_window_of_another(store: Store) -> None:
    await add(store, "e1", "e2", "e3")
    [first] = await take(store)
    [_second] = await take(store, START + WINDOW)
    await store.record([outcome(first)])
    assert await take(store, START + WINDOW + 1) == []
    assert names(await take(store, START + 2 * WINDOW)) == ["e3"]


async def test_a_delivery_that_comes_later_waits_its_turn(store: Store) -> None:
    await add(store, "e1")
    [first] = await take(store)
    await add(store, "e2")
    assert await take(store) == []
    await store.record([outcome(first)])
    assert names(await take(store)) == ["e2"]


async def test_retries_are_not_bound_by_the_order(store: Store) -> None:
    await add(store, "e1", "e2", "e3")
    [first] = await take(store)
    await store.record([outcome(first, "pending", due_at=START)])
    assert sorted(names(await take(store))) == ["e1", "e2"]
    assert await take(store) == []


async def test_an_endpoint_is_given_no_more_than_it_has_room_for(store: Store) -> None:
    for number in range(9):
        await add(store, f"e{number}", of=f"c{number}", to=["crm", "desk"])
    first = await take(store, each=Room(3, 0))
    assert names(first) == ["e0", "e0", "e1", "e1", "e2", "e2"]
    rooms = {"crm": Room(2, 0, 1), "desk": Room(0, 0, 3)}
    assert [(c.event, c.endpoint) for c in await take(store, rooms=rooms)] == [
        ("e3", "crm"),
        ("e4", "crm"),
    ]
    assert {(c.event, c.endpoint) for c in await take(store, each=Room(1, 0))} == {
        ("e5", "crm"),
        ("e3", "desk"),
    }


async def test_retries_have_room_of_their_own(store: Store) -> None:
    for number in range(6):
        await add(store, f"e{number}", of=f"c{number}")
    failed = await take(store, first=3)
    await store.record([outcome(claim, "pending", due_at=START) for claim in failed])
    again = await take(store, first=0, retry=2)
    assert [(claim.event, claim.retry) for claim in again] == [("e0", True), ("e1", True)]
    assert names(await take(store, first=2, retry=0)) == ["e3", "e4"]
    assert await take(store, each=Room(0, 0)) == []
    assert names(await take(store, rooms={"crm": Room(9, 9)})) == ["e5", "e2"]


async def test_turns_between_endpoints(store: Store) -> None:
    for number in range(30):
        await add(store, f"old{number:02}", of=f"c{number}", to=["stuck"])
    late = [event(f"new{number}", f"d{number}") for number in range(3)]
    await store.commit(batch(1, late, at=START + 1000))
    given = await take(store, START + 1000, first=5)
    assert sorted(names(given)) == ["new0", "new1", "old00", "old01", "old02"]
    rooms = {"stuck": Room(7, 0, 3), "crm": Room(8, 0, 2)}
    given = await take(store, START + 1000, first=1, rooms=rooms)
    assert names(given) == ["new2"], "it has fewest in flight"


async def test_turns_between_retries(store: Store) -> None:
    for number in range(4):
        await add(store, f"old{number}", of=f"c{number}", to=["stuck"])
    await add(store, "new", of="d")
    failed = await take(store)
    due = [START + (50 if claim.event == "new" else 10) for claim in failed]
    pairs = zip(failed, due, strict=True)
    await store.record([outcome(claim, "pending", due_at=at) for claim, at in pairs])
    assert sorted(names(await take(store, START + 50, retry=2))) == ["new", "old0"]


async def test_oldest_first_within_an_endpoint(store: Store) -> None:
    await add(store, "e1", of="a")
    [first] = await take(store)
    await store.record([outcome(first, "pending", due_at=START + 50)])
    for number, at in enumerate((START + 60, START + 40)):
        await store.commit(batch(1, [event(f"n{number}", f"d{number}")], at=at))
    assert names(await take(store, START + 100)) == ["n1", "n0", "e1"], "first attempts first"


async def test_only_active_endpoints_are_given_theirs(store: Store) -> None:
    await add(store, "e1", to=["crm", "desk", "gone"])
    await pause(store, "crm")
    await store.set_endpoint_state(EndpointId("gone"), "disabled", "410", START)
    assert [c.endpoint for c in await take(store)] == ["desk"]
    assert await store.next_due() is None
    await resume(store, "crm")
    assert await store.next_due() == START
    assert [c.endpoint for c in await take(store)] == ["crm"]


async def test_a_held_endpoint_keeps_its_own_until_then(store: Store) -> None:
    await add(store, "e1", to=["crm", "desk"])
    crm, until = EndpointId("crm"), START + 500
    await store.set_endpoint_health(crm, held_until=until, failing_since=START)
    assert [c.endpoint for c in await take(store)] == ["desk"]
    assert await store.next_due() == until
    assert await take(store, until - 1) == []
    assert [c.endpoint for c in await take(store, until)] == ["crm"]


async def test_the_end_of_a_hold_is_told(store: Store) -> None:
    await add(store, "e1")
    crm = EndpointId("crm")
    await store.set_endpoint_health(crm, held_until=START + 500, failing_since=START)
    await store.set_endpoint_health(crm, held_until=None, failing_since=None)
    assert list(await store.endpoint_runtime()) == [EndpointRuntime(endpoint=crm)]
    assert names(await take(store)) == ["e1"]


async def test_after_a_hold_one_probe_goes_whoever_asks(open_store: OpenStore) -> None:
    one, other = await open_store(), await open_store()
    crm, until = EndpointId("crm"), START + 500
    for number in range(3):
        await add(one, f"e{number}", of=f"c{number}")
    [first] = await take(one, first=1)
    await one.record([outcome(first, "pending", due_at=START + 1)])
    await one.set_endpoint_health(crm, held_until=until, failing_since=START)
    [probe] = await take(one, until)
    assert probe.event == "e1", "a first attempt, and no retry beside it"
    assert await take(one, until) == await take(other, until) == []
    await one.record([outcome(probe, "delivered")])
    await one.set_endpoint_health(crm, held_until=None, failing_since=None)
    assert names(await take(other, until)) == ["e2", "e0"]
    await one.close()
    await other.close()


async def test_a_failure_elsewhere_does_not_end_a_hold(store: Store) -> None:
    crm, until = EndpointId("crm"), START + 500
    await store.set_endpoint_health(crm, held_until=until, failing_since=START)
    await store.set_endpoint_health(crm, held_until=None, failing_since=START + 7)
    await store.set_endpoint_health(crm, held_until=until - 9, failing_since=START + 8)
    assert list(await store.endpoint_runtime()) == [
        EndpointRuntime(endpoint=crm, held_until=until, failing_since=START)
    ]


async def test_a_strict_endpoint_waits_until_the_one_before_is_done(store: Store) -> None:
    await add(store, "a1", "a2", to=["crm", "desk"])
    await add(store, "b1", of="b")
    strict = {"crm": 60_000}
    given = {(c.endpoint, c.event): c for c in await take(store, strict=strict)}
    assert set(given) == {("crm", "a1"), ("desk", "a1"), ("crm", "b1")}
    later = START + WINDOW
    assert {c.endpoint for c in await take(store, later, strict=strict)} == {"desk"}
    first = given["crm", "a1"]
    await store.record([outcome(first, "pending", due_at=later + 1)])
    assert await take(store, later, strict=strict) == [], "it waits for its retry too"
    [again] = await take(store, later + 1, strict=strict)
    assert (again.event, again.attempt) == ("a1", 2)
    await store.record([outcome(again)])
    assert names(await take(store, later + 1, strict=strict)) == ["a2"]


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_a_strict_endpoint_goes_on_after_one_that_never_arrives(
    store: Store, state: str
) -> None:
    await add(store, "e1", "e2")
    strict = {"crm": 60_000}
    [first] = await take(store, strict=strict)
    await store.record([outcome(first, state)])  # type: ignore[arg-type]
    assert names(await take(store, strict=strict)) == ["e2"]


async def test_a_strict_endpoint_waits_no_longer_than_its_limit(store: Store) -> None:
    await add(store, "e1", "e2")
    strict = {"crm": 60_000}
    [first] = await take(store, strict=strict)
    await store.record([outcome(first, "pending", due_at=START + 999_999)])
    assert await take(store, START + 59_999, strict=strict) == []
    assert names(await take(store, START + 60_000, strict=strict)) == ["e2"]


async def test_what_was_not_sent_is_given_back(store: Store) -> None:
    await add(store, "e1", "e2", "e3")
    [first] = await take(store)
    [second] = await take(store, START + WINDOW)
    await store.give_back([second, first])
    rows = await store.deliveries()
    assert {(row.state, row.attempts, row.due_at) for row in rows} == {("pending", 0, START)}
    assert await store.attempts(first.id) == []
    assert await take(store) == [first], "in its old place, with its old number"
    await store.record([outcome(first)])
    assert names(await take(store)) == ["e2"]


async def test_a_retry_is_given_back(store: Store) -> None:
    await add(store, "e1")
    [first] = await take(store)
    await store.record([outcome(first, "pending", due_at=START + 5)])
    [again] = await take(store, START + 5)
    await store.give_back([again, again])
    assert await take(store, START + 4) == []
    assert await take(store, START + 5) == [again]


async def test_what_has_moved_on_is_not_given_back(store: Store) -> None:
    await add(store, "e1", "e2", of="a", to=["crm", "desk"])
    [one, other] = await take(store)
    await store.record([outcome(one)])
    await store.release_interrupted(START)
    await store.give_back([one, other])
    states = {(row.event, row.endpoint): (row.state, row.attempts)
              for row in await store.deliveries()}  # fmt: skip
    assert states["e1", one.endpoint] == ("delivered", 1)
    assert states["e1", other.endpoint] == ("pending", 1)


async def test_next_due(store: Store) -> None:
    assert await store.next_due() is None
    await add(store, "e1", of="a")
    assert await store.next_due() == START
    [first] = await take(store)
    assert await store.next_due() is None
    await store.record([outcome(first, "pending", due_at=START + 70)])
    await store.commit(batch(2, [event("e2", "b")], ["desk"], at=START + 60))
    assert await store.next_due() == START + 60


async def test_claims_side_by_side_give_nothing_twice(store: Store) -> None:
    for number in range(40):
        await add(store, f"e{number}", of=f"c{number}")
    claims = await asyncio.gather(*(take(store, first=7) for _ in range(10)))
    given = [name for each in claims for name in names(each)]
    assert sorted(given) == sorted(f"e{number}" for number in range(40))
