"""Settings of queues on real calls: who is rung next, rest after a talk, what is played."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.audio import received, wav
from support.serving import Serving, device, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.flow.nodes.queue.section import STRATEGIES
from hookswitch.phone import Call, Phone, tone
from hookswitch.phone.behaviour import answer_after

WRAP_UP_S = 2
QUEUES: Mapping[str, dict[str, Any]] = {
    **{strategy: {"strategy": strategy} for strategy in STRATEGIES},
    "penalties": {"strategy": "fewest_calls"},
    "wrapped_up": {"wrap_up": WRAP_UP_S, "retry": 1},
    "periodic": {
        "periodic_prompt": "beep",
        "periodic_every": 5,
        "join_when_empty": True,
        "leave_when_empty": False,
    },
}
AGENTS = ("1", "2")


class Office:
    """Each queue has a number and agents of its own; `took` are the agents in their order."""

    def __init__(self, at: Serving) -> None:
        self.at = at
        self.took: dict[str, list[str]] = {queue: [] for queue in QUEUES}
        self.phones: dict[str, Phone] = {}
        self.calls: dict[str, list[Call]] = {queue: [] for queue in QUEUES}

    def number(self, queue: str) -> str:
        return f"6130007{list(QUEUES).index(queue):04}"

    def agents(self, queue: str) -> list[str]:
        count = 1 if queue == "wrapped_up" else 0 if queue == "periodic" else 2
        return [f"8{list(QUEUES).index(queue)}{agent}" for agent in AGENTS[:count]]

    def document(self) -> str:
        users = [
            {"name": agent, "extension": agent, "devices": [device(agent)]}
            for queue in QUEUES
            for agent in self.agents(queue)
        ]
        return self.at.document(users=users, flows=[self._flow(queue) for queue in QUEUES])

    def _flow(self, queue: str) -> dict[str, Any]:
        rank = queue == "penalties"
        agents = enumerate(self.agents(queue))
        members = [{"user": agent, **({"penalty": at} if rank else {})} for at, agent in agents]
        return {
            "name": queue,
            "objects": [
                {"id": f"in_{queue}", "kind": "number", "name": "In",
                 "numbers": [self.number(queue)], "outputs": {"next": queue}},
                {"id": queue, "kind": "queue", "name": queue, "members": members,
                 **QUEUES[queue]},
            ],
        }  # fmt: skip

    async def register(self, stack: AsyncExitStack) -> None:
        for queue in QUEUES:
            for agent in self.agents(queue):
                phone = self.at.phone(agent)
                phone.on_call = self._noting(queue, agent)
                self.phones[agent] = await stack.enter_async_context(phone)
                await phone.register()

    def _noting(self, queue: str, agent: str) -> Any:
        async def behave(call: Call) -> None:
            self.took[queue].append(agent)
            self.calls[queue].append(call)
            await answer_after(0.1, hang_up_after=0.2)(call)

        return behave

    async def call(self, queue: str, times: int = 1) -> None:
        """One call after another, each to its end."""
        for _ in range(times):
            call = await self.at.carrier.call(self.number(queue), caller="61400000001")
            await call.ended()


@pytest.fixture(scope="module")
async def office(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("queues")) as at, AsyncExitStack() as stack:
        at.server.prompts.add("beep", wav(tone(1400)[:25]))
        office = Office(at)
        await at.apply(office.document())
        await office.register(stack)
        yield office


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_the_engine_has_the_strategy(office: Office, strategy: str) -> None:
    """What it does not know it takes for ringall, and says nothing."""
    shown = await office.at.server.supervisor.ami.command(f"queue show hs-{strategy}")
    assert f"in '{STRATEGIES[strategy]}' strategy" in shown


@pytest.mark.parametrize("strategy", ["round_robin", "least_recent", "fewest_calls"])
async def test_who_took_a_call_is_not_the_next(office: Office, strategy: str) -> None:
    await office.call(strategy, 2)
    assert sorted(office.took[strategy]) == office.agents(strategy)


async def test_round_robin_remembers(office: Office) -> None:
    before = len(office.took["round_robin"])
    await office.call("round_robin", 4)
    first, second, *others = office.took["round_robin"][before:]
    assert first != second
    assert others == [first, second]


async def test_linear_begins_with_the_first_each_time(office: Office) -> None:
    await office.call("linear", 3)
    assert office.took["linear"] == office.agents("linear")[:1] * 3


async def test_who_has_the_lowest_penalty_is_asked_first_however_much_he_took(
    office: Office,
) -> None:
    await office.call("penalties", 3)
    first, second = office.agents("penalties")
    assert office.took["penalties"] == [first] * 3
    await office.phones[first].close()
    await office.call("penalties")
    assert office.took["penalties"][3:] == [second]


async def test_an_agent_rests_after_a_talk(office: Office) -> None:
    await office.call("wrapped_up", 2)
    first, second = office.calls["wrapped_up"]
    rest = second.moments[0].epoch - first.moments[-1].epoch
    assert rest >= WRAP_UP_S - 1, "the engine counts whole seconds"


async def test_a_prompt_is_played_now_and_then(office: Office) -> None:
    number = office.number("periodic")
    call = await office.at.carrier.call(number, caller="61400000001")
    await call.answered()
    async with asyncio.timeout(60):
        while received(call).heard(1400) < 0.2:
            await asyncio.sleep(0.5)
    await call.hang_up()
