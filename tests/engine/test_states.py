"""What users set from their phones, on real calls: do not disturb, forwards, queue logins."""

import asyncio
import json
import sqlite3
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, closing
from typing import Any
from urllib.parse import quote

import pytest
from support.serving import Serving, device, serving
from support.transfers import transferred

from hookswitch.app.line.state import RunningState
from hookswitch.asterisk import process
from hookswitch.asterisk.ami_wire import Message
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.supervise import State
from hookswitch.phone import Call, CallFailed, Phone
from hookswitch.phone.behaviour import answer_after, reject_with, ring_only

SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
USERS = {"1001": "Alice", "1002": "Bob", "1003": "Carl"}
TO_ALICE, TO_QUEUE, TO_GROUP, TO_LOGIN = (f"6130000900{n}" for n in range(4))
RANG, ANSWERED, COMPLETED = "user_inbound", "user_inbound_answered", "user_inbound_completed"
Phones = Mapping[str, Phone]


def entrance(number: str, leads: str) -> dict[str, Any]:
    return {"id": f"in_{leads}", "kind": "number", "name": "N", "numbers": [number],
            "outputs": {"next": leads}}  # fmt: skip


OBJECTS = [
    entrance(TO_ALICE, "alice"),
    {"id": "alice", "kind": "user", "name": "A", "user": "1001", "ring_time": 2},
    entrance(TO_QUEUE, "queue"),
    {"id": "queue", "kind": "queue", "name": "Q", "code": "1", "max_wait": 4, "ring_time": 3,
     "members": [{"user": "1001"}, {"user": "1002"}]},
    entrance(TO_GROUP, "group"),
    {"id": "group", "kind": "ring_group", "name": "G", "members": ["1001", "1002"]},
    entrance(TO_LOGIN, "night"),
    {"id": "night", "kind": "queue", "name": "L", "code": "2", "max_wait": 4,
     "members": [{"user": "1003", "login": True}], "outputs": {"no_agents": "nobody"}},
    {"id": "nobody", "kind": "hang_up", "name": "Nobody", "cause": "busy"},
]  # fmt: skip


def document(office: Serving) -> str:
    webhook = {"name": "crm", "url": office.receiver.url("/crm"), "secret_token": "t",
               "signing_secret": SIGNING, "triggers": [RANG, ANSWERED, COMPLETED]}  # fmt: skip
    users = [
        {"name": name, "extension": extension, "devices": [device(name.lower())]}
        for extension, name in USERS.items()
    ]
    return office.document(
        users=users,
        flows=[{"name": "F", "objects": OBJECTS}],
        webhooks=[webhook],
        routes=[{"name": "all", "patterns": ["0400000001"], "trunks": ["carrier"]}],
        transfers={"recall": False},
    )


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("states")) as office:
        await office.apply(document(office))
        yield office


@pytest.fixture
async def phones(office: Serving) -> AsyncIterator[Phones]:
    async with AsyncExitStack() as stack:
        found = {name: office.phone(name.lower()) for name in USERS.values()}
        for phone in found.values():
            phone.on_call = answer_after(0.1)
            await stack.enter_async_context(phone)
            await phone.register()
        yield found


async def dial(phone: Phone, code: str) -> None:
    """Dial a code; what it does is done before it answers, to say so."""
    call = await phone.call(code)
    await call.answered()
    await call.hang_up()


class Caller:
    """Calls from a number of its own, and tells what its calls gave."""

    last = 0

    def __init__(self, office: Serving) -> None:
        Caller.last += 1
        self.office, self.number = office, f"6140077{Caller.last:04}"

    async def call(self, number: str) -> Call:
        return await self.office.carrier.call(number, caller=self.number)

    async def reaches(self, number: str) -> str | int:
        """The status of a refusal, or the name of the user who answers."""
        call = await self.call(number)
        try:
            async with asyncio.timeout(60):
                await call.answered()
                await self.until(ANSWERED)
        except CallFailed as error:
            await self.until(COMPLETED, 0.5)
            return error.status
        finally:
            await call.hang_up()
        await self.until(COMPLETED)
        return str(next(e["user_name"] for e in self.events() if e["type"] == ANSWERED))

    async def until(self, kind: str, within: float = 60.0) -> None:
        await self.office.receiver.until(lambda: kind in self.told(), within)

    def events(self) -> list[dict[str, Any]]:
        events = [request.event for request in self.office.receiver.requests]
        return [event for event in events if event["caller_id"] == self.number]

    def told(self, user: str | None = None) -> list[str]:
        return [e["type"] for e in self.events() if user in {None, e["user_name"]}]


