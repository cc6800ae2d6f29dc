"""Hold and transfer by a softphone that is not ours: baresip."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from support.baresip import baresip
from support.objects import SIGNING, USER_EVENTS
from support.serving import Serving, device, serving

from hookswitch.asterisk.ami_wire import Message
from hookswitch.phone import CallState
from hookswitch.phone.behaviour import answer_after

NUMBER = "61300009200"
HOST = "127.0.0.5"


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("baresip")) as up:
        objects = [
            {"id": "main", "kind": "number", "name": "N", "numbers": [NUMBER],
             "outputs": {"next": "alice"}},
            {"id": "alice", "kind": "user", "name": "A", "user": "1001"},
        ]  # fmt: skip
        users = [
            {"name": "Alice", "extension": "1001", "devices": [device("alice")]},
            {"name": "Bob", "extension": "1002", "devices": [device("bob")]},
        ]
        webhook = {"name": "crm", "url": up.receiver.url("/crm"), "secret_token": "t",
                   "signing_secret": SIGNING, "triggers": USER_EVENTS}  # fmt: skip
        await up.apply(
            up.document(users=users, flows=[{"name": "F", "objects": objects}], webhooks=[webhook])
        )
        yield up


async def test_baresip_holds_resumes_and_transfers_blindly(at: Serving, tmp_path: Path) -> None:
    held: list[str] = []

    def note(message: Message) -> None:
        held.append(message.get("Event"))

    stops = [at.server.supervisor.ami.listen(note, event) for event in ("Hold", "Unhold")]
    async with at.phone("bob") as bob, baresip(at, "alice", tmp_path, HOST) as alice:
        bob.on_call = answer_after(0.3)
        await bob.register()
        call = await at.carrier.call(NUMBER, caller="61400000001", name="Jane")
        await alice.until("CALL_INCOMING")
        await alice.tell("accept")
        await call.answered()
        await alice.until("CALL_ESTABLISHED")
        await alice.tell("hold")
        await alice.until("CALL_ANSWERED")
        await alice.tell("resume")
        await alice.until("CALL_ANSWERED", 2)
        async with asyncio.timeout(60):
            while held != ["Hold", "Unhold"]:
                await asyncio.sleep(0.05)
        assert await at.receiver.until(lambda: len(at.receiver.requests) == 2)
        await alice.tell("transfer", "1002")
        await alice.until("CALL_CLOSED")
        assert await at.receiver.until(lambda: len(at.receiver.requests) == 5)
        assert call.state is CallState.ANSWERED
        await call.hang_up()
        assert await at.receiver.until(lambda: len(at.receiver.requests) == 6)
    for stop in stops:
        stop()
    events = [request.event for request in at.receiver.requests]
    assert [(e["type"], e["user_name"]) for e in events] == [
        *((kind, "Alice") for kind in USER_EVENTS),
        *((kind, "Bob") for kind in USER_EVENTS),
    ]
    assert len({e["unique_call_id"] for e in events}) == 1
