"""Looking at one delivery, narrowing the list, and making one due again."""

from typing import Any

import pytest
from store_builders import START, add, batch, event, names, outcome, take

from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.store.port import Store
from hookswitch.store.rows import DeliveryFilter, DeliveryRow

LATER = START + 60_000


async def only(store: Store) -> DeliveryRow:
    (row,) = await store.deliveries()
    return row


async def ended(store: Store, state: DeliveryState) -> DeliveryRow:
    """One delivery that came to this end."""
    await add(store, "e1")
    if state == "cancelled":
        number = await store.stage_revision("{}", "ann", START)
        await store.set_revision_live(number, START, removed=[EndpointId("crm")])
    elif state == "sending":
        await take(store)
    elif state in {"delivered", "failed"}:
        (claim,) = await take(store)
        await store.record([outcome(claim, state)])  # type: ignore[arg-type]
    row = await only(store)
    assert row.state == state
    return row


async def test_one_delivery_and_its_event(store: Store) -> None:
    row = await ended(store, "delivered")
    assert await store.delivery(row.id) == row
    found = await store.event(row.event)
    assert found == event("e1")


async def test_what_is_not_there(store: Store) -> None:
    assert await store.delivery(DeliveryId(9)) is None
    assert await store.event(EventId("e9")) is None
    assert await store.make_due(DeliveryId(9), START, again=True) is None


async def test_the_list_is_narrowed_by_each_and_all(store: Store) -> None:
    mixed = [event("e1"), event("e2", type="voicemail"), event("e3", "c2", type="voicemail")]
    await store.commit(batch(1, mixed, ("crm", "helpdesk")))
    (claim, *_) = await take(store, first=1)
    await store.record([outcome(claim)])

    async def listed(*, limit: int = 100, **wanted: Any) -> list[tuple[str, str]]:
        rows = await store.deliveries(DeliveryFilter(**wanted), limit=limit)
        return [(row.event, row.endpoint) for row in rows]

    crm, voicemail = EndpointId("crm"), "voicemail"
    assert await listed(endpoint=crm) == [("e3", "crm"), ("e2", "crm"), ("e1", "crm")]
    assert await listed(kind=voicemail, endpoint=crm) == [("e3", "crm"), ("e2", "crm")]
    assert await listed(kind=voicemail, endpoint=crm, call=CallId("c1")) == [("e2", "crm")]
    assert await listed(kind=voicemail, limit=1) == [("e3", "helpdesk")]
    assert await listed(endpoint=crm, state="delivered", kind="user_inbound") == [("e1", "crm")]
    assert await listed(endpoint=crm, state="delivered", kind=voicemail) == []
    assert await listed(endpoint=EndpointId("other")) == []


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_one_that_ended_badly_is_due_again(store: Store, state: DeliveryState) -> None:
    row = await ended(store, state)
    assert await store.make_due(row.id, LATER) == state
    assert await take(store, LATER - 1) == []
    (claim,) = await take(store, LATER)
    assert (claim.event, claim.sequence, claim.failures) == (row.event, row.sequence, 0)
    assert claim.retry, "its call's order has passed it by"
    assert claim.attempt == row.attempts + 1
    assert claim.body == event("e1").body
    await store.record([outcome(claim)])
    assert (await only(store)).state == "delivered"


async def test_a_delivered_one_only_again(store: Store) -> None:
    row = await ended(store, "delivered")
    assert await store.make_due(row.id, LATER) == "delivered"
    assert await take(store, LATER) == []
    assert await store.make_due(row.id, LATER, again=True) == "delivered"
    assert names(await take(store, LATER)) == ["e1"]


async def test_one_under_way_is_left_alone(store: Store) -> None:
    row = await ended(store, "sending")
    assert await store.make_due(row.id, LATER, again=True) == "sending"
    assert await store.delivery(row.id) == row
    assert await take(store, LATER) == []


async def test_one_that_waits_for_its_retry_keeps_its_place_on_the_ladder(store: Store) -> None:
    await add(store, "e1")
    (claim,) = await take(store)
    await store.record([outcome(claim, "pending", due_at=START + 3_600_000)])
    assert await store.make_due(claim.id, LATER) == "pending"
    (again,) = await take(store, LATER)
    assert (again.attempt, again.failures) == (2, 1)


async def test_one_that_waits_for_its_turn_still_does(store: Store) -> None:
    await add(store, "e1", "e2")
    second = (await store.deliveries())[0]
    assert await store.make_due(second.id, START) == "pending"
    assert names(await take(store)) == ["e1"]


async def test_one_made_due_holds_no_other_back(store: Store) -> None:
    row = await ended(store, "failed")
    await add(store, "e2")
    await store.make_due(row.id, START)
    assert sorted(names(await take(store))) == ["e1", "e2"]


async def test_the_counts_follow(store: Store) -> None:
    row = await ended(store, "failed")
    await store.make_due(row.id, START)
    counts = await store.delivery_counts()
    assert (counts["failed"], counts["pending"]) == (0, 1)


async def test_an_old_attempt_cannot_settle_what_was_made_due(store: Store) -> None:
    """Cancelled under way, made due and taken again: the first attempt's failure comes late."""
    await add(store, "e1")
    (first,) = await take(store)
    number = await store.stage_revision("{}", "ann", START)
    await store.set_revision_live(number, START, removed=[EndpointId("crm")])
    await store.make_due(first.id, LATER)
    (second,) = await take(store, LATER)
    await store.record([outcome(first, "failed")])
    assert (await only(store)).state == "sending"
    await store.record([outcome(second)])
    assert (await only(store)).state == "delivered"
