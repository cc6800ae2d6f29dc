"""Links to audio: how long each is good, what makes it live longer, and its end by hand."""

from store_builders import START, batch, event, outcome, take

from hookswitch.model.ids import CallId, EventId
from hookswitch.model.media import LINK_LIFETIME_MS, NewMedia
from hookswitch.store.port import Store

EVENT = EventId("vm")


async def with_audio(store: Store) -> None:
    media = NewMedia(
        event=EVENT, call=CallId("c1"), path="2026/10/01/vm.wav", token_hash="hash",
        expires_at=START + 1000,
    )  # fmt: skip
    told = event(EVENT, type="voicemail")
    await store.commit(batch(1, [told], media=[media]))


async def is_good(store: Store, at: int, token_hash: str = "hash") -> bool:
    return await store.media_by_token(token_hash, at) is not None


async def test_a_link_is_good_until_its_end_and_no_other_is(store: Store) -> None:
    await with_audio(store)
    assert await is_good(store, START + 999)
    assert not await is_good(store, START + 1000)
    assert not await is_good(store, START, "another")
    assert not await is_good(store, START, "")


async def test_each_attempt_gives_it_a_full_life_again(store: Store) -> None:
    await with_audio(store)
    (claim,) = await take(store, START + 500)
    await store.record([outcome(claim, "pending", due_at=START + 90_000)])
    assert await is_good(store, START + 500 + LINK_LIFETIME_MS - 1)
    assert not await is_good(store, START + 500 + LINK_LIFETIME_MS)
    (again,) = await take(store, START + 90_000)
    assert again.body == claim.body
    assert await is_good(store, START + 90_000 + LINK_LIFETIME_MS - 1)


async def test_a_revoked_one_stays_so_whatever_is_tried(store: Store) -> None:
    await with_audio(store)
    assert await store.revoke_media(EVENT)
    assert not await store.revoke_media(EventId("none"))
    await take(store, START)
    assert not await is_good(store, START)
    media = await store.media_of(EVENT)
    assert media is not None
    assert media.revoked
