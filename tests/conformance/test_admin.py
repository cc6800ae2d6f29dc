"""Revisions, run-time state of endpoints, and the lists of the API."""

import pytest
from store_builders import (
    START,
    OpenStore,
    add,
    batch,
    call,
    event,
    names,
    outcome,
    pause,
    resume,
    take,
)

from hookswitch.model.delivery import Backlog, EndpointRuntime
from hookswitch.model.ids import CallId, DeliveryId, EndpointId
from hookswitch.store.port import Store, StoreError
from hookswitch.store.rows import DeliveryFilter, RevisionRow


async def state_of(store: Store, number: int) -> str:
    row = await store.revision(number)
    assert row is not None
    return row.state


async def test_no_revision_yet(store: Store) -> None:
    assert await store.live_revision() is None
    assert await store.revision(1) is None


async def test_a_revision_is_staged_then_live_then_retired(store: Store) -> None:
    first = await store.stage_revision("hookswitch: 1\n", "ann", START)
    assert await state_of(store, first) == "staged"
    assert await store.live_revision() is None
    await store.set_revision_live(first, START + 1)
    second = await store.stage_revision("hookswitch: 1 # é\n", "bob", START + 2)
    assert await state_of(store, first) == "live"
    await store.set_revision_live(second, START + 3)
    assert await state_of(store, first) == "retired"
    assert await store.live_revision() == RevisionRow(
        number=second,
        document="hookswitch: 1 # é\n",
        applied_at=START + 3,
        applied_by="bob",
        state="live",
    )


async def test_a_failed_revision_leaves_the_live_one(store: Store) -> None:
    first = await store.stage_revision("a", "ann", START)
    await store.set_revision_live(first, START)
    second = await store.stage_revision("b", "ann", START)
    await store.set_revision_failed(second, START)
    assert (await state_of(store, first), await state_of(store, second)) == ("live", "failed")


async def test_numbers_are_never_used_again(open_store: OpenStore) -> None:
    given = []
    for _ in range(3):
        store = await open_store()
        for end in (store.set_revision_failed, store.set_revision_live):
            number = await store.stage_revision("a", "ann", START)
            await end(number, START)
            given.append(number)
        await store.close()
    assert given == sorted(set(given))


async def test_deliveries_of_removed_endpoints_are_cancelled(store: Store) -> None:
    await add(store, "e1", "e2", of="a", to=["gone", "kept"])
    done = next(claim for claim in await take(store) if claim.endpoint == "gone")
    await store.record([outcome(done)])
    number = await store.stage_revision("a", "ann", START)
    await store.set_revision_live(number, START, [EndpointId("gone"), EndpointId("never")])
    rows = {(row.endpoint, row.event): row for row in await store.deliveries()}
    assert rows["gone", "e1"].state == "delivered"
    assert (rows["gone", "e2"].state, rows["gone", "e2"].due_at) == ("cancelled", None)
    assert {rows["kept", name].state for name in ("e1", "e2")} == {"sending", "pending"}


async def test_an_endpoint_that_comes_back_goes_on(store: Store) -> None:
    """Its cancelled deliveries hold nothing up, and the numbers of a call go on."""
    await add(store, "e1", "e2")
    await store.set_revision_live(1, START, [EndpointId("crm")])
    await add(store, "e3", "e4")
    [claim] = await take(store)
    assert (claim.event, claim.sequence) == ("e3", 3)


async def test_endpoint_runtime_survives_a_restart_and_an_apply(open_store: OpenStore) -> None:
    first = await open_store()
    await pause(first, "crm", START + 3)
    await first.set_endpoint_health(EndpointId("desk"), held_until=START + 9, failing_since=START)
    number = await first.stage_revision("a", "ann", START)
    await first.set_revision_live(number, START)
    await first.close()
    second = await open_store()
    assert list(await second.endpoint_runtime()) == [
        EndpointRuntime(
            endpoint=EndpointId("crm"), state="paused", reason="by hand", changed_at=START + 3
        ),
        EndpointRuntime(endpoint=EndpointId("desk"), held_until=START + 9, failing_since=START),
    ]
    await second.close()


