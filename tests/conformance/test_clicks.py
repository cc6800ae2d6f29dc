"""Keys of click-to-call: the first to name one has it, until it is free again or too old."""

import asyncio

from store_builders import START

from hookswitch.model.ids import CallId
from hookswitch.store.port import Store
from hookswitch.store.rows import ClickRow

DAY = 24 * 3600 * 1000


def row(key: str, call: str, at: int = START) -> ClickRow:
    return ClickRow(key, "wish", CallId(call), at)


async def claim(store: Store, wanted: ClickRow) -> ClickRow:
    return await store.claim_click(wanted, expired=wanted.made_at - DAY)


async def test_a_key_is_of_the_first_call(store: Store) -> None:
    assert await claim(store, row("k", "c1")) == row("k", "c1")
    assert (await claim(store, row("k", "c2"))).call == "c1"
    assert (await claim(store, row("other", "c3"))).call == "c3"


async def test_a_key_tells_whether_its_call_was_placed(store: Store) -> None:
    await claim(store, row("k", "c1"))
    assert not (await claim(store, row("k", "c1"))).placed
    await store.settle_click("k", placed=True)
    assert (await claim(store, row("k", "c2"))).placed
    await store.settle_click("k", placed=False)
    assert (await claim(store, row("k", "c2"))).call == "c1", "what was placed stays so"


async def test_a_key_whose_call_was_not_placed_is_free(store: Store) -> None:
    await claim(store, row("k", "c1"))
    await store.settle_click("k", placed=False)
    assert (await claim(store, row("k", "c2"))).call == "c2"


async def test_a_key_is_forgotten_after_its_time(store: Store) -> None:
    await claim(store, row("k", "c1"))
    assert (await claim(store, row("k", "c2", START + DAY))).call == "c1"
    assert (await claim(store, row("k", "c2", START + DAY + 1))).call == "c2"


async def test_many_at_once_get_one_call(store: Store) -> None:
    claims = (claim(store, row("k", f"c{n}")) for n in range(20))
    assert len({each.call for each in await asyncio.gather(*claims)}) == 1
