"""One flow with every kind of object, and a call through each output of each kind.

Behind each output is a Webhook object of its own: that it is passed shows where the call went.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from msgspec import Struct
from support.audio import wav
from support.receiver import Reply
from support.serving import Serving, device, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.phone import Behaviour, Call, CallFailed, tone
from hookswitch.phone.behaviour import answer_after, reject_with, ring_only
from kit.documents import SIGNING_SECRET
from kit.flows import ANY_TIME, OUTPUTS

AT_ONCE = 12
SECRETS = {"secret_token": "t", "signing_secret": SIGNING_SECRET}
PEOPLE: Mapping[str, Behaviour | None] = {
    "1001": answer_after(0.2, hang_up_after=0.4),
    "1002": reject_with(486),
    "1003": None,
    "1004": ring_only(),
}
ANSWERS, BUSY, OFFLINE, SILENT = PEOPLE
BOX = "7001"
KEYS = {**{f"digit_{key}": key for key in "0123456789"}, "star": "*", "hash": "#"}


class Way(Struct, frozen=True, kw_only=True):
    """How a call leaves an object of this kind by this output; `press` after `wait` seconds."""

    kind: str
    output: str
    settings: Mapping[str, Any]
    press: str = ""
    wait: float = 0.3
    reply: Reply | None = None
    occupied: bool = False
    """Another call is there already."""


def _queue(user: str, **more: Any) -> dict[str, Any]:
    return {"members": [{"user": user}], "ring_time": 5, "max_wait": 2, **more}


def _hook(**more: Any) -> dict[str, Any]:
    return {**SECRETS, "wait": True, "time_limit": 1, **more}


MOBILE = {"output": "mobile", "match": "caller_number", "how": "prefix", "values": ["614"]}
OUTSIDE = {"trunk": "carrier", "ring_time": 5}
BEHIND_TRUNK: Mapping[str, Behaviour] = {
    "0400000001": answer_after(0.2, hang_up_after=0.4),
    "0400000002": reject_with(486),
    "0400000003": reject_with(503),
    "0400000004": ring_only(),
}
MENU = {"timeout": 1, "retries": 0}
WAYS = (
    Way(kind="user", output="ended", settings={"user": ANSWERS}),
    Way(kind="user", output="busy", settings={"user": BUSY}),
    Way(kind="user", output="offline", settings={"user": OFFLINE}),
    Way(kind="user", output="no_answer", settings={"user": SILENT, "ring_time": 1}),
    Way(kind="ring_group", output="ended", settings={"members": [ANSWERS]}),
    Way(kind="ring_group", output="no_answer", settings={"members": [OFFLINE, BUSY]}),
    Way(kind="queue", output="ended", settings=_queue(ANSWERS)),
    Way(kind="queue", output="timeout", settings=_queue(SILENT)),
    Way(kind="queue", output="no_agents", settings=_queue(OFFLINE)),
    Way(kind="queue", output="exit_key", settings=_queue(SILENT, exit_key="5"), press="5"),
    Way(
        kind="queue",
        output="full",
        settings=_queue(SILENT, max_callers=1, max_wait=9),
        occupied=True,
    ),
    *(Way(kind="voice_menu", output=output, settings=MENU, press=KEYS[output]) for output in KEYS),
    Way(kind="voice_menu", output="timeout", settings=MENU),
    Way(kind="voice_menu", output="invalid", settings=MENU, press="9"),
    Way(
        kind="voicemail",
        output="done",
        settings={"box": BOX, "greeting": "prompt", "prompt": "beep"},
        press="#",
        wait=4,
    ),
    Way(
        kind="time_condition",
        output="matches",
        settings={"time_zone": "Europe/Berlin", "groups": [ANY_TIME]},
    ),
    Way(
        kind="time_condition",
        output="doesnt_match",
        settings={"time_zone": "Europe/Berlin", "groups": [{"years": ["2001"]}]},
    ),
    Way(kind="condition", output="mobile", settings={"cases": [MOBILE]}),
    Way(kind="condition", output="otherwise", settings={"cases": [{**MOBILE, "values": ["44"]}]}),
    Way(kind="caller_id", output="next", settings={"name_prefix": "VIP "}),
    Way(kind="playback", output="next", settings={"prompt": "beep"}),
    Way(kind="call_recording", output="next", settings={}),
    Way(kind="call_recording", output="next", settings={"action": "stop"}),
    Way(kind="webhook", output="next", settings=SECRETS),
    Way(kind="webhook", output="success", settings=_hook()),
    Way(kind="webhook", output="failed", settings=_hook(), reply=Reply(status=500)),
    Way(kind="webhook", output="timeout", settings=_hook(), reply=Reply(after=2)),
    Way(kind="conference", output="left", settings={"room": "one"}, press="#", wait=1.5),
    Way(kind="directory", output="not_found", settings={}, press="999", wait=0.5),
    *(
        Way(kind="external_number", output=output, settings={**OUTSIDE, "number": number})
        for output, number in {
            "ended": "0400000001",
            "busy": "0400000002",
            "failed": "0400000003",
            "no_answer": "0400000004",
        }.items()
    ),
    Way(kind="hang_up", output="", settings={"cause": "busy"}),
)
MORE_OUTPUTS = {"queue": ("exit_key",), "webhook": ("success", "failed", "timeout")}
"""Outputs that generated flows have not, or only by a setting."""


def number(way: int) -> str:
    return f"6130004{way:04}"


def flow(at: Serving) -> dict[str, Any]:
    return {
        "name": "Everything",
        "objects": [each for index, way in enumerate(WAYS) for each in _objects(at, index, way)],
    }


def _objects(at: Serving, index: int, way: Way) -> Sequence[Mapping[str, Any]]:
    """A number, the object with all outputs that lead elsewhere, and the one that is meant."""
    outputs = [*OUTPUTS[way.kind], *MORE_OUTPUTS.get(way.kind, ())]
    if way.kind == "voice_menu" and way.output in KEYS:
        outputs = [way.output]
    if way.output == "invalid":
        outputs = ["digit_1", "timeout", "invalid"]
    if not way.settings.get("wait"):
        outputs = [each for each in outputs if each not in MORE_OUTPUTS["webhook"] or
                   way.kind != "webhook"]  # fmt: skip
    if not way.settings.get("exit_key"):
        outputs = [each for each in outputs if each != "exit_key"]
    own = {"url": at.receiver.url(f"/own{index}")} if way.kind == "webhook" else {}
    reached = {
        output: {"id": f"reached{index}_{output}", "kind": "webhook", "name": f"{index} {output}",
                 "url": at.receiver.url("/reached"), **SECRETS}
        for output in dict.fromkeys([*outputs, *([way.output] if way.output else [])])
    }  # fmt: skip
    return [
        {"id": f"number{index}", "kind": "number", "name": "In", "numbers": [number(index)],
         "outputs": {"next": f"object{index}"}},
        {"id": f"object{index}", "kind": way.kind, "name": f"Object {index}", **own,
         **way.settings, "outputs": {output: each["id"] for output, each in reached.items()}},
        *reached.values(),
    ]  # fmt: skip


@pytest.fixture(scope="module")
async def at(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("everything")) as at, AsyncExitStack() as stack:
        at.server.prompts.add("beep", wav(tone(1400)[:25]))
        for index, way in enumerate(WAYS):
            if way.reply:
                at.receiver.replies[f"/own{index}"] = way.reply
        users = [
            {"name": f"User {extension}", "extension": extension, "devices": [device(extension)]}
            for extension in PEOPLE
        ]
        box = {"box": BOX, "name": "Box", "pin": "4321"}
        await at.apply(at.document(users=users, mailboxes=[box], flows=[flow(at)]))
        at.carrier.on_call = behind_trunk
        for extension, behaviour in PEOPLE.items():
            if behaviour is not None:
                phone = at.phone(extension)
                phone.on_call = behaviour
                await stack.enter_async_context(phone)
                await phone.register()
        yield at


async def behind_trunk(call: Call) -> None:
    await BEHIND_TRUNK[call.dialled](call)


async def walk(at: Serving, index: int, way: Way) -> None:
    before = await at.carrier.call(number(index), caller="61400000002") if way.occupied else None
    if before is not None:
        await before.answered()
        await asyncio.sleep(0.3)
    call = await at.carrier.call(number(index), caller="61400000001", sound=tone(500))
    await _press(call, way)
    await call.ended(timeout=120)
    if before is not None:
        await before.hang_up()


async def _press(call: Call, way: Way) -> None:
    if not way.press:
        return
    try:
        await call.answered()
    except CallFailed:
        return
    await asyncio.sleep(way.wait)
    await call.dtmf(way.press)


async def test_each_output_of_each_kind_is_walked_by_a_call(at: Serving) -> None:
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(index: int, way: Way) -> None:
        async with gate:
            await walk(at, index, way)

    await asyncio.gather(*(one(index, way) for index, way in enumerate(WAYS)))
    await asyncio.sleep(1)
    came = {request.event["component_name"] for request in at.receiver.at("/reached")}
    should = {f"{index} {way.output}" for index, way in enumerate(WAYS) if way.output}
    assert came - {f"{i} {w.output}" for i, w in enumerate(WAYS)} <= {
        f"{i} timeout" for i, w in enumerate(WAYS) if w.occupied
    }
    assert should <= came


def test_each_output_of_each_kind_is_in_the_list() -> None:
    walked = {(way.kind, way.output) for way in WAYS}
    outputs = {
        (kind, output)
        for kind in OUTPUTS
        for output in (*OUTPUTS[kind], *MORE_OUTPUTS.get(kind, ()))
    }
    keys = {("voice_menu", output) for output in KEYS}
    assert walked - {("hang_up", "")} == outputs | keys