async def test_health_and_state_of_an_endpoint_are_set_apart(store: Store) -> None:
    crm = EndpointId("crm")
    await store.set_endpoint_health(crm, held_until=START + 9, failing_since=START)
    await pause(store, "crm", START + 1)
    [runtime] = await store.endpoint_runtime()
    assert (runtime.state, runtime.failing_since) == ("paused", START)
    await store.set_endpoint_health(crm, held_until=None, failing_since=None)
    [runtime] = await store.endpoint_runtime()
    assert (runtime.state, runtime.reason, runtime.held_until) == ("paused", "by hand", None)
    await resume(store, "crm", START + 2)
    [runtime] = await store.endpoint_runtime()
    assert runtime == EndpointRuntime(endpoint=crm, changed_at=START + 2)


async def test_the_backlog_by_endpoint(store: Store) -> None:
    assert await store.backlog() == []
    await add(store, "a1", "a2", of="a", to=["crm", "desk"])
    await store.commit(batch(2, [event("b1", "b")], ["desk"], at=START + 9))
    [claim, *_] = await take(store, first=1)
    await store.record([outcome(claim)])
    assert list(await store.backlog()) == [
        Backlog(endpoint=EndpointId("crm"), pending=1, oldest=START),
        Backlog(endpoint=EndpointId("desk"), pending=3, oldest=START),
    ]


async def test_lists_of_deliveries(store: Store) -> None:
    await add(store, "a1", "a2", of="a")
    await add(store, "b1", "b2", of="b", to=["desk"])
    claims = await take(store)
    await store.record([outcome(claims[0]), outcome(claims[1], "failed")])

    async def listed(
        limit: int = 100, before: DeliveryId | None = None, **wanted: object
    ) -> list[str]:
        narrowed = DeliveryFilter(**wanted)  # type: ignore[arg-type]
        rows = await store.deliveries(narrowed, before=before, limit=limit)
        return [row.event for row in rows]

    assert await listed() == ["b2", "b1", "a2", "a1"], "newest first"
    assert await listed(limit=3) == ["b2", "b1", "a2"]
    assert await listed(call=CallId("a")) == ["a2", "a1"]
    assert await listed(call=CallId("a"), state="pending") == ["a2"]
    assert await listed(state="pending") == ["b2", "a2"]
    assert await listed(state="pending", limit=1) == ["b2"]
    assert await listed(state="delivered") == ["a1"]
    assert await listed(state="failed") == ["b1"]
    assert await listed(state="cancelled") == await listed(state="sending") == []
    assert await listed(call=CallId("unknown")) == []
    ids = [row.id for row in await store.deliveries()]
    assert await listed(before=ids[1]) == ["a2", "a1"]
    assert await listed(before=ids[-1]) == []
    assert await listed(endpoint=EndpointId("desk")) == ["b2", "b1"]
    assert await listed(endpoint=EndpointId("desk"), before=ids[0]) == ["b1"]
    assert await listed(kind="user_inbound", limit=1) == ["b2"]
    assert await listed(kind="queue_call") == []
    assert await listed(since=START, until=START + 1) == ["b2", "b1", "a2", "a1"]
    assert await listed(since=START + 1) == await listed(until=START) == []


async def test_a_row_shows_the_delivery_and_its_last_attempt(store: Store) -> None:
    await add(store, "e1")
    [row] = await store.deliveries()
    assert (row.type, row.call, row.endpoint, row.sequence) == ("user_inbound", "c1", "crm", 1)
    assert (row.attempts, row.due_at, row.created_at) == (0, START, START)
    assert (row.last_status, row.last_error) == (None, None)
    [claim] = await take(store)
    await store.record([outcome(claim, "pending", due_at=START + 7)])
    [row] = await store.deliveries()
    assert (row.attempts, row.due_at, row.last_status, row.last_error) == (
        1, START + 7, 500, "status",
    )  # fmt: skip


async def test_lists_of_calls_and_events(store: Store) -> None:
    newest = call("n", started_at=START + 9)
    await store.commit(batch(1, calls=[call("o"), newest]))
    assert [c.id for c in await store.calls()] == ["n", "o"]
    assert list(await store.calls(limit=1)) == [newest]
    later = event("e1", at=START + 50)
    earlier = event("e2", endpoint=EndpointId("object:missed"))
    await store.commit(batch(2, [later, earlier, event("x", "other")], ()))
    assert list(await store.events(CallId("c1"))) == [earlier, later]
    assert list(await store.attempts(DeliveryId(404))) == []


async def test_a_closed_store_refuses_work(open_store: OpenStore) -> None:
    store = await open_store()
    await add(store, "e1")
    await store.close()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await add(store, "e2")
    with pytest.raises(StoreError, match="closed"):
        await store.next_due()
    again = await open_store()
    assert names(await take(again)) == ["e1"]
    await again.close()
