"""What becomes of an attempt, whatever happened to its delivery meanwhile."""

from typing import Literal

import pytest
from msgspec.structs import replace
from store_builders import START, WINDOW, OpenStore, add, names, outcome, take

from hookswitch.model.delivery import Attempt, DeliveryState
from hookswitch.model.ids import EndpointId
from hookswitch.store.port import Store
from hookswitch.store.rows import DeliveryRow

End = Literal["delivered", "pending", "failed", "cancelled"]


async def only(store: Store) -> DeliveryRow:
    [row] = await store.deliveries()
    return row


@pytest.mark.parametrize("state", ["delivered", "pending", "failed", "cancelled"])
async def test_each_outcome(store: Store, state: End) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    due_at = START + 5000 if state == "pending" else None
    done = outcome(claim, state, due_at=due_at, response=b"\x00\xff body")
    await store.record([done])
    row = await only(store)
    assert (row.state, row.attempts, row.due_at) == (state, 1, due_at)
    assert (row.last_status, row.last_error) == (done.attempt.status, done.attempt.error)
    assert list(await store.attempts(claim.id)) == [done.attempt]
    assert (await store.delivery_counts())[state] == 1


async def test_a_retry_knows_its_number_and_its_failures(store: Store) -> None:
    await add(store, "e1")
    for number in (1, 2, 3):
        [claim] = await take(store)
        assert (claim.attempt, claim.failures) == (number, number - 1)
        await store.record([outcome(claim, "pending", due_at=START)])
    assert [attempt.number for attempt in await store.attempts(claim.id)] == [1, 2, 3]


