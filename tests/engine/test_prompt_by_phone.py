"""A prompt recorded from a phone: who may, what is kept, and that callers hear it then."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support import objects
from support.audio import received, until_said
from support.objects import Flow
from support.serving import Serving, serving

from hookswitch.phone import Call, CallFailed, Phone, tone

NUMBER, CODE, PIN = "61300006101", "*7742", "4711"
SPOKEN = 1100


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("prompt")) as at:
        playback = {"kind": "playback", "prompt": "hours", "record_code": "42", "record_pin": PIN}
        await at.apply(objects.document(at, [Flow(NUMBER, playback, [])], {"1001": "Alice"}))
        at.carrier.record = True
        yield at


@pytest.fixture
async def alice(at: Serving) -> AsyncIterator[Phone]:
    async with at.phone("1001", tone(SPOKEN)) as phone:
        await phone.register()
        yield phone


async def let_in(phone: Phone, pin: str) -> Call:
    call = await phone.call(CODE)
    await call.answered()
    await asyncio.sleep(0.5)
    await call.dtmf(f"{pin}#")
    return call


async def record(at: Serving, phone: Phone, *keys: str) -> Call:
    """Dial, give the PIN, speak for two seconds, end it, and press the keys."""
    before = set(at.server.prompts.recorded.iterdir())
    call = await let_in(phone, PIN)
    async with asyncio.timeout(60):
        while before == set(at.server.prompts.recorded.iterdir()):
            await asyncio.sleep(0.02)
    await until_said(call, 2)
    for key in ("#", *keys):
        await call.dtmf(key)
        await asyncio.sleep(1)
    return call


async def test_a_wrong_pin_records_nothing(at: Serving, alice: Phone) -> None:
    call = await let_in(alice, "1234")
    await call.ended(timeout=60)
    assert list(at.server.prompts.recorded.iterdir()) == []


async def test_what_is_kept_is_the_prompt_that_callers_hear(at: Serving, alice: Phone) -> None:
    assert at.server.prompts.names() == frozenset()
    await (await record(at, alice)).hang_up()
    assert at.server.prompts.names() == frozenset(), "it was not kept"
    call = await record(at, alice, "1")
    async with asyncio.timeout(60):
        while "hours" not in at.server.prompts.names():
            await asyncio.sleep(0.05)
    await call.hang_up()
    (kept,) = at.server.prompts.all()
    assert 1.5 <= kept.seconds <= 5
    heard = await at.carrier.call(NUMBER)
    await heard.ended(timeout=60)
    assert received(heard).heard(SPOKEN) >= 1.5


async def test_a_trunk_reaches_no_code(at: Serving) -> None:
    call = await at.carrier.call(CODE)
    with pytest.raises(CallFailed):
        await call.answered()
