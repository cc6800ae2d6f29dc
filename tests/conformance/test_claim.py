"""Who is given out when: order within a call, room at an endpoint, turns between endpoints."""

import asyncio

import pytest
from store_builders import START, WINDOW, add, batch, event, names, outcome, take

from hookswitch.model.delivery import Claim, EndpointRuntime
from hookswitch.model.ids import EndpointId
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
        )
    ]
    assert await take(store) == []


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
    first = await take(store, per_endpoint=3)
    assert names(first) == ["e0", "e0", "e1", "e1", "e2", "e2"]
    assert await take(store, per_endpoint=3) == []
    await store.record([outcome(claim) for claim in first if claim.endpoint == "crm"][:2])
    assert [(c.event, c.endpoint) for c in await take(store, per_endpoint=3)] == [
        ("e3", "crm"),
        ("e4", "crm"),
    ]
    assert {(c.event, c.endpoint) for c in await take(store, per_endpoint=4)} == {
        ("e5", "crm"),
        ("e3", "desk"),
    }


async def test_turns_between_endpoints(store: Store) -> None:
    for number in range(30):
        await add(store, f"old{number:02}", of=f"c{number}", to=["stuck"])
    late = [event(f"new{number}", f"d{number}") for number in range(3)]
    await store.commit(batch(1, late, at=START + 1000))
    given = await take(store, START + 1000, limit=5)
    assert sorted(names(given)) == ["new0", "new1", "old00", "old01", "old02"]
    assert names(await take(store, START + 1000, limit=1)) == ["new2"], "it has fewest in flight"


async def test_oldest_first_within_an_endpoint(store: Store) -> None:
    await add(store, "e1", of="a")
    [first] = await take(store)
    await store.record([outcome(first, "pending", due_at=START + 50)])
    for number, at in enumerate((START + 60, START + 40)):
        await store.commit(batch(1, [event(f"n{number}", f"d{number}")], at=at))
    assert names(await take(store, START + 100, limit=2)) == ["n1", "e1"]


async def test_disabled_endpoints_keep_theirs(store: Store) -> None:
    await add(store, "e1", to=["crm", "desk"])
    await store.set_endpoint_disabled(
        EndpointRuntime(endpoint=EndpointId("crm"), disabled=True, reason="by hand")
    )
    assert [c.endpoint for c in await take(store)] == ["desk"]
    assert await store.next_due() is None
    await store.set_endpoint_disabled(EndpointRuntime(endpoint=EndpointId("crm")))
    assert await store.next_due() == START
    assert [c.endpoint for c in await take(store)] == ["crm"]


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
    claims = await asyncio.gather(*(take(store, limit=7, per_endpoint=100) for _ in range(10)))
    given = [name for each in claims for name in names(each)]
    assert sorted(given) == sorted(f"e{number}" for number in range(40))