async def restart_engine(office: Serving) -> None:
    supervisor = office.server.supervisor
    boot = supervisor.boot
    assert supervisor.process is not None
    process.kill(supervisor.process)
    async with asyncio.timeout(60):
        while supervisor.boot == boot or supervisor.state is not State.READY:
            await asyncio.sleep(0.05)


async def kept(office: Serving, *keys: str) -> None:
    """Wait until the engine has written them to disk; it takes a second."""
    place = office.server.supervisor.layout.lib / "db" / "astdb.sqlite3"
    async with asyncio.timeout(60):
        while True:
            with closing(sqlite3.connect(f"file:{place}?mode=ro", uri=True)) as database:
                found = " ".join(key for (key,) in database.execute("SELECT key FROM astdb"))
            if all(key in found for key in keys):
                return
            await asyncio.sleep(0.1)


async def answer(office: Serving, command: str) -> str:
    return await office.server.supervisor.ami.command(command)


async def test_a_user_who_is_not_to_be_disturbed_is_busy_without_being_rung(
    office: Serving, phones: Phones
) -> None:
    rung: list[Call] = []

    async def note(call: Call) -> None:
        rung.append(call)
        call.ring()
        call.answer()

    phones["Alice"].on_call = note
    await dial(phones["Alice"], "*78")
    caller = Caller(office)
    assert await caller.reaches(TO_ALICE) == 486
    assert caller.told() == [COMPLETED]
    assert rung == []
    await office.apply(document(office))
    assert await Caller(office).reaches(TO_ALICE) == 486, "an Apply changes nothing"
    await dial(phones["Alice"], "*79")
    assert await Caller(office).reaches(TO_ALICE) == "Alice"


async def test_queues_and_groups_ring_nobody_who_is_not_to_be_disturbed(
    office: Serving, phones: Phones
) -> None:
    await dial(phones["Alice"], "*78")
    for number in (TO_QUEUE, TO_GROUP):
        caller = Caller(office)
        assert await caller.reaches(number) == "Bob"
        assert caller.told("Alice") == []
    await dial(phones["Alice"], "*79")
    phones["Bob"].on_call = ring_only()
    assert await Caller(office).reaches(TO_QUEUE) == "Alice"
    assert await Caller(office).reaches(TO_GROUP) == "Alice"


async def test_calls_are_forwarded_always(office: Serving, phones: Phones) -> None:
    await dial(phones["Alice"], "*721003")
    rung = [phone.incoming for phone in phones.values()]
    assert all(queue.empty() for queue in rung)
    taken: list[Call] = []

    async def note(call: Call) -> None:
        taken.append(call)
        call.ring()
        call.answer()

    phones["Carl"].on_call = note
    phones["Alice"].on_call = reject_with(500)
    caller = Caller(office)
    assert await caller.reaches(TO_ALICE) == "Alice", "reached through a forward"
    assert caller.told() == [RANG, ANSWERED, COMPLETED]
    assert len(taken) == 1
    await dial(phones["Alice"], "*73")
    phones["Alice"].on_call = answer_after(0.1)
    assert await Caller(office).reaches(TO_ALICE) == "Alice"
    assert len(taken) == 1


@pytest.mark.parametrize(
    ("code", "does"), [("90", reject_with(486)), ("92", ring_only()), ("92", reject_with(480))]
)
async def test_calls_are_forwarded_when_busy_or_not_answered(
    office: Serving, phones: Phones, code: str, does: Any
) -> None:
    off = str(int(code) + 1)
    await dial(phones["Alice"], f"*{code}1003")
    phones["Alice"].on_call = does
    caller = Caller(office)
    try:
        assert await caller.reaches(TO_ALICE) == "Alice"
        assert caller.told() == [RANG, ANSWERED, COMPLETED]
    finally:
        await dial(phones["Alice"], f"*{off}")
    assert await Caller(office).reaches(TO_ALICE) in {486, 480}


