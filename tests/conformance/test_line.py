"""What the journal's reader relies on: a batch is there as a whole, once, and in order."""

import pytest
from msgspec.structs import replace
from store_builders import NODE, START, OpenStore, add, batch, call, event, names, take

from hookswitch.model.calls import Leg, User
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.ids import CallId, EndpointId, EventId, LegId
from hookswitch.model.journal import Cursor, JournalLine
from hookswitch.store.port import Store, StoreError

LINE = JournalLine(
    event="hs.webhook", at=START, uniqueid="u", linkedid="l", name='Ev\\"il', extra={"node": "ä"}
)
LEG = Leg(
    id=LegId("u.1"),
    user=User("Alice", "1001"),
    tried_at=START,
    via_queue="Sales",
    devices=("d1", "d2"),
    open_devices=frozenset({"d2"}),
    rang_at=START + 1,
)


async def test_a_new_node_begins_at_the_start(store: Store) -> None:
    state = await store.load_line(NODE)
    assert state.cursor == Cursor(0, 0)
    assert list(state.open_calls) == []


async def test_cursor_and_open_calls_come_back_as_they_were(open_store: OpenStore) -> None:
    talking = call("one", legs={LEG.id: LEG}, held=(LINE,), channels=frozenset({"u", "d1"}))
    over = call("two", ended_at=START + 5)
    first = await open_store()
    await first.commit(batch(120, calls=[talking, over]))
    await first.close()
    second = await open_store()
    state = await second.load_line(NODE)
    assert state.cursor == Cursor(1, 120)
    assert list(state.open_calls) == [talking]
    await second.close()


async def test_nodes_have_cursors_and_calls_of_their_own(store: Store) -> None:
    await store.commit(batch(10, node="n1", calls=[call("a")]))
    await store.commit(batch(20, node="n2", calls=[call("b")]))
    assert [c.id for c in (await store.load_line("n1")).open_calls] == ["a"]
    assert (await store.load_line("n1")).cursor.offset == 10
    assert [c.id for c in (await store.load_line("n2")).open_calls] == ["b"]
    assert (await store.load_line("n2")).cursor.offset == 20


async def test_a_call_changes_ends_and_may_be_forgotten(store: Store) -> None:
    await store.commit(batch(1, calls=[call("a"), call("b"), call("none")]))
    changed = call("a", dest_number="61300000000")
    await store.commit(batch(2, calls=[changed, call("b", ended_at=START)], forget=["none"]))
    assert list((await store.load_line(NODE)).open_calls) == [changed]
    assert {c.id for c in await store.calls()} == {"a", "b"}


async def test_the_same_batch_twice_is_the_same_as_once(store: Store) -> None:
    whole = batch(9, [event("e1"), event("e2")], ["crm", "desk"], calls=[call("c1")])
    await store.commit(whole)
    before = await store.deliveries()
    await store.commit(whole)
    assert await store.deliveries() == before
    assert [e.id for e in await store.events(CallId("c1"))] == ["e1", "e2"]
    assert (await store.load_line(NODE)).cursor.offset == 9


async def test_an_event_keeps_its_first_bytes_and_its_delivery_its_state(store: Store) -> None:
    await add(store, "e1")
    [claim] = await take(store)
    await store.commit(batch(2, [replace(event("e1"), body=b"{}", revision=7)]))
    assert [row.state for row in await store.deliveries()] == ["sending"]
    [kept] = await store.events(CallId("c1"))
    assert kept.body == claim.body == event("e1").body
    assert kept.revision == 1


async def test_a_batch_that_cannot_be_written_leaves_nothing(store: Store) -> None:
    lost = NewDelivery(event=EventId("nowhere"), endpoint=EndpointId("crm"), call=CallId("c1"))
    whole = batch(50, [event("e1")], calls=[call("c1")])
    with pytest.raises(StoreError):
        await store.commit(replace(whole, deliveries=[*whole.deliveries, lost]))
    assert (await store.load_line(NODE)).cursor == Cursor(0, 0)
    assert list(await store.events(CallId("c1"))) == []
    assert list(await store.deliveries()) == []
    assert list(await store.calls()) == []
    await store.commit(whole)
    assert names(await take(store)) == ["e1"]


async def test_sequences_count_per_call_and_endpoint_without_gaps(store: Store) -> None:
    await add(store, "a1", "a2", of="a", to=["crm", "desk"])
    await add(store, "b1", of="b")
    await add(store, "a3", of="a")
    await add(store, "a4", of="a", to=["crm", "desk"])
    given = {(d.event, d.endpoint): d.sequence for d in await store.deliveries()}
    assert given == {
        ("a1", "crm"): 1, ("a2", "crm"): 2, ("a3", "crm"): 3, ("a4", "crm"): 4,
        ("a1", "desk"): 1, ("a2", "desk"): 2, ("a4", "desk"): 3,
        ("b1", "crm"): 1,
    }  # fmt: skip


async def test_a_replay_in_another_cut_gives_no_new_numbers(store: Store) -> None:
    """A killed process reads the journal again, perhaps in other pieces."""
    await add(store, "e1", "e2")
    await add(store, "e2", "e3")
    await add(store, "e1", "e2", "e3", "e4")
    given = [(d.event, d.sequence) for d in reversed(await store.deliveries())]
    assert given == [("e1", 1), ("e2", 2), ("e3", 3), ("e4", 4)]


async def test_the_final_flag_reaches_the_claim(store: Store) -> None:
    whole = batch(1, [event("e1"), event("e2")])
    last = replace(whole.deliveries[1], final=True)
    await store.commit(replace(whole, deliveries=[whole.deliveries[0], last]))
    [first] = await take(store)
    assert (first.event, first.final) == ("e1", False)
    [second] = await take(store, START + 2000)
    assert (second.event, second.final) == ("e2", True)
