"""The live view on real calls: it tells in which object each is, and who holds it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support import objects
from support.objects import Flow, wav
from support.receiver import Reply
from support.serving import Serving, serving

from hookswitch.phone import Call
from hookswitch.phone.behaviour import answer_after, ring_only
from kit.stream import Stream, watching
from kit.web import Browser, bearer

RINGING, ANSWERING = "1001", "1002"
KINDS: Mapping[str, tuple[dict[str, Any], list[str]]] = {
    "user": ({"user": RINGING}, []),
    "queue": ({"members": [{"user": RINGING}], "join_when_empty": True}, []),
    "ring_group": ({"members": [RINGING]}, []),
    "voicemail": ({"box": "1003", "greeting": "prompt", "prompt": "long"}, []),
    "voice_menu": ({"timeout": 10}, ["digit_1", "timeout", "invalid"]),
    "playback": ({"prompt": "long"}, []),
    "conference": ({"room": "room"}, []),
    "directory": ({"search": "first"}, []),
    "external_number": ({"number": "0400000001"}, []),
    "call_recording": ({"record": {"announcement": "long"}}, []),
}
"""Objects in which a call stays for a while."""
NUMBERS = {kind: f"613000050{at:02}" for at, kind in enumerate(KINDS)}
WAITS, TAKEN = "61300005090", "61300005091"


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("live")) as at:
        at.server.prompts.add("long", wav(8000))
        flows = [
            Flow(NUMBERS[kind], {"kind": kind, "id": f"the_{kind}", **settings}, outputs)
            for kind, (settings, outputs) in KINDS.items()
        ]
        waits = {**objects.told("the_webhook", "Ask"), "wait": True, "time_limit": 30}
        first = {"id": "first", "kind": "playback", "prompt": "beep"}
        at.server.prompts.add("beep", wav(50))
        taken = {"id": "taken", "kind": "user", "user": ANSWERING}
        await at.apply(
            objects.document(
                at,
                [
                    *flows,
                    Flow(WAITS, {**first, "outputs": {"next": "the_webhook"}}, [], [waits]),
                    Flow(TAKEN, taken, []),
                ],
                {RINGING: "Alice", ANSWERING: "Bob"},
                mailboxes=[{"box": "1003", "name": "Box", "pin": "1357"}],
                routes=[{"name": "all", "patterns": ["0X."], "trunks": ["carrier"]}],
            )
        )
        at.receiver.replies["/object"] = Reply(after=30)
        async with at.phone(RINGING) as alice, at.phone(ANSWERING) as bob:
            for phone, does in ((alice, ring_only()), (bob, answer_after())):
                phone.on_call = does
                await phone.register()
            at.carrier.on_call = ring_only()
            yield at
            at.receiver.let_go()


@pytest.fixture
async def browser(at: Serving) -> AsyncIterator[Browser]:
    async with Browser(at.server.web.url, bearer(at.server.data.token())) as browser:
        yield browser


@pytest.fixture
async def calls(at: Serving) -> AsyncIterator[Callable[[str], Any]]:
    """Places a call, by number; what is still up at the end is hung up, and over for the next."""
    placed: list[Call] = []

    async def call(number: str) -> Call:
        placed.append(await at.carrier.call(number, caller=f"614{number[3:]}"))
        return placed[-1]

    yield call
    for one in placed:
        await one.hang_up()
    async with asyncio.timeout(60):
        while at.server.line.open_calls:
            await asyncio.sleep(0.02)


async def where(stream: Stream, wanted: Mapping[str, str | None]) -> None:
    """Wait until the stream has told of each number's call that it is in that object."""
    numbers: dict[str, str] = {}
    at: dict[str, str | None] = {}
    while any(at.get(number, "") != node for number, node in wanted.items()):
        kind, told = await stream.any("call", "object")
        if kind == "call" and told["state"] == "arrived":
            numbers[told["call"]] = told["dest_number"]
        elif kind == "object" and told["call"] in numbers:
            at[numbers[told["call"]]] = told["object"]


async def test_every_object_that_a_call_stays_in_is_lit(
    browser: Browser, calls: Callable[[str], Any]
) -> None:
    async with watching(browser) as stream:
        for number in (*NUMBERS.values(), WAITS):
            await calls(number)
        lit = {number: f"the_{kind}" for kind, number in NUMBERS.items()}
        await where(stream, {**lit, WAITS: "the_webhook"})


async def test_who_comes_later_sees_where_calls_are(
    browser: Browser, calls: Callable[[str], Any]
) -> None:
    await calls(NUMBERS["voice_menu"])
    for _ in range(2):
        async with watching(browser) as stream:
            assert (await stream.next("object"))["object"] == "the_voice_menu"


async def test_nothing_is_asked_while_nobody_looks(
    at: Serving, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ami = at.server.supervisor.ami
    real = ami.list_action

    async def noting(name: str, within: float = 60.0, **fields: Any) -> Any:
        asked.append(name)
        return await real(name, within, **fields)

    monkeypatch.setattr(ami, "list_action", noting)
    async with watching(browser):
        async with asyncio.timeout(60):
            while "Status" not in asked:
                await asyncio.sleep(0.05)
    async with asyncio.timeout(60):
        while at.server.hub.watched:
            await asyncio.sleep(0.05)
    asked.clear()
    await asyncio.sleep(1.2)
    assert asked.count("Status") <= 1, "but for the one that was being asked"


async def test_a_call_on_hold_is_told_of(browser: Browser, calls: Callable[[str], Any]) -> None:
    call = await calls(TAKEN)
    async with watching(browser) as stream:
        await call.answered()
        await call.hold()
        held = await state(stream, "held")
        assert (held["user"], held["name"]) == (None, None)
        async with watching(browser) as later:
            assert (await state(later, "held"))["call"] == held["call"]
        await call.resume()
        assert (await state(stream, "resumed"))["call"] == held["call"]


async def state(stream: Stream, wanted: str) -> Any:
    while (told := await stream.next("call"))["state"] != wanted:
        pass
    return told


async def test_a_call_that_was_transferred_to_a_user_is_in_no_object(
    at: Serving, browser: Browser
) -> None:
    async with AsyncExitStack() as stack:
        taken: list[Call] = []

        async def take_and_hold(call: Call) -> None:
            await answer_after()(call)
            taken.append(call)

        bob = await stack.enter_async_context(at.phone(ANSWERING))
        bob.on_call = take_and_hold
        await bob.register()
        stream = await stack.enter_async_context(watching(browser))
        call = await at.carrier.call(TAKEN)
        await where(stream, {TAKEN: "taken"})
        await taken[0].hold()
        held = await state(stream, "held")
        assert (held["user"], held["name"]) == (ANSWERING, "Bob")
        await taken[0].resume()
        await taken[0].transfer(RINGING)
        while (await stream.next("object"))["object"] is not None:
            pass
        await call.hang_up()