async def test_nobody_forwards_to_himself_or_to_nobody(office: Serving, phones: Phones) -> None:
    for target in ("9999", "1001", "0400000002", "1&PJSIP/carl"):
        await dial(phones["Alice"], f"*72{target}")
    assert await Caller(office).reaches(TO_ALICE) == "Alice"
    assert "0 results found" in await answer(office, "database show hs-forward")


async def test_an_agent_logs_in_and_out(office: Serving, phones: Phones) -> None:
    caller = Caller(office)
    call = await caller.call(TO_LOGIN)
    await call.ended()
    assert caller.told() == []
    await dial(phones["Carl"], "*452")
    assert await Caller(office).reaches(TO_LOGIN) == "Carl"
    await dial(phones["Carl"], "*46")
    call = await caller.call(TO_LOGIN)
    await call.ended()
    assert caller.told() == []


async def test_an_agent_pauses_in_one_queue(office: Serving, phones: Phones) -> None:
    await dial(phones["Bob"], "*471")
    caller = Caller(office)
    assert await caller.reaches(TO_QUEUE) == "Alice"
    assert caller.told("Bob") == []
    await office.apply(document(office))
    caller = Caller(office)
    assert await caller.reaches(TO_QUEUE) == "Alice"
    assert caller.told("Bob") == []
    await dial(phones["Bob"], "*481")
    caller = Caller(office)
    assert await caller.reaches(TO_QUEUE) in {"Alice", "Bob"}
    assert RANG in caller.told("Bob")


async def test_an_agent_who_talks_is_not_rung(office: Serving, phones: Phones) -> None:
    assert set(phones) == set(USERS.values())
    talking = await office.carrier.call(TO_ALICE, caller="61400000003")
    await talking.answered()
    caller = Caller(office)
    assert await caller.reaches(TO_QUEUE) == "Bob"
    assert caller.told("Alice") == []
    await talking.hang_up()


async def test_a_code_of_another_queue_is_refused(office: Serving, phones: Phones) -> None:
    await dial(phones["Carl"], "*471")
    assert "0 results found" in await answer(office, "database show hs-pause")


async def test_all_of_it_outlives_the_engine(office: Serving, phones: Phones) -> None:
    await dial(phones["Alice"], "*78")
    await dial(phones["Bob"], "*47")
    await dial(phones["Carl"], "*45")
    await kept(
        office,
        "hsdnd1001",
        "hs-pause/hs-queue/1002",
        "hs-agent/hs-night/1003",
        *(f"contact/{name.lower()};" for name in USERS.values()),
    )
    await restart_engine(office)
    caller = Caller(office)
    assert await caller.reaches(TO_ALICE) == 486
    assert await Caller(office).reaches(TO_LOGIN) == "Carl"
    queued = await caller.call(TO_QUEUE)
    await queued.ended()
    assert RANG not in caller.told()
    await dial(phones["Alice"], "*79")
    await dial(phones["Bob"], "*48")
    await dial(phones["Carl"], "*46")
    assert await Caller(office).reaches(TO_ALICE) == "Alice"


@pytest.mark.parametrize("whom", ["1002", "0400000001"])
async def test_a_transfer_that_nobody_takes_is_not_brought_back(
    office: Serving, phones: Phones, whom: str
) -> None:
    """Without `recall`; by default it is, see rows 17c, 17k and 17l of scenarios.yaml."""
    rung: list[Call] = []

    async def pass_on(call: Call) -> None:
        rung.append(call)
        call.ring()
        call.answer()
        await transferred(call, whom)

    phones["Alice"].on_call = pass_on
    phones["Bob"].on_call = office.carrier.on_call = reject_with(486)
    caller = Caller(office)
    call = await caller.call(TO_ALICE)
    await call.answered()
    await call.ended()
    assert await office.receiver.until(
        lambda: caller.told().count(COMPLETED) == (2 if whom in USERS else 1)
    )
    assert len(rung) == 1
    assert caller.told("Alice") == [RANG, ANSWERED, COMPLETED]


