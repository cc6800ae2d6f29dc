"""Old calls go with all that came of them; what waits, and what a link leads to, stays."""

import pytest
from store_builders import START, add, batch, call, event, outcome, take

from hookswitch.app.upkeep.forgetting import DAY_MS, Forgetter
from hookswitch.app.upkeep.limits import Limits
from hookswitch.model.ids import CallId, DeliveryId, EventId
from hookswitch.model.media import NewEmail, NewMedia
from hookswitch.store.port import Store

NOW = START + 1_000_000


async def ended(store: Store, *names: str, at: int = START) -> None:
    """Calls that are over, each with one event that was delivered."""
    for name in names:
        made = [event(f"{name}/1", name)]
        await store.commit(batch(1, made, calls=[call(name, ended_at=at)]))
    await store.record([outcome(claim) for claim in await take(store)])


async def left(store: Store) -> set[str]:
    return {each.id for each in await store.calls()}


async def test_an_old_call_goes_with_all_that_came_of_it(store: Store) -> None:
    await ended(store, "old")
    await ended(store, "new", at=NOW)
    row = (await store.deliveries())[1]
    assert row.call == "old"
    assert await store.forget_calls(NOW, NOW, 10) == 1
    assert await store.forget_calls(NOW, NOW, 10) == 0
    assert await left(store) == {"new"}
    assert await store.events(CallId("old")) == []
    assert [each.call for each in await store.deliveries()] == ["new"]
    assert await store.attempts(row.id) == []
    assert (await store.delivery_counts())["delivered"] == 1


async def test_what_waits_keeps_its_call(store: Store) -> None:
    await ended(store, "old", "newest")
    await add(store, "late", of="old")
    assert await store.forget_calls(NOW, NOW, 10) == 0 or "old" in await left(store)
    [claim] = [each for each in await take(store) if each.call == "old"]
    await store.forget_calls(NOW, NOW, 10)
    assert "old" in await left(store), "under way"
    await store.record([outcome(claim, "failed")])
    await ended(store, "last", at=NOW)
    await store.forget_calls(NOW, NOW, 10)
    assert await left(store) == {"last"}


async def test_calls_that_are_up_stay(store: Store) -> None:
    await store.commit(batch(1, [event("e", "up")], (), calls=[call("up")]))
    await ended(store, "last", at=NOW)
    assert await store.forget_calls(NOW, NOW, 10) == 0


async def test_a_link_that_is_alive_keeps_its_call(store: Store) -> None:
    for name, expires in (("alive", NOW + 1), ("dead", NOW)):
        media = NewMedia(
            event=EventId(f"{name}/1"), call=CallId(name), path=name, token_hash=name,
            expires_at=expires,
        )  # fmt: skip
        made = [event(f"{name}/1", name)]
        over = [call(name, ended_at=START)]
        await store.commit(batch(1, made, (), calls=over, media=[media]))
    await ended(store, "last", at=NOW)
    assert await store.forget_calls(NOW, NOW, 10) == 1
    assert await left(store) == {"alive", "last"}
    assert await store.media_of(EventId("dead/1")) is None


async def test_an_email_that_waits_keeps_its_call(store: Store) -> None:
    email = NewEmail(
        event=EventId("old/1"), recipients="a@example.com", subject="", message="", audio=""
    )
    made = [event("old/1", "old")]
    over = [call("old", ended_at=START)]
    await store.commit(batch(1, made, (), calls=over, emails=[email]))
    await ended(store, "last", at=NOW)
    assert await store.forget_calls(NOW, NOW, 10) == 0
    await store.email_sent(email.event, NOW)
    assert await store.forget_calls(NOW, NOW, 10) == 1


async def test_positions_of_the_feed_are_never_given_twice(store: Store) -> None:
    await ended(store, "a", "b")
    seen = (await store.feed(0, 10))[-1].position
    while await store.forget_calls(NOW, NOW, 10):
        pass
    await ended(store, "c")
    assert [told.event.id for told in await store.feed(seen, 10)] == ["c/1"]


async def test_the_job_forgets_in_pieces(store: Store) -> None:
    for number in range(120):
        name = f"c{number}"
        await store.commit(batch(1, [event(name, name)], (), calls=[call(name, ended_at=DAY_MS)]))
    assert await Forgetter(store, lambda: limits(history_days=0)).forget() == 0
    assert await Forgetter(store, lambda: limits(history_days=30)).forget() == 119


async def test_old_deliveries_go_before_their_calls(store: Store) -> None:
    """Those that wait stay, and those of calls that are new or not over; events and calls too."""
    await ended(store, "old", "other")
    await ended(store, "new", at=NOW)
    await store.commit(batch(1, [event("up/1", "up")], (), calls=[call("up")]))
    await add(store, "waits", of="other")
    before = {(each.call, each.state) for each in await store.deliveries()}
    assert ("other", "pending") in before
    assert await store.forget_deliveries(NOW, DeliveryId(0), 100) == (2, None)
    after = {(each.call, each.state) for each in await store.deliveries()}
    assert after == {("other", "pending"), ("new", "delivered")}
    assert {"old", "other", "new"} <= await left(store)
    assert await store.events(CallId("old"))
    assert await store.forget_deliveries(NOW, DeliveryId(0), 100) == (0, None)


async def test_deliveries_are_looked_at_in_pieces(store: Store) -> None:
    await ended(store, *(f"c{number}" for number in range(5)))
    ids = sorted(each.id for each in await store.deliveries())
    assert await store.forget_deliveries(NOW, DeliveryId(0), 2) == (2, ids[1])
    assert await store.forget_deliveries(NOW, ids[1], 2) == (2, ids[3])
    assert await store.forget_deliveries(NOW, ids[3], 2) == (1, None)


async def test_the_job_forgets_deliveries_as_the_limits_say(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ended(store, "old")
    monkeypatch.setattr("hookswitch.app.upkeep.forgetting.now_ms", lambda: NOW + DAY_MS)
    assert await Forgetter(store, limits).forget_deliveries() == 0
    one_day = Forgetter(store, lambda: limits(deliveries_days=1))
    assert await one_day.forget_deliveries() == 1


def limits(*, history_days: int = 0, deliveries_days: int = 0) -> Limits:
    return Limits(
        history_days=history_days,
        deliveries_days=deliveries_days,
        recordings_days=0,
        voicemail_days=0,
        audio_mb=1,
    )
