"""Queues and ring groups on real calls: legs of each member and one summary per visit."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.serving import Serving, device, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.phone import Behaviour
from hookswitch.phone.behaviour import answer_after, ring_only
from hookswitch.receiver import parse

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
TRIGGERS = [
    *("user_inbound", "user_inbound_answered", "user_inbound_completed"),
    *("queue_call", "ring_group_call"),
]
Event = Mapping[str, Any]


class Case:
    """One number, its object, two users of its own, and what a caller does."""

    def __init__(self, index: int, settings: Mapping[str, Any], *, devices: int = 1) -> None:
        self.index = index
        self.settings = settings
        self.number = f"6130001{index:04}"
        self.a, self.b = f"2{index:02}1", f"2{index:02}2"
        self.devices = devices

    @property
    def users(self) -> list[dict[str, Any]]:
        return [
            {"name": name, "extension": extension, "devices": self._devices(extension)}
            for name, extension in (("A", self.a), ("B", self.b))
        ]

    def _devices(self, extension: str) -> list[dict[str, str]]:
        return [device(f"{extension}{letter}") for letter in "xy"[: self.devices]]

    @property
    def flow(self) -> dict[str, Any]:
        i = self.index
        outputs = dict.fromkeys(self.settings.get("leads", ("timeout", "no_agents")), f"after{i}")
        settings = {k: v for k, v in self.settings.items() if k != "leads"}
        members: Sequence[Any] = [self.a, self.b]
        if settings["kind"] == "queue":
            members = [{"user": member} for member in members]
        return {
            "name": f"Flow {i}",
            "objects": [
                {"id": f"number{i}", "kind": "number", "name": "N", "numbers": [self.number],
                 "outputs": {"next": f"object{i}"}},
                {"id": f"object{i}", "name": f"Object {i}", "members": members,
                 "outputs": outputs, **settings},
                {"id": f"after{i}", "kind": "hang_up", "name": "After", "cause": "busy"},
            ],
        }  # fmt: skip


def _queue(**settings: Any) -> dict[str, Any]:
    return {"kind": "queue", "ring_time": 2, "retry": 1, "max_wait": 20, **settings}


def _group(**settings: Any) -> dict[str, Any]:
    return {"kind": "ring_group", "ring_time": 2, "total_time": 20, "leads": ("no_answer",),
            **settings}  # fmt: skip


CASES = {
    name: Case(index, settings, devices=2 if "devices" in name else 1)
    for index, (name, settings) in enumerate(
        {
            "queue_devices": _queue(),
            "queue_timeout": _queue(max_wait=3, leads=("timeout",)),
            "queue_linear": _queue(strategy="linear", ring_time=1),
            "group_devices": _group(),
            "group_random": _group(strategy="random", ring_time=1),
            "group_round_robin": _group(strategy="round_robin", ring_time=1),
        }.items()
    )
}


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("visits")) as office:
        webhook = {"name": "crm", "url": office.receiver.url("/crm"), "secret_token": "t",
                   "signing_secret": SIGNING, "triggers": TRIGGERS}  # fmt: skip
        text = office.document(
            users=[user for case in CASES.values() for user in case.users],
            flows=[case.flow for case in CASES.values()],
            webhooks=[webhook],
        )
        await office.apply(text)
        yield office


class Play:
    """A case under way: its phones, and the events that came."""

    def __init__(self, office: Serving, case: Case) -> None:
        self.office, self.case = office, case
        self.rang: dict[str, int] = {}

    async def phones(self, stack: AsyncExitStack, **behaviours: Behaviour | None) -> None:
        """Register A's and B's phones (`a`, `b`, or `ax`, `ay` ... with several devices)."""
        for name, behaviour in behaviours.items():
            if behaviour is None:
                continue
            extension = {"a": self.case.a, "b": self.case.b}[name[0]]
            phone = self.office.phone(extension + (name[1:] or "x"))
            phone.on_call = self._counting(name, behaviour)
            await stack.enter_async_context(phone)
            await phone.register()

    def _counting(self, name: str, behaviour: Behaviour) -> Behaviour:
        async def behave(call: Any) -> None:
            self.rang[name] = self.rang.get(name, 0) + 1
            await behaviour(call)

        return behave

    async def call(self) -> Any:
        return await self.office.carrier.call(self.case.number, caller="61400000001")

    async def events(self, last: str, count: int = 1) -> list[Event]:
        """All events of the case, once `count` of the kind `last` came and it was quiet."""

        def own() -> list[Event]:
            requests = self.office.receiver.at("/crm")
            return [r.event for r in requests if r.event["dest_number"] == self.case.number]

        await self.office.receiver.until(
            lambda: sum(event["type"] == last for event in own()) >= count
        )
        await asyncio.sleep(0.7)
        for request in self.office.receiver.at("/crm"):
            parse(request.body)
        return own()


@pytest.fixture
async def play(office: Serving, request: pytest.FixtureRequest) -> Play:
    return Play(office, CASES[request.node.name.removeprefix("test_")])


@pytest.fixture
async def stack() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


def _short(events: Sequence[Event]) -> list[str]:
    """`type(user)` of each, with the summary's status."""
    return [f"{e['type']}({e.get('status') or e['user_name']})" for e in events]


