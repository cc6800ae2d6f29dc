"""Calls found by number, user, outcome and time, page by page."""

import msgspec
import pytest
from store_builders import START, batch, call

from hookswitch.model.calls import CallState, Leg, Outgoing, Party, User
from hookswitch.model.ids import CallId, LegId
from hookswitch.store import searching
from hookswitch.store.port import Store
from hookswitch.store.rows import CallFilter

ALICE, BOB = User("Alice", "1001"), User("Bob", "1002")


def leg(user: User, answered_at: int | None = None) -> dict[LegId, Leg]:
    name = LegId(f"leg {user.extension}")
    return {name: Leg(id=name, user=user, tried_at=START, answered_at=answered_at)}


def made(number: int, **more: object) -> CallState:
    base = msgspec.structs.replace(
        call(f"c{number}"),
        started_at=START + number,
        caller=Party("+61400000001", "Jane"),
        dest_number="61300000000",
        arrived=True,
        ended_at=START + 100,
    )
    return msgspec.structs.replace(base, **more)  # type: ignore[arg-type]


async def fill(store: Store) -> None:
    calls = [
        made(1, legs=leg(ALICE, START + 5)),
        made(2, legs=leg(ALICE) | leg(BOB)),
        made(3, caller=Party("61400000002"), ended_at=None, legs=leg(BOB)),
        made(
            4,
            caller=Party("1001"),
            dest_number="0299999999",
            outgoing=Outgoing(
                user=ALICE, channel="x", caller_id="", called_at=START, answered_at=START
            ),
        ),
    ]
    await store.commit(
        batch(1, calls=[msgspec.structs.replace(c, legs={}, ended_at=None) for c in calls])
    )
    await store.commit(batch(1, calls=calls))


async def test_calls_are_found_by_what_people_look_for(store: Store) -> None:
    await fill(store)

    async def found(**wanted: object) -> str:
        rows = await store.calls(CallFilter(**wanted))  # type: ignore[arg-type]
        return " ".join(row.id for row in rows)

    assert await found() == "c4 c3 c2 c1"
    assert await found(number="61400000001") == await found(number="+61400000001") == "c2 c1"
    assert await found(number="61300000000") == "c3 c2 c1"
    assert await found(number="6140*") == "c3 c2 c1"
    assert await found(number="02*") == "c4"
    assert await found(number="614") == ""
    assert await found(user="1001") == "c4 c2 c1"
    assert await found(user="1002") == "c3 c2"
    assert await found(outcome="open") == "c3"
    assert await found(outcome="answered") == "c4 c1"
    assert await found(outcome="missed") == "c2"
    assert await found(user="1001", outcome="missed", number="61400000001") == "c2"
    assert await found(number="614*", outcome="open", user="1002") == "c3"
    assert await found(number="614*", outcome="answered") == "c1"
    assert await found(since=START + 2, until=START + 4) == "c3 c2"
    assert await found(user="1001", until=START + 4) == "c2 c1"
    assert await found(number="no such*") == await found(number="*' OR 1") == ""


async def test_pages_go_on_where_the_last_ended(store: Store) -> None:
    await fill(store)
    await store.commit(batch(1, calls=[made(4, id=CallId("d4"))]))
    for wanted in (CallFilter(), CallFilter(number="61300000000"), CallFilter(number="61*")):
        whole = [row.id for row in await store.calls(wanted)]
        pages, before = [], None
        while page := await store.calls(wanted, before=before, limit=1):
            pages += [row.id for row in page]
            before = (page[-1].started_at, page[-1].id)
        assert pages == whole


async def test_one_call(store: Store) -> None:
    await fill(store)
    kept = await store.call(CallId("c2"))
    assert kept is not None
    assert set(kept.legs) == {"leg 1001", "leg 1002"}
    assert await store.call(CallId("none")) is None


async def test_a_forgotten_call_is_not_found(store: Store) -> None:
    await store.commit(batch(1, calls=[made(9, ended_at=None)]))
    await store.commit(batch(1, forget=[CallId("c9")]))
    assert list(await store.calls(CallFilter(number="61400000001"))) == []


async def test_numbers_that_many_calls_begin_by(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some are among the newest, or none is, or too few are for a page."""
    monkeypatch.setattr(searching, "FEW", 2)
    calls = [
        *(made(n, caller=Party(f"6144{n}"), dest_number=f"6145{n}") for n in range(10, 20)),
        *(made(n, caller=Party(f"6177{n}")) for n in range(20, 30)),
        made(30, caller=Party("614499")),
    ]
    await store.commit(batch(1, calls=calls))
    expected = ["c30", *(f"c{n}" for n in range(19, 9, -1))]
    for newest in (0, 1, 5, 12, 15, 100):
        monkeypatch.setattr(searching, "NEWEST", newest)
        for limit in (1, 3, 100):
            found = await store.calls(CallFilter(number="614*"), limit=limit)
            assert [one.id for one in found] == expected[:limit]
            between = CallFilter(number="6144*", since=START + 12, until=START + 14)
            assert [one.id for one in await store.calls(between, limit=limit)] == (
                ["c13", "c12"][:limit]
            )