async def test_it_is_seen_in_the_users_state(office: Serving, phones: Phones) -> None:
    for code in ("*78", "*721003", "*901002"):
        await dial(phones["Alice"], code)
    alice, bob, _ = await RunningState(office.server).users()
    assert (alice["do_not_disturb"], bob["do_not_disturb"]) == (True, False)
    assert alice["forwards"] == {"always": "1003", "busy": "1002"}
    for code in ("*79", "*73", "*91"):
        await dial(phones["Alice"], code)
    alice, *_ = await RunningState(office.server).users()
    assert (alice["do_not_disturb"], alice["forwards"]) == (False, {})


async def test_who_is_removed_leaves_nothing_behind(office: Serving, phones: Phones) -> None:
    """Who is given his extension later is not busy for what he never set."""
    for name, codes in {
        "Alice": ("*78", "*901002"),
        "Bob": ("*78", "*47"),
        "Carl": ("*45",),
    }.items():
        for code in codes:
            await dial(phones[name], code)
    whole = json.loads(document(office))
    gone = [user for user in whole["users"] if user["extension"] == "1003"]
    objects = [node for node in OBJECTS if node["id"] in {"in_night", "nobody"}]
    objects[0] = {**objects[0], "outputs": {"next": "nobody"}}
    await office.apply(json.dumps({**whole, "users": gone, "flows": [
        {"name": "F", "objects": objects}]}))  # fmt: skip
    await office.apply(document(office))
    for family in ("CustomDevstate", "hs-forward", "hs-agent", "hs-pause"):
        assert "1001" not in await answer(office, f"database show {family}")
        assert "0 results found" in await answer(office, f"database show {family}"), family
    async with asyncio.timeout(60):  # a phone whose user comes back is asked whether it is there
        while " Avail " not in await answer(office, "pjsip show aor alice"):
            await asyncio.sleep(0.1)
    assert await Caller(office).reaches(TO_ALICE) == "Alice"


async def test_a_call_from_the_trunk_sets_nothing(office: Serving, phones: Phones) -> None:
    """Neither dialled nor transferred there by a user."""
    call = await office.carrier.call("*78", caller="61400000001")
    with pytest.raises(CallFailed):
        await call.answered()
    phones["Alice"].on_call = None
    call = await office.carrier.call(TO_ALICE, caller="61400000001")
    taken = await asyncio.wait_for(phones["Alice"].incoming.get(), 60)
    taken.answer()
    await call.answered()
    await transferred(taken, "*78")
    await call.ended()
    shown = await answer(office, "database show CustomDevstate")
    assert "BUSY" not in shown


async def test_a_caller_in_a_queue_does_not_pass_for_an_agent(
    office: Serving, phones: Phones
) -> None:
    """His number cuts the entry of his call in two; the rest of it names itself a member."""
    for phone in phones.values():
        phone.on_call = ring_only()
    line = "Event: QueueMember\r\nQueue: hs-queue\r\nStateInterface: x:6666@y"
    host, port = office.carrier.address
    said = f"<sip:{quote(f'1{CUT}{line}', safe='')}@{host}:{port}>".encode()
    call = await office.carrier.call(TO_QUEUE, raw_from=said)
    async with asyncio.timeout(20):
        while not any("6666" in one.get("StateInterface") for one in await listed(office)):
            await asyncio.sleep(0.05)
    queue, _ = await RunningState(office.server).queues()
    assert sorted(agent["user"] for agent in queue["agents"]) == ["1001", "1002"]
    await call.hang_up()
    await office.until_settled()


CUT = "\r\n\r\n"


async def listed(office: Serving) -> list[Message]:
    """What the engine gives, in which a member can be forged: else there is no hazard."""
    found = await office.server.supervisor.ami.list_action("QueueStatus")
    return [one for one in found if one.event == "QueueMember"]