def _summary(events: Sequence[Event]) -> Event:
    (found,) = (event for event in events if "status" in event)
    return found


async def test_queue_devices(play: Play, stack: AsyncExitStack) -> None:
    """A user with two devices is one leg, whichever of them answers."""
    await play.phones(stack, ax=ring_only(), ay=answer_after(1.0))
    call = await play.call()
    await asyncio.sleep(2.5)
    await call.hang_up()
    events = await play.events("queue_call")
    assert _short(events) == [
        "user_inbound(A)", "user_inbound_answered(A)", "user_inbound_completed(A)",
        "queue_call(answered)",
    ]  # fmt: skip
    assert play.rang == {"ax": 1, "ay": 1}


async def test_queue_timeout(play: Play, stack: AsyncExitStack) -> None:
    await play.phones(stack, a=ring_only())
    call = await play.call()
    await call.ended()
    events = await play.events("queue_call")
    assert _short(events)[-1] == "queue_call(timeout)"
    rings = play.rang["a"]
    assert _short(events)[:-1] == ["user_inbound(A)", "user_inbound_completed(A)"] * rings
    assert _summary(events)["user_name"] == ""
    assert _summary(events)["connected_at"] is None


async def test_queue_linear(play: Play, stack: AsyncExitStack) -> None:
    await play.phones(stack, a=ring_only(), b=answer_after(0.3))
    call = await play.call()
    await asyncio.sleep(4)
    await call.hang_up()
    events = await play.events("queue_call")
    assert _short(events) == [
        "user_inbound(A)", "user_inbound_completed(A)",
        "user_inbound(B)", "user_inbound_answered(B)", "user_inbound_completed(B)",
        "queue_call(answered)",
    ]  # fmt: skip


async def test_group_devices(play: Play, stack: AsyncExitStack) -> None:
    await play.phones(stack, ax=ring_only(), ay=answer_after(0.7, hang_up_after=1.0))
    call = await play.call()
    await call.ended()
    events = await play.events("ring_group_call")
    assert _short(events) == [
        "user_inbound(A)", "user_inbound_answered(A)", "user_inbound_completed(A)",
        "ring_group_call(answered)",
    ]  # fmt: skip


async def test_group_random(play: Play, stack: AsyncExitStack) -> None:
    """Whoever is first, the one who answers is reached."""
    await play.phones(stack, a=ring_only(), b=answer_after(0.2, hang_up_after=0.3))
    for _ in range(3):
        call = await play.call()
        await call.ended()
    events = await play.events("ring_group_call", 3)
    assert [e["status"] for e in events if "status" in e] == ["answered"] * 3


async def test_group_round_robin(play: Play, stack: AsyncExitStack) -> None:
    """Each call begins with the member after the one the last call began with."""
    first: list[str] = []

    def noting(name: str, then: Behaviour) -> Behaviour:
        async def behave(call: Any) -> None:
            first.append(name)
            await then(call)

        return behave

    quick = answer_after(0.1, hang_up_after=0.2)
    await play.phones(stack, a=noting("A", quick), b=noting("B", quick))
    for _ in range(4):
        call = await play.call()
        await call.ended()
    assert first == ["A", "B", "A", "B"]


def test_every_case_is_played() -> None:
    assert {f"test_{name}" for name in CASES} <= set(globals())
