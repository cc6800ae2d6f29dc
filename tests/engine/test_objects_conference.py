"""The Conference on real calls: who is in it hears the others, who is not let in goes on."""

import array
import asyncio
import math
from collections.abc import AsyncIterator, Callable, Sequence

import pytest
from support import objects
from support.objects import Flow
from support.serving import Serving, serving

from hookswitch.phone import Call, tone

OPEN, CLOSED, SMALL = (f"6130000040{n}" for n in range(3))
LOUD, SILENT = 1000, 50


def flows() -> list[Flow]:
    rooms = {
        OPEN: {"room": "open", "announce_joins": False},
        CLOSED: {"room": "closed", "pin": "4321", "admin_pin": "987654", "announce_joins": False},
        SMALL: {"room": "small", "max_members": 2},
    }
    return [Flow(n, {"kind": "conference", **room}, ["left"]) for n, room in rooms.items()]


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("rooms")) as at:
        await at.apply(objects.document(at, flows(), {"1001": "Alice"}))
        at.carrier.record = True
        yield at


async def enter(at: Serving, number: str, caller: str, *, speaks: int = 0) -> Call:
    sound = tone(speaks) if speaks else None
    call = await at.carrier.call(number, caller=caller, sound=sound)
    await call.answered()
    return call


def level(pcm: bytes) -> float:
    samples = array.array("h", pcm)
    return math.sqrt(sum(s * s for s in samples) / len(samples)) if samples else 0.0


async def heard(calls: Sequence[Call], seconds: float = 0.8) -> list[float]:
    """The level that each hears meanwhile."""
    before = [len(call.media.recorded()) for call in calls]
    await asyncio.sleep(seconds)
    return [level(call.media.recorded()[n:]) for call, n in zip(calls, before, strict=True)]


async def until(call: Call, hears: Callable[[float], bool]) -> None:
    async with asyncio.timeout(60):
        while not hears((await heard([call], 0.3))[0]):
            pass


def loud(level: float) -> bool:
    return level > LOUD


def silent(level: float) -> bool:
    return level < SILENT


async def leave(*calls: Call) -> None:
    for call in calls:
        await call.dtmf("#")
    await asyncio.gather(*(call.ended() for call in calls))


async def test_who_is_in_a_room_hears_the_others_until_he_leaves(at: Serving) -> None:
    speaker = await enter(at, OPEN, "61400000001", speaks=500)
    listener = await enter(at, OPEN, "61400000002")
    alone = await enter(at, SMALL, "61400000003")
    await until(listener, loud)
    to_speaker, to_listener, _ = await heard([speaker, listener, alone])
    assert to_listener > LOUD
    assert to_speaker < SILENT
    await leave(speaker)
    await until(listener, silent)
    await leave(listener, alone)
    for caller in ("61400000001", "61400000002", "61400000003"):
        assert await objects.reached(at, caller) == ["left"]
    ids = {e["unique_call_id"] for n in (1, 2, 3) for e in objects.events_of(at, f"6140000000{n}")}
    assert len(ids) == 3


async def enter_with(at: Serving, caller: str, *pins: str, speaks: int = 0) -> Call:
    call = await enter(at, CLOSED, caller, speaks=speaks)
    for n, pin in enumerate(pins):
        await asyncio.sleep(4 if n else 0.3)  # that a pin is wrong is told to the end
        await call.dtmf(f"{pin}#")
    await asyncio.sleep(0.3)
    return call


async def test_who_is_let_in_and_who_is_not(at: Serving) -> None:
    await asyncio.gather(_administered(at), _three_wrong_pins(at), _full(at))


async def _administered(at: Serving) -> None:
    admin = await enter_with(at, "61400000012", "987654")
    speaker = await enter_with(at, "61400000011", "4321", speaks=500)
    outside = await enter_with(at, "61400000013")
    await until(admin, loud)
    await admin.dtmf("*3")
    await speaker.ended()
    await admin.dtmf("*2")
    await asyncio.sleep(0.5)
    await outside.dtmf("4321#")
    await outside.ended()
    await leave(admin)
    for caller in ("61400000011", "61400000012", "61400000013"):
        assert await objects.reached(at, caller) == ["left"]


async def _three_wrong_pins(at: Serving) -> None:
    wrong = await enter_with(at, "61400000014", "1234", "", "43210")
    await wrong.ended()
    assert await objects.reached(at, "61400000014") == ["left"]


async def _full(at: Serving) -> None:
    first = await enter(at, SMALL, "61400000021")
    second = await enter(at, SMALL, "61400000022")
    await asyncio.sleep(0.3)
    third = await enter(at, SMALL, "61400000023")
    await third.ended()
    assert await objects.reached(at, "61400000023") == ["left"]
    await leave(first, second)
