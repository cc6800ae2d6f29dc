"""Lamps of phones: one subscribes to extensions and slots (RFC 4235) and sees how they are.

Oracle: the bodies of the NOTIFY requests, read here with the library's own XML parser.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.desk import BUSY, FREE, RINGING, DeskPhone
from support.serving import Serving, device, serving
from support.transfers import transferred

from hookswitch.phone import Phone
from hookswitch.phone.behaviour import answer_after, ring_only

NUMBER = "61300000000"


def document(at: Serving, *alices: str) -> str:
    users = [
        {"name": name, "extension": extension, "devices": [device(each) for each in devices]}
        for extension, name, devices in (
            ("1001", "Alice", alices or ("alice",)),
            ("1002", "Bob", ("bob",)),
        )
    ]
    objects: list[dict[str, Any]] = [
        {"id": "in", "kind": "number", "name": "In", "numbers": [NUMBER],
         "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
    ]  # fmt: skip
    return at.document(users=users, flows=[{"name": "F", "objects": objects}])


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("lamps")) as up:
        await up.apply(document(up))
        yield up


@pytest.fixture
async def alice(at: Serving) -> AsyncIterator[Phone]:
    async with at.phone("alice") as phone:
        await phone.register()
        yield phone


@pytest.fixture
async def bob(at: Serving) -> AsyncIterator[DeskPhone]:
    async with at.phone("bob") as phone:
        await phone.register()
        yield phone


async def test_a_lamp_shows_ringing_busy_and_free(
    at: Serving, alice: Phone, bob: DeskPhone
) -> None:
    alice.on_call = answer_after(1)
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    call = await at.carrier.call(NUMBER, caller="61400000001")
    await bob.until("1001", RINGING)
    await call.answered()
    await bob.until("1001", BUSY)
    await call.hang_up()
    await bob.until("1001", FREE)
    assert list(dict.fromkeys(bob.lamps["1001"])) == [FREE, RINGING, BUSY]


async def test_a_lamp_shows_who_calls_himself(alice: Phone, bob: DeskPhone) -> None:
    bob.on_call = ring_only()
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    call = await alice.call("1002")
    await call.ringing()
    await bob.until("1001", BUSY)
    await call.hang_up()
    await bob.until("1001", FREE)


async def test_a_lamp_shows_do_not_disturb(alice: Phone, bob: DeskPhone) -> None:
    assert await bob.watch("1001") == 200
    for code, state in (("*78", BUSY), ("*79", FREE)):
        call = await alice.call(code)
        await call.answered()
        await call.hang_up()
        await bob.until("1001", state)


async def test_a_lamp_goes_on_through_an_apply(at: Serving, alice: Phone, bob: DeskPhone) -> None:
    alice.on_call = ring_only()
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    await at.apply(document(at))
    call = await at.carrier.call(NUMBER, caller="61400000002")
    await bob.until("1001", RINGING)
    await call.hang_up()
    await bob.until("1001", FREE)


async def test_a_lamp_shows_a_taken_slot(at: Serving, alice: Phone, bob: DeskPhone) -> None:
    alice.on_call = None
    assert await bob.watch("701") == 200
    await bob.until("701", FREE)
    call = await at.carrier.call(NUMBER, caller="61400000003")
    taken = await asyncio.wait_for(alice.incoming.get(), 60)
    taken.answer()
    await call.answered()
    await transferred(taken, "701")
    await bob.until("701", BUSY)
    back = await bob.call("701")
    await back.answered()
    await bob.until("701", FREE)
    await back.hang_up()
    await call.ended()


async def test_nobody_watches_what_is_no_extension_or_without_a_password(
    at: Serving, bob: DeskPhone
) -> None:
    assert await bob.watch("1009") == 404
    async with at.phone("mallory") as stranger:
        assert await stranger.watch("1001") in {401, 403}
        assert stranger.lamps == {}


async def test_a_lamp_follows_a_user_to_another_device(at: Serving, bob: DeskPhone) -> None:
    """Either of two, of which neither was there when the phone subscribed."""
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    await at.apply(document(at, "a.1", "a.2"))
    async with at.phone("a.2") as phone:
        phone.on_call = ring_only()
        await phone.register()
        call = await at.carrier.call(NUMBER, caller="61400000004")
        await bob.until("1001", RINGING)
        await call.hang_up()
        await bob.until("1001", FREE)