async def test_sixteen_kilobytes_of_an_answer_are_kept(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    answer = bytes(range(256)) * 64
    await store.record([outcome(claim, response=answer)])
    [attempt] = await store.attempts(claim.id)
    assert len(attempt.response) == 16 * 1024
    assert attempt.response == answer


async def test_recording_an_outcome_twice_is_the_same_as_once(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    failed = outcome(claim, "pending", due_at=START)
    await store.record([failed])
    await store.record([failed])
    [again] = await take(store)
    assert (again.attempt, again.failures) == (2, 1)
    await store.record([failed])
    assert (await only(store)).state == "sending", "an outcome of attempt 1 does not end attempt 2"
    assert len(await store.attempts(claim.id)) == 1


async def test_what_was_delivered_stays_so(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    await store.record([outcome(claim)])
    await store.record([outcome(claim, "pending", due_at=START)])
    assert (await only(store)).state == "delivered"
    assert await take(store) == []


async def test_cancelled_stays_cancelled(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    await store.set_revision_live(1, START, [EndpointId("crm")])
    await store.record([outcome(claim, "pending", due_at=START + 5000)])
    row = await only(store)
    assert (row.state, row.due_at) == ("cancelled", None)
    assert len(await store.attempts(claim.id)) == 1, "the attempt is still listed"
    assert await take(store, START + 10_000) == []


async def test_cancelled_but_delivered_is_delivered(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    await store.set_revision_live(1, START, [EndpointId("crm")])
    await store.record([outcome(claim)])
    assert (await only(store)).state == "delivered"
    assert (await store.delivery_counts())["cancelled"] == 0


async def test_gone_disables_the_endpoint(store: Store) -> None:
    await add(store, "e1", "e2", of="a")
    [claim] = await take(store)
    await store.record([outcome(claim, "pending", due_at=START, disable=True)])
    [runtime] = await store.endpoint_runtime()
    assert (runtime.endpoint, runtime.state) == ("crm", "disabled")
    assert runtime.changed_at == START + 12
    assert "410" in runtime.reason
    assert await take(store) == []


async def test_interrupted_attempts_are_given_back(open_store: OpenStore) -> None:
    first = await open_store()
    await add(first, "e1", "e2", of="a", to=["crm", "desk"])
    [one, other] = await take(first)
    await first.record([outcome(other)])
    await first.close()

    second = await open_store()
    assert await second.release_interrupted(START + 900) == 1
    assert await second.release_interrupted(START + 900) == 0
    assert list(await second.attempts(one.id)) == [
        Attempt(
            number=1,
            started_at=START,
            duration_ms=0,
            error="interrupted",
            detail="our process ended during this attempt",
        )
    ]
    given = {(c.event, c.endpoint, c.attempt, c.failures) for c in await take(second, START + 900)}
    assert given == {("e1", one.endpoint, 2, 0), ("e2", other.endpoint, 1, 0)}
    await second.close()


async def test_an_interrupted_first_attempt_has_its_place_in_front_again(store: Store) -> None:
    await add(store, "e1", "e2", "e3", "e4")
    [_one] = await take(store)
    [two] = await take(store, START + WINDOW)
    assert await store.release_interrupted(START + WINDOW) == 2
    now = START + WINDOW
    [again] = await take(store, now)
    assert (again.event, again.attempt) == ("e1", 2)
    await store.record([outcome(again)])
    [again] = await take(store, now)
    assert (again.event, again.id) == ("e2", two.id)
    await store.record([outcome(again)])
    assert names(await take(store, now)) == ["e3"]


async def test_an_interrupted_one_holds_those_that_come_later(store: Store) -> None:
    await add(store, "e1", "e2")
    [_one] = await take(store)
    [two] = await take(store, START + WINDOW)
    await store.record([outcome(two)])
    await store.release_interrupted(START + WINDOW)
    await add(store, "e3")
    assert names(await take(store, START + WINDOW)) == ["e1"]
    assert await take(store, START + WINDOW) == []
    assert names(await take(store, START + 2 * WINDOW)) == ["e3"]


async def test_an_interrupted_retry_does_not_hold_the_others(store: Store) -> None:
    await add(store, "e1", "e2")
    [one] = await take(store)
    await store.record([outcome(one, "pending", due_at=START)])
    assert sorted(names(await take(store))) == ["e1", "e2"]
    await store.release_interrupted(START)
    assert sorted(names(await take(store))) == ["e1", "e2"]


async def test_a_late_outcome_of_an_interrupted_attempt(store: Store) -> None:
    """Two processes on one store: the first was taken for dead."""
    await add(store, "e1")
    [claim] = await take(store)
    await store.release_interrupted(START)
    await store.record([outcome(claim, "failed")])
    assert (await only(store)).state == "pending"
    await store.record([outcome(claim)])
    assert (await only(store)).state == "delivered"


async def test_a_late_outcome_lets_the_next_one_go(store: Store) -> None:
    await add(store, "e1", "e2")
    [claim] = await take(store)
    await store.release_interrupted(START)
    await store.record([outcome(claim)])
    assert names(await take(store)) == ["e2"]


async def test_counts_follow_every_move(store: Store) -> None:
    async def counts() -> dict[DeliveryState, int]:
        return {state: n for state, n in (await store.delivery_counts()).items() if n}

    assert await counts() == {}
    await add(store, *"abcde", of="x")
    for name in "pqr":
        await add(store, name, of=name, to=["desk"])
    assert await counts() == {"pending": 8}
    claims = await take(store)
    assert await counts() == {"pending": 4, "sending": 4}
    await store.record([outcome(claims[0]), outcome(claims[1], "failed")])
    assert await counts() == {"pending": 4, "sending": 2, "delivered": 1, "failed": 1}
    await store.set_revision_live(1, START, [EndpointId("desk"), EndpointId("crm")])
    assert await counts() == {"cancelled": 6, "delivered": 1, "failed": 1}
    await store.record([outcome(claim) for claim in claims[2:]])
    assert await counts() == {"cancelled": 4, "delivered": 3, "failed": 1}


async def test_oldest_pending(store: Store) -> None:
    assert await store.oldest_pending() is None
    await add(store, "e1", of="a", to=["crm"])
    await add(store, "e2", of="b", to=["desk"])
    claims = await take(store)
    assert await store.oldest_pending() is None
    late = replace(outcome(claims[1], "pending", due_at=START + 9000))
    await store.record([outcome(claims[0]), late])
    assert await store.oldest_pending() == START, "its age is that of the event, not of the retry"
