"""Many deliveries made again, and the events for those who fetch them."""

import asyncio

import pytest
from store_builders import START, OpenStore, add, batch, event, names, outcome, take

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import CallId, DeliveryId, EndpointId
from hookswitch.model.replay import Wish
from hookswitch.store.port import Store

LATER = START + 60_000
ALL: tuple[DeliveryState, ...] = ("failed", "delivered", "cancelled", "pending")


async def ended(store: Store, *ends: DeliveryState) -> None:
    """A delivery to crm and to desk that came to each end, in calls of their own."""
    for number, end in enumerate(ends):
        await add(store, f"e{number}", of=f"c{number}", to=["crm", "desk"])
        claims = await take(store)
        await store.record([outcome(claim, end) for claim in claims])  # type: ignore[arg-type]


async def run(store: Store, number: int, now: int = LATER) -> int:
    """Take every step, as the runner does; gives how many it took."""
    steps = 0
    while due := await store.replay_due(now + 1000 * steps):
        replay, found = due
        assert replay.id == number
        last = found[-1].id if len(found) == replay.rate else replay.upto
        assert await store.step_replay(replay, [c.id for c in found], 0, last, now + 1000 * steps)
        steps += 1
    return steps


@pytest.mark.parametrize(
    ("wish", "matched"),
    [
        (Wish(), {"crm": 2, "desk": 2}),
        (Wish(endpoint=EndpointId("crm")), {"crm": 2}),
        (Wish(call=CallId("c1")), {"crm": 1, "desk": 1}),
        (Wish(kind="voicemail"), {}),
        (Wish(states=ALL), {"crm": 3, "desk": 3}),
        (Wish(states=("delivered",), endpoint=EndpointId("desk")), {"desk": 1}),
        (Wish(since=START, until=START + 1), {"crm": 2, "desk": 2}),
        (Wish(until=START), {}),
        (Wish(since=START + 1), {}),
    ],
)
async def test_what_a_wish_finds(store: Store, wish: Wish, matched: dict[str, int]) -> None:
    await ended(store, "failed", "failed", "delivered")
    assert await store.matching(wish) == matched
    begun = await store.begin_replay(wish, 10, "ann", LATER)
    assert begun.matched == sum(matched.values())
    assert begun.wish == wish
    assert begun.state == ("running" if matched else "done")


async def test_a_replay_makes_due_what_it_finds(store: Store) -> None:
    await ended(store, "failed", "delivered", "failed")
    begun = await store.begin_replay(Wish(), 10, "ann", LATER)
    assert await store.replay_due(LATER - 1) is None
    assert await run(store, begun.id) == 1
    done = await store.replay(begun.id)
    assert done is not None
    assert (done.state, done.done, done.skipped, done.ended_at) == ("done", 4, 0, LATER)
    given = await take(store, LATER)
    assert sorted(names(given)) == ["e0", "e0", "e2", "e2"]
    assert {claim.attempt for claim in given} == {2}
    assert {claim.failures for claim in given} == {0}, "the ladder begins anew"


async def test_its_rate_bounds_each_step(store: Store) -> None:
    await ended(store, *["failed"] * 5)
    begun = await store.begin_replay(Wish(), 3, "ann", LATER)
    assert await run(store, begun.id) == 4
    done = await store.replay(begun.id)
    assert done is not None
    assert (done.state, done.done) == ("done", 10)


async def test_what_fails_again_is_not_taken_twice(store: Store) -> None:
    await ended(store, "failed", "failed")
    begun = await store.begin_replay(Wish(endpoint=EndpointId("crm")), 1, "ann", LATER)
    for number in range(2):
        due = await store.replay_due(LATER + number * 1000)
        assert due is not None
        replay, [found] = due
        await store.step_replay(replay, [found.id], 0, found.id, LATER + number * 1000)
        [claim] = await take(store, LATER + number * 1000)
        await store.record([outcome(claim, "failed")])
    done = await store.replay(begun.id)
    assert done is not None
    assert (done.state, done.done) == ("done", 2)


async def test_a_cancelled_one_stops_where_it_is(store: Store) -> None:
    await ended(store, "failed", "failed")
    begun = await store.begin_replay(Wish(), 1, "ann", LATER)
    due = await store.replay_due(LATER)
    assert due is not None
    replay, [found] = due
    assert await store.cancel_replay(begun.id, LATER + 1)
    assert not await store.cancel_replay(begun.id, LATER + 2)
    assert not await store.step_replay(replay, [found.id], 0, found.id, LATER)
    assert await take(store, LATER) == []
    row = await store.replay(begun.id)
    assert row is not None
    assert (row.state, row.done, row.ended_at) == ("cancelled", 0, LATER + 1)
    assert await store.replay_due(LATER * 2) is None
    assert not await store.cancel_replay(99, LATER)
    assert await store.replay(99) is None


async def test_a_step_is_taken_once(store: Store) -> None:
    """Two processes come to it at the same time."""
    await ended(store, "failed")
    await store.begin_replay(Wish(), 10, "ann", LATER)
    due = await store.replay_due(LATER)
    assert due is not None
    replay, found = due
    ids = [each.id for each in found]
    steps = [store.step_replay(replay, ids, 0, replay.upto, LATER) for _ in range(4)]
    assert sorted(await asyncio.gather(*steps)) == [False, False, False, True]


async def test_one_being_sent_is_left_alone(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    begun = await store.begin_replay(Wish(states=("failed",)), 10, "ann", LATER)
    assert begun.matched == 0
    await store.record([outcome(claim, "failed")])
    begun = await store.begin_replay(Wish(), 10, "ann", LATER)
    await store.make_due(claim.id, LATER)
    await take(store, LATER)
    due = await store.replay_due(LATER)
    assert due is not None
    await store.step_replay(begun, [DeliveryId(claim.id)], 0, begun.upto, LATER)
    [row] = await store.deliveries()
    assert (row.state, row.attempts) == ("sending", 2)


async def test_the_list_of_replays(store: Store) -> None:
    for by in ("ann", "bob"):
        await store.begin_replay(Wish(kind="voicemail"), 5, by, START)
    assert [(r.id, r.asked_by) for r in await store.replays()] == [(2, "bob"), (1, "ann")]
    assert [r.id for r in await store.replays(1)] == [2]


async def test_the_feed_gives_every_event_once_in_order(open_store: OpenStore) -> None:
    store = await open_store()
    made = [event(f"e{number}", at=START - number) for number in range(5)]
    for number, each in enumerate(made):
        await store.commit(batch(number, [each], to(number)))
    first = await store.feed(0, 3)
    assert [told.event for told in first] == made[:3]
    await store.commit(batch(9, made))
    await store.close()
    store = await open_store()
    rest = await store.feed(first[-1].position, 10)
    assert [told.event for told in rest] == made[3:], "those there already are not told anew"
    assert await store.feed(rest[-1].position, 10) == []
    await store.close()


def to(number: int) -> list[str]:
    """Also events that nobody has ticked are fed."""
    return ["crm"] if number % 2 else []
