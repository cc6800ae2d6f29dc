"""Voice menu and Directory on real calls: every output, direct dial, and what is refused."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from support import objects
from support.objects import Flow
from support.serving import Serving, serving

from hookswitch.flow.nodes.voice_menu import KEYS
from hookswitch.phone.behaviour import answer_after

USERS = {"1001": "Alice Smith", "1002": "Bob Jones"}
ALL, PLAIN, EXTENSIONS, CYCLE, NAMES, FIRST = (f"6130000010{n}" for n in range(6))
SHORT = {"kind": "voice_menu", "greeting": "welcome", "timeout": 1, "digit_timeout": 1}
PASSED = 96
"""Objects between the first two and the menu that leads back to itself, which is let in twice."""


def flows() -> list[Flow]:
    chain = [
        {"id": f"step{n}", "kind": "condition", "name": "step", "outputs": {"otherwise": following},
         "cases": [{"output": "never", "match": "caller_name", "values": ["Nobody"]}]}
        for n, following in [*((n, f"step{n + 1}") for n in range(1, PASSED)), (PASSED, "cycle")]
    ]  # fmt: skip
    cycle = {"id": "cycle", "kind": "voice_menu", "name": "Cycle", "timeout": 1, "retries": 0,
             "outputs": {"digit_1": "step1", "timeout": "cycle"}}  # fmt: skip
    return [
        Flow(ALL, {**SHORT, "dial_extensions": True, "retries": 0}, [*KEYS, "timeout", "invalid"]),
        Flow(PLAIN, {**SHORT, "retries": 1}, ["digit_1", "timeout", "invalid"]),
        Flow(EXTENSIONS, {**SHORT, "dial_extensions": True, "retries": 0,
                          "invalid_prompt": "welcome"}, ["timeout", "invalid"]),
        Flow(CYCLE, {"kind": "time_condition", "time_zone": "UTC", "outputs": {"matches": "step1"},
                     "groups": [{"hours": ["00:00-24:00"]}]}, [], [*chain, cycle]),
        Flow(NAMES, {"kind": "directory"}, ["not_found"]),
        Flow(FIRST, {"kind": "directory", "search": "first"}, ["not_found"]),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("menu")) as at:
        at.server.prompts.add("welcome", objects.wav())
        await at.apply(objects.document(at, flows(), USERS))
        yield at


async def test_each_key_and_each_miss_has_its_output(at: Serving) -> None:
    keys = [*KEYS.values(), "", "10"]
    await asyncio.gather(
        *(objects.press(at.carrier, ALL, f"6140000{n:04}", key) for n, key in enumerate(keys))
    )
    found = await asyncio.gather(*(objects.reached(at, f"6140000{n:04}") for n in range(len(keys))))
    assert found == [[output] for output in [*KEYS, "timeout", "invalid"]]


ATTEMPTS = [
    (["2", "1"], "digit_1"),
    (["2", "#"], "invalid"),
    ([], "timeout"),
    (["1001"], "digit_1"),
    (["A", "D"], "invalid"),
]


async def test_a_menu_asks_again_as_often_as_it_should(at: Serving) -> None:
    async def attempt(caller: str, keys: list[str]) -> list[str]:
        await objects.press(at.carrier, PLAIN, caller, *keys, before=0.5)
        return await objects.reached(at, caller)

    came = await asyncio.gather(
        *(attempt(f"614000001{n:02}", keys) for n, (keys, _) in enumerate(ATTEMPTS))
    )
    assert came == [[output] for _, output in ATTEMPTS]


async def test_an_extension_is_dialled_and_is_the_same_call(at: Serving) -> None:
    async with at.phone("1001") as alice:
        alice.on_call = answer_after(0.3, hang_up_after=0.5)
        await alice.register()
        await objects.press(at.carrier, EXTENSIONS, "61400000201", "1001")
    await at.receiver.until(lambda: len(objects.events_of(at, "61400000201")) >= 3)
    events = objects.events_of(at, "61400000201")
    assert [event["type"] for event in events] == objects.USER_EVENTS
    assert {event["dest_number"] for event in events} == {EXTENSIONS}
    assert {event["user_number"] for event in events} == {"1001"}
    assert len({event["unique_call_id"] for event in events}) == 1


async def test_nothing_but_extensions_can_be_dialled(at: Serving) -> None:
    """Numbers, feature codes and other outputs are wrong keys."""
    keys = ["1003", "*97", "61300000101", "0400000002", "1", "#", "##1001", "A1001"]
    await asyncio.gather(
        *(objects.press(at.carrier, EXTENSIONS, f"614000003{n:02}", k) for n, k in enumerate(keys))
    )
    came = await asyncio.gather(
        *(objects.reached(at, f"614000003{n:02}") for n in range(len(keys)))
    )
    assert came == [["invalid"]] * len(keys)
    assert at.carrier.incoming.empty()


async def test_a_menu_that_leads_to_itself_ends(at: Serving) -> None:
    call = await at.carrier.call(CYCLE, caller="61400000401")
    await call.answered()
    await call.ended()
    seconds = call.moments[-1].epoch - call.moment("received 200").epoch
    assert 2 <= seconds <= 5


async def test_users_are_found_by_name(at: Serving) -> None:
    async with at.phone("1001") as alice, at.phone("1002") as bob:
        for phone in (alice, bob):
            phone.on_call = answer_after(0.1, hang_up_after=0.3)
            await phone.register()
        await asyncio.gather(
            objects.press(at.carrier, NAMES, "61400000501", "764", "1", before=1),
            objects.press(at.carrier, FIRST, "61400000502", "262", "1", before=1),
        )
    for caller, extension in (("61400000501", "1001"), ("61400000502", "1002")):
        await at.receiver.until(lambda: len(objects.events_of(at, caller)) >= 3)  # noqa: B023
        events = objects.events_of(at, caller)
        assert [event["type"] for event in events] == objects.USER_EVENTS
        assert {event["user_number"] for event in events} == {extension}


async def test_who_chooses_nobody_goes_on(at: Serving) -> None:
    """The operator's key reaches nobody: there is none."""
    callers = {"61400000601": "#", "61400000602": "0"}
    await asyncio.gather(
        *(objects.press(at.carrier, NAMES, c, "764", key, before=1) for c, key in callers.items())
    )
    came = await asyncio.gather(*(objects.reached(at, caller) for caller in callers))
    assert came == [["not_found"]] * 2
