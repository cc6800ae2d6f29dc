"""What Apply changes, when, and what it leaves alone: on real calls through the real engine."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest
from support.receiver import Request
from support.serving import Serving, device, serving
from support.site import endpoint

from hookswitch.app.configuration import rendering
from hookswitch.app.configuration.apply import ApplyError
from hookswitch.asterisk import throwaway
from hookswitch.config.check import parse_text
from hookswitch.model.ids import CallId
from hookswitch.model.plan import Plan
from hookswitch.phone import Call, CallState, Phone
from hookswitch.phone.behaviour import answer_after, reject_with
from hookswitch.store.rows import DeliveryFilter, DeliveryRow

NUMBER = "61300000001"
ALL = ("user_inbound", "user_inbound_answered", "user_inbound_completed")
QUIET = 1.0
FLOW = (
    {"id": "main", "kind": "number", "numbers": [NUMBER], "outputs": {"next": "alice"}},
    {"id": "alice", "kind": "user", "user": "1001"},
)


class Line:
    """An installation with two users, Alice and Bob, whose document changes from test to test."""

    def __init__(self, at: Serving, alice: Phone, bob: Phone) -> None:
        self.at, self.alice, self.bob = at, alice, bob
        self.store = at.server.store
        self.requests = at.receiver.requests

    def document(
        self,
        webhooks: Sequence[Mapping[str, Any]],
        objects: Sequence[Mapping[str, Any]] = FLOW,
    ) -> str:
        return self.at.document(
            users=[
                {"name": "Alice", "extension": "1001", "devices": [device("alice")]},
                {"name": "Bob", "extension": "1002", "devices": [device("bob")]},
            ],
            flows=[{"name": "Flow", "objects": [{"name": o["id"], **o} for o in objects]}],
            webhooks=webhooks,
        )

    def webhook(
        self, name: str, triggers: Sequence[str] = ALL, *, path: str = "", token: str = ""
    ) -> dict[str, Any]:
        return {**self.settings(name, path, token), "name": name, "triggers": list(triggers)}

    def settings(self, name: str, path: str = "", token: str = "") -> dict[str, Any]:
        made = endpoint(name, path or f"/{name}")
        return {
            "url": self.at.receiver.url(made.path),
            "secret_token": token or made.token,
            "signing_secret": made.signing_secret,
        }

    async def apply(self, text: str) -> int:
        return await self.at.apply(text)

    async def dial(self) -> Call:
        return await self.at.carrier.call(NUMBER, name="Jane", caller="61400000001")

    async def talk(self, *, expect: int) -> list[Request]:
        """Make a short answered call; gives the webhooks that came for it."""
        before = len(self.requests)
        call = await self.dial()
        await call.answered()
        await call.hang_up()
        await self.came(before + expect)
        return self.requests[before:]

    async def came(self, count: int) -> None:
        """Wait until so many requests are there in all, and see that no other follows."""
        assert await self.at.receiver.until(lambda: len(self.requests) >= count)
        await self.over()
        assert len(self.requests) == count

    async def over(self) -> None:
        async def is_over() -> bool:
            return not self.at.server.line.open_calls

        await until(is_over)

    async def states(self, call: str) -> dict[tuple[str, int], str]:
        rows = await self.deliveries(call)
        return {(row.endpoint, row.sequence or 0): row.state for row in rows}

    async def deliveries(self, call: str) -> Sequence[DeliveryRow]:
        return await self.store.deliveries(DeliveryFilter(call=CallId(call)))


async def until(done: Callable[[], Awaitable[bool]], within: float = 60.0) -> None:
    async with asyncio.timeout(within):
        while not await done():
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def shared_line(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Line]:
    async with (
        serving(tmp_path_factory.mktemp("apply")) as at,
        at.phone("alice") as alice,
        at.phone("bob") as bob,
    ):
        line = Line(at, alice, bob)
        await line.apply(line.document([]))
        await asyncio.gather(alice.register(), bob.register())
        yield line


@pytest.fixture
async def line(shared_line: Line) -> AsyncIterator[Line]:
    """The same installation for all; each test applies its own document first."""
    shared_line.alice.on_call = answer_after()
    shared_line.bob.on_call = answer_after()
    shared_line.at.receiver.answers.clear()
    yield shared_line
    await asyncio.gather(*(call.hang_up() for call in shared_line.at.carrier.calls.values()))
    await shared_line.over()


async def test_an_unticked_trigger_makes_no_delivery(line: Line) -> None:
    await line.apply(line.document([line.webhook("crm", ["user_inbound_completed"])]))
    (only,) = await line.talk(expect=1)
    call = CallId(only.event["unique_call_id"])
    assert only.event["type"] == "user_inbound_completed"
    assert only.sequence == 1
    assert [event.type for event in await line.store.events(call)] == list(ALL)
    assert set(await line.states(call)) == {("crm", 1)}


async def test_a_change_takes_effect_on_apply_and_not_before(line: Line) -> None:
    await line.apply(line.document([line.webhook("crm")]))
    new = line.document(
        [line.webhook("crm", ["user_inbound_answered"], path="/moved", token="new token")]
    )
    parse_text(new)
    before = await line.talk(expect=3)
    assert {(r.path, r.headers["x-pbx-token"]) for r in before} == {("/crm", "token of crm")}
    await line.apply(new)
    (after,) = await line.talk(expect=1)
    assert (after.path, after.headers["x-pbx-token"]) == ("/moved", "new token")
    assert after.event["type"] == "user_inbound_answered"


async def test_apply_during_a_call_leaves_it_on_its_flow(line: Line) -> None:
    old = [
        {**FLOW[0], "outputs": {"next": "alice"}},
        {**FLOW[1], "outputs": {"ended": "bye"}},
        {"id": "bye", "kind": "webhook", **line.settings("bye")},
    ]
    await line.apply(line.document([line.webhook("crm")], old))
    before = len(line.requests)
    call = await line.dial()
    await call.answered()
    new = [FLOW[0], {"id": "alice", "kind": "user", "user": "1002"}]
    await line.apply(line.document([line.webhook("crm")], new))
    (there,) = [c for c in line.alice.calls.values() if c.state is CallState.ANSWERED]
    await there.hang_up()
    await call.ended()
    await line.came(before + 4)
    of_old = line.requests[before:]
    (bye,) = [request for request in of_old if request.path == "/bye"]
    assert bye.event["component_name"] == "bye"
    assert bye.headers["x-pbx-token"] == "token of bye"
    assert {r.event["user_name"] for r in of_old if r is not bye} == {"Alice"}
    assert {request.event["user_name"] for request in await line.talk(expect=3)} == {"Bob"}


async def test_apply_while_it_rings_leaves_the_rest_of_the_flow(line: Line) -> None:
    """The call has still to go through contexts that no later revision has."""
    old = [
        FLOW[0],
        {**FLOW[1], "outputs": {"busy": "bob"}},
        {"id": "bob", "kind": "user", "user": "1002"},
    ]
    line.alice.on_call = None
    await line.apply(line.document([line.webhook("crm")], old))
    before = len(line.requests)
    call = await line.dial()
    at_alice = await line.alice.incoming.get()
    at_alice.ring()
    await call.ringing()
    for _ in range(3):
        await line.apply(line.document([line.webhook("crm")]))
    assert not call.final_status
    at_alice.reject()
    await call.answered()
    await call.hang_up()
    await line.came(before + 5)
    names = [request.event["user_name"] for request in line.requests[before:]]
    assert names == ["Alice"] * 2 + ["Bob"] * 3


def with_text(extra: str) -> Callable[[Plan], str]:
    """A rendering that ends in lines no compiler would give."""
    right = rendering.render_revision
    return lambda plan: right(plan) + extra


BROKEN = {
    "a line that is no dialplan": "\n[hs-broken]\nexten => s\n",
    "a context without its bracket": "\n[hs-broken\nexten => s,1,NoOp()\n",
}


@pytest.mark.parametrize("reason", BROKEN)
async def test_the_old_revision_stays_when_the_engine_on_trial_refuses(
    line: Line, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    number = await line.apply(line.document([line.webhook("crm")]))
    before = _files(line)
    monkeypatch.setattr(rendering, "render_revision", with_text(BROKEN[reason]))
    with pytest.raises(ApplyError, match="does not take"):
        await line.apply(line.document([line.webhook("other")]))
    await _is_in_force(line, number, before)


@pytest.mark.parametrize("reason", BROKEN)
async def test_the_old_revision_stays_when_only_the_live_engine_refuses(
    line: Line, monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    async def sees_nothing(*_: object, **__: object) -> list[str]:
        return []

    number = await line.apply(line.document([line.webhook("crm")]))
    before = _files(line)
    monkeypatch.setattr(throwaway, "validate", sees_nothing)
    monkeypatch.setattr(rendering, "render_revision", with_text(BROKEN[reason]))
    with pytest.raises(ApplyError, match="complained"):
        await line.apply(line.document([line.webhook("other")]))
    await _is_in_force(line, number, before)


async def test_the_old_revision_stays_when_an_application_is_not_loaded(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = await line.apply(line.document([line.webhook("crm")]))
    before = _files(line)
    right = rendering._applications
    monkeypatch.setattr(
        rendering, "_applications", lambda plan: (*right(plan), "NoSuchApplication")
    )
    with pytest.raises(ApplyError, match="NoSuchApplication is not there"):
        await line.apply(line.document([line.webhook("other")]))
    await _is_in_force(line, number, before)


async def _is_in_force(line: Line, number: int, before: Mapping[str, str]) -> None:
    assert line.at.server.live.revision == number
    assert _files(line) == before
    failed = await line.store.revision(number + 1)
    assert failed is not None
    assert failed.state == "failed"
    assert {request.path for request in await line.talk(expect=3)} == {"/crm"}


def _files(line: Line) -> dict[str, str]:
    etc = line.at.server.supervisor.layout.etc
    return {str(p.relative_to(etc)): p.read_text() for p in etc.glob("**/*.conf")}


async def test_pending_deliveries_of_a_deleted_endpoint_are_cancelled(line: Line) -> None:
    line.alice.on_call = reject_with(486)
    line.at.receiver.answers["/deleted"] = itertools.repeat(500)
    await line.apply(line.document([line.webhook("deleted"), line.webhook("kept")]))
    before = len(line.requests)
    await (await line.dial()).ended()
    await line.came(before + 2)
    call = line.requests[-1].event["unique_call_id"]

    async def is_waiting() -> bool:
        return await line.states(call) == {("deleted", 1): "pending", ("kept", 1): "delivered"}

    await until(is_waiting)
    await line.apply(line.document([line.webhook("kept")]))
    assert await line.states(call) == {("deleted", 1): "cancelled", ("kept", 1): "delivered"}
    assert len(line.at.receiver.at("/deleted")) == 1


async def test_a_retry_has_the_same_id_and_body_and_holds_up_no_other(line: Line) -> None:
    line.at.receiver.answers["/crm"] = iter([500])
    await line.apply(line.document([line.webhook("crm")]))
    first, second, third, again = await line.talk(expect=4)
    assert [r.attempt for r in (first, second, third, again)] == [1, 1, 1, 2]
    assert [r.sequence for r in (first, second, third, again)] == [1, 2, 3, 1]
    assert (again.id, again.body) == (first.id, first.body)
    assert again.at - first.at >= 5
    call = first.event["unique_call_id"]

    async def is_done() -> bool:
        return set((await line.states(call)).values()) == {"delivered"}

    await until(is_done)
    (row,) = [r for r in await line.deliveries(call) if r.event == first.id]
    attempts = await line.store.attempts(row.id)
    assert [(a.number, a.status, a.error) for a in attempts] == [
        (1, 500, "status"),
        (2, 200, None),
    ]


async def test_audio_is_made_ready_for_browsers_where_there_is_one(line: Line) -> None:
    async def ice() -> str:
        shown = await line.at.engine_says("rtp show settings")
        return next(row for row in shown.splitlines() if "ICE support" in row).split()[-1]

    await line.apply(line.document([]))
    assert await ice() == "No"
    document = json.loads(line.document([]))
    document["users"][1]["devices"].append({**device("web"), "kind": "browser"})
    await line.apply(json.dumps(document))
    assert await ice() == "Yes"
