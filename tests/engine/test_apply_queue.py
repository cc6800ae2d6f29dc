"""Apply while a queue's call is under way: it goes on, the next call uses what is new."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.objects import SIGNING
from support.serving import Serving, device, serving

from hookswitch.phone import Call, CallFailed, CallState, Phone
from hookswitch.phone.behaviour import answer_after, ring_only

NUMBER = "61300009100"
RANG, ANSWERED, COMPLETED = "user_inbound", "user_inbound_answered", "user_inbound_completed"
SUMMARY = "queue_call"
ALICE, BOB = {"name": "Alice", "extension": "1001"}, {"name": "Bob", "extension": "1002"}
ENTRANCE = {"id": "main", "kind": "number", "name": "N", "numbers": [NUMBER],
            "outputs": {"next": "first"}}  # fmt: skip
QUEUE = {"id": "first", "kind": "queue", "name": "Q", "max_wait": 6, "ring_time": 10,
         "members": [{"user": "1001"}, {"user": "1002"}], "outputs": {"ended": "old"}}  # fmt: skip
TO_BOB = {"id": "first", "kind": "user", "name": "B", "user": "1002"}
OLD = {"id": "old", "kind": "hang_up", "name": "Old", "cause": "busy"}


CALLS = itertools.count()


class Office:
    def __init__(self, at: Serving, phones: Sequence[Phone]) -> None:
        self.at, (self.alice, self.bob) = at, phones

    async def apply(self, users: Sequence[dict[str, str]], *objects: dict[str, Any]) -> None:
        webhook = {"name": "crm", "url": self.at.receiver.url("/crm"), "secret_token": "t",
                   "signing_secret": SIGNING,
                   "triggers": [RANG, ANSWERED, COMPLETED, SUMMARY]}  # fmt: skip
        made = [{**user, "devices": [device(user["name"].lower())]} for user in users]
        flows = [{"name": "F", "objects": list(objects)}]
        await self.at.apply(self.at.document(users=made, flows=flows, webhooks=[webhook]))

    async def dial(self) -> tuple[Call, str]:
        caller = f"6140088{next(CALLS):04}"
        return await self.at.carrier.call(NUMBER, caller=caller), caller

    def told(self, caller: str) -> list[tuple[str, str]]:
        events = [request.event for request in self.at.receiver.requests]
        return [(e["type"], e["user_name"]) for e in events if e["caller_id"] == caller]

    async def until(self, caller: str, kind: str, times: int = 1) -> None:
        def came() -> bool:
            return sum(said == kind for said, _ in self.told(caller)) >= times

        assert await self.at.receiver.until(came), self.told(caller)

    async def reaches(self, user: str) -> None:
        """The next call uses the new flow: it rings that user, through no queue."""
        call, caller = await self.dial()
        await call.answered()
        await call.hang_up()
        await self.until(caller, COMPLETED)
        assert self.told(caller) == [(RANG, user), (ANSWERED, user), (COMPLETED, user)]


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("apply_queue")) as running:
        yield running


@pytest.fixture
async def office(at: Serving) -> AsyncIterator[Office]:
    async with AsyncExitStack() as stack:
        phones = [at.phone("alice"), at.phone("bob")]
        made = Office(at, phones)
        await made.apply([ALICE, BOB], ENTRANCE, QUEUE, OLD)
        for phone in phones:
            await stack.enter_async_context(phone)
            await phone.register()
            phone.on_call = ring_only()
        yield made


async def test_the_flow_changes_while_an_agent_talks(office: Office) -> None:
    office.alice.on_call = answer_after(0.2, hang_up_after=2)
    call, caller = await office.dial()
    await office.until(caller, ANSWERED)
    await office.apply([ALICE, BOB], ENTRANCE, TO_BOB)
    assert call.state is CallState.ANSWERED
    await call.ended()
    await office.until(caller, SUMMARY)
    assert sorted(office.told(caller)) == sorted(
        [(RANG, "Alice"), (RANG, "Bob"), (ANSWERED, "Alice"), (COMPLETED, "Alice"),
         (COMPLETED, "Bob"), (SUMMARY, "Alice")]
    )  # fmt: skip
    office.bob.on_call = answer_after(0.1)
    await office.reaches("Bob")


async def test_the_queue_is_removed_while_it_rings(office: Office) -> None:
    """Its phones go on ringing; an answer is one as before."""
    ringing: list[Call] = []

    async def note(call: Call) -> None:
        ringing.append(call)
        call.ring()

    office.bob.on_call = note
    call, caller = await office.dial()
    await office.until(caller, RANG, 2)
    await office.apply([ALICE, BOB], ENTRANCE, TO_BOB)
    assert call.state is CallState.ANSWERED
    ringing[0].answer()
    await office.until(caller, ANSWERED)
    await asyncio.sleep(0.3)
    await call.hang_up()
    await office.until(caller, SUMMARY)
    assert sorted(office.told(caller)) == sorted(
        [(RANG, "Alice"), (RANG, "Bob"), (ANSWERED, "Bob"), (COMPLETED, "Alice"),
         (COMPLETED, "Bob"), (SUMMARY, "Bob")]
    )  # fmt: skip
    office.bob.on_call = answer_after(0.1)
    await office.reaches("Bob")


async def test_the_queue_is_removed_and_nobody_answers(office: Office) -> None:
    """The caller leaves it as one whose time is over, by the flow he came in with."""
    call, caller = await office.dial()
    await office.until(caller, RANG, 2)
    await office.apply([ALICE, BOB], ENTRANCE, TO_BOB)
    await call.ended()
    await office.until(caller, SUMMARY)
    told = office.told(caller)
    assert told.count((SUMMARY, "")) == 1
    assert sum(kind == RANG for kind, _ in told) == sum(kind == COMPLETED for kind, _ in told)


async def test_the_agent_is_removed_while_he_talks(office: Office) -> None:
    office.alice.on_call = answer_after(0.2)
    call, caller = await office.dial()
    await office.until(caller, ANSWERED)
    await office.apply([BOB], ENTRANCE, TO_BOB)
    assert call.state is CallState.ANSWERED
    await call.hang_up()
    await office.until(caller, SUMMARY)
    assert (COMPLETED, "Alice") in office.told(caller)
    assert office.told(caller)[-1] == (SUMMARY, "Alice")
    with pytest.raises(CallFailed):
        await (await office.alice.call("1002")).answered()
    office.bob.on_call = answer_after(0.1)
    await office.reaches("Bob")
