"""The simulator against the engine: generated flows give the same events on both.

HOOKSWITCH_SEED chooses other flows; a failure names the seed of its flow.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import datetime
from random import Random
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import replace
from support.audio import wav
from support.serving import Serving, device, serving

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.simulation import question, simulated
from hookswitch.asterisk.engine import Engine
from hookswitch.phone import Behaviour, Call, tone
from hookswitch.phone.behaviour import answer_after, reject_with, ring_only, ring_then_reject
from kit.documents import SIGNING_SECRET
from kit.flows import generated

CHOSEN = ("random", "least_recent", "fewest_calls", "round_robin")
"""Strategies of queues by which the engine chooses; each has a flow where all answer."""
FLOWS = 18 + len(CHOSEN)
SEED = int(os.environ.get("HOOKSWITCH_SEED", "20261124"))
KINDS = ("user", "user", "ring_group", "queue", "webhook", "condition", "time_condition",
         "caller_id", "call_recording", "external_number", "hang_up")  # fmt: skip
CALLER = "61400000001"
TALK_S = 1.0
QUIET = 0.5
CLEAR_S = 0.35
"""The caller hangs up at least so far from anything else that happens."""
TRIGGERS = [
    *("user_inbound", "user_inbound_answered", "user_inbound_completed"),
    *("queue_call", "ring_group_call", "recording_inbound"),
    *("user_outbound", "user_outbound_answered", "user_outbound_completed", "recording_outbound"),
]
FORWARD_CODES = {"always": "*72", "busy": "*90", "no_answer": "*92"}
DIALLER = "3999"
ROUTES = [
    {"name": "second", "patterns": ["05X."], "trunks": ["nowhere", "carrier"], "ring_time": 5},
    {"name": "none", "patterns": ["06X."], "trunks": ["nowhere"], "caller_id": "61300001111"},
    {"name": "others", "patterns": ["07X."], "trunks": ["carrier"], "users": ["3011"]},
    {"name": "costly", "patterns": ["08X."], "trunks": ["carrier"], "prepend": "09", "strip": 2},
]
Event = Mapping[str, Any]
Measured = tuple[str, str, int, int]
"""Type, user, and both durations."""


class Person(Struct, frozen=True):
    """What a user's phone does, in the simulator's words and in the phone's."""

    reaction: str
    behaviour: Behaviour | None
    forwards: Mapping[str, str] = {}
    """What he forwards by code."""


def person(chance: Random, delay: float, *, queued: bool) -> Person:
    """A queue rings who declines again, for a time that it counts in whole seconds: not here."""
    answers = Person(f"@{delay}s+{TALK_S}s", answer_after(delay, hang_up_after=TALK_S))
    declines = Person(f"declines@{delay}s", ring_then_reject(603, after=delay))
    return chance.choice(
        [
            answers,
            answers,
            Person("no_answer", ring_only()),
            Person("busy", reject_with(486)),
            answers if queued else declines,
            Person("offline", None),
            Person("dnd", answer_after(delay)),
        ]
    )


ANSWERS = Person("@0.8s+1s", answer_after(0.8, hang_up_after=TALK_S))


def somebody_outside(chance: Random) -> Person:
    declines = Person("declines@0.8s", ring_then_reject(603, after=0.8))
    silent, busy = Person("no_answer", ring_only()), Person("busy", reject_with(486))
    return chance.choice([ANSWERS, silent, busy, declines])


OUTSIDE = {
    "1": Person("@0.5s+1s", answer_after(0.5, hang_up_after=1)),
    "2": Person("busy", reject_with(486)),
    "3": Person("no_answer", ring_only()),
    "4": Person("declines@0.5s", ring_then_reject(603, after=0.5)),
}
"""Who answers a number outside, by its last digit."""
DIALLER_SETTINGS = {
    "name": "Dialler", "extension": DIALLER, "devices": [device(DIALLER)], "record_outbound": True,
    "limits": {"destinations": ["0[5-8]X."]},
}  # fmt: skip
DIALLED = [f"0{route}00000{who}" for route in (5, 6, 7, 8) for who in OUTSIDE] + ["0400000001"]


def codes(person: Person) -> list[str]:
    """What he dials to have it so."""
    own = ["*78"] if person.reaction == "dnd" else []
    return own + [f"{FORWARD_CODES[when]}{to}" for when, to in person.forwards.items()]


class Case:
    """One generated flow with two users of its own, and what happens in a call to it."""

    def __init__(self, index: int) -> None:
        self.seed = SEED + index
        chance = Random(self.seed)
        self.index = index
        self.number = f"6130003{index:04}"
        self.chosen = dict(enumerate(CHOSEN, FLOWS - len(CHOSEN))).get(index)
        first = {0: ["queue"], 1: ["ring_group"]}.get(0 if self.chosen else index % 4, [])
        self.press = () if first else chance.choice([(), ("1",), ("2",), ("9",)])
        kinds = [*(["voice_menu"] if self.press else []), *first, *chance.choices(KINDS, k=4)]
        # far enough apart that who answers first is never a race
        self.people = {
            f"3{index:02}{n}": person(chance, delay, queued="queue" in kinds)
            for n, delay in ((1, 0.4), (2, 1.2))
        }
        self.outside = f"04{self.seed % 100:02}{index:06}"
        self.there = somebody_outside(chance)
        self.is_taken_outside = index % 8 == 1
        if self.is_taken_outside:
            self.there = ANSWERS
            self.people = dict.fromkeys(self.people, Person("no_answer", ring_only()))
        for extension, each in self.people.items():
            if each.behaviour is not None and each.reaction != "dnd" and chance.random() < 0.3:
                when = chance.choice(list(FORWARD_CODES))
                self.people[extension] = replace(each, forwards={when: self.outside})
        if self.chosen:
            self.people = dict.fromkeys(self.people, ANSWERS)
        self._kinds, self._chance = kinds, chance
        self.wants_to_leave = chance.random() < 0.3
        self.hang_up: float | None = None
        self.by_chance: list[Mapping[str, Any]] = []
        self.orders: dict[str, Sequence[str]] = {}

    def flow(self, url: str) -> dict[str, Any]:
        users = list(self.people)
        prefix, kinds, to = f"g{self.index}", self._kinds, self.outside
        made = generated(prefix, self.number, kinds, self._chance, users, url, outside=to)
        self.by_chance = [node for node in made["objects"] if self._leaves_to_chance(node)]
        self.wants_to_leave &= not self.by_chance
        return made

    def _leaves_to_chance(self, node: dict[str, Any]) -> bool:
        """Whether the engine chooses who is rung first: made so where what follows is certain."""
        if node["kind"] == "ring_group" and node["strategy"] != "all" and "external" not in node:
            node["strategy"] = "random" if self.index % 2 else node["strategy"]
            return bool(self.index % 2)
        if self.chosen and node["kind"] == "queue":
            node["strategy"] = self.chosen
            node["members"] = [{"user": extension} for extension in self.people]
            return True
        return False

    def learn(self, events: Sequence[Event]) -> None:
        """Whom the engine has chosen, so that the simulator may be told."""
        for node in self.by_chance:
            rang = [
                event["user_number"]
                for event in events
                if event["type"] == "user_inbound"
                and node["name"] in (event["queue_name"], event["ring_group_name"])
            ]
            self.orders[node["id"]] = rang[:1]

    @property
    def users(self) -> list[dict[str, Any]]:
        return [
            {"name": f"User {extension}", "extension": extension, "devices": [device(extension)]}
            for extension in self.people
        ]

    def asked(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "caller": CALLER,
            "answers": {
                **{extension: each.reaction for extension, each in self.people.items()},
                self.outside: self.there.reaction,
            },
            "forwards": {e: each.forwards for e, each in self.people.items() if each.forwards},
            "press": self.press,
            "hang_up": self.hang_up,
            "orders": self.orders,
        }


@pytest.fixture(scope="module")
async def cases(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Serving, Sequence[Case]]]:
    assert engine.version
    cases = [Case(index) for index in range(FLOWS)]
    async with serving(tmp_path_factory.mktemp("simulation")) as at:
        at.server.prompts.add("beep", wav(tone(1400)[:25]))
        webhook = {"name": "crm", "url": at.receiver.url("/crm"), "secret_token": "t",
                   "signing_secret": SIGNING_SECRET, "triggers": TRIGGERS}  # fmt: skip
        url = at.receiver.url("")
        await at.apply(
            at.document(
                users=[*(user for case in cases for user in case.users), DIALLER_SETTINGS],
                flows=[case.flow(url) for case in cases],
                webhooks=[webhook],
                routes=[{"name": "mobile", "patterns": ["04X."], "trunks": ["carrier"]}, *ROUTES],
            )
        )
        await at.until_known_away("nowhere")
        there = {case.outside: case.there for case in cases}

        async def answer(call: Call) -> None:
            who = there.get(call.dialled) or OUTSIDE[call.dialled[-1]]
            assert who.behaviour is not None
            await who.behaviour(call)

        at.carrier.on_call = answer
        yield at, cases


def expected(at: Serving, case: Case) -> list[Event]:
    found = simulated(at.server.live.document, question(case.asked()), now_ms())
    return [event["body"] for event in found["events"]]


def choose_hang_up(at: Serving, case: Case) -> None:
    """Some callers leave in the middle, at a moment when nothing else happens."""
    found = simulated(at.server.live.document, question(case.asked()), now_ms())
    moments = [each["at"] for each in found["path"]]
    moments += [_offset(event["at"], found) for event in found["events"]]
    free = [
        tenth / 10
        for tenth in range(8, int(found["duration"] * 10))
        if all(abs(tenth / 10 - moment) >= CLEAR_S for moment in moments)
    ]
    if case.wants_to_leave and free:
        case.hang_up = Random(case.seed).choice(free)


def _offset(at: str, found: Mapping[str, Any]) -> float:
    first = datetime.fromisoformat(found["events"][0]["body"]["call_start_at"])
    return (datetime.fromisoformat(at) - first).total_seconds()


async def play(at: Serving, case: Case) -> None:
    async with AsyncExitStack() as stack:
        for extension, each in case.people.items():
            if each.behaviour is not None:
                phone = at.phone(extension, tone(800))
                phone.on_call = each.behaviour
                await stack.enter_async_context(phone)
                await phone.register()
                for code in codes(each):
                    dialled = await phone.call(code)
                    await dialled.answered()
                    await dialled.hang_up()
        call = await at.carrier.call(case.number, caller=CALLER, sound=tone(500))
        if case.press:
            await call.answered()
            await call.dtmf("".join(case.press))
        if case.hang_up is not None:
            await asyncio.sleep(case.hang_up - (0.3 if case.press else 0))
            await call.hang_up()
        await call.ended(timeout=120)


def of(at: Serving, case: Case) -> list[Event]:
    return of_number(at, case.number)


def lanes(events: Sequence[Event]) -> dict[str, list[tuple[Any, ...]]]:
    """What must be in order: each user's own events, and those of each other kind."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    for event in events:
        kind = event["type"]
        lane = event["user_number"] if kind.startswith("user_") else kind
        told = ("status", "queue_name", "ring_group_name", "component_name")
        found.setdefault(lane, []).append(
            (kind, *(event.get(field) for field in told), event.get("connected_at") is not None)
        )
    return found


def durations(events: Sequence[Event]) -> list[Measured]:
    return sorted(
        (e["type"], e["user_number"], e["call_duration"], e["conversation_duration"])
        for e in events
        if "call_duration" in e
    )


async def test_generated_flows_give_what_is_simulated(
    cases: tuple[Serving, Sequence[Case]],
) -> None:
    at, all_cases = cases
    for case in all_cases:
        choose_hang_up(at, case)
    await asyncio.gather(*(play(at, case) for case in all_cases))
    await at.until_settled()
    await asyncio.sleep(QUIET)
    wrong = {case.seed: found for case in all_cases if (found := _differences(at, case))}
    assert not wrong
    assert any(rang for case in all_cases for rang in case.orders.values()), "too tame"
    kinds = {event["type"] for case in all_cases for event in of(at, case)}
    assert {"user_inbound_completed", "queue_call", "ring_group_call"} <= kinds, "too tame"


def _differences(at: Serving, case: Case) -> list[str]:
    came = of(at, case)
    case.learn(came)
    should = expected(at, case)
    if lanes(came) != lanes(should):
        said = [case.asked(), case._kinds]
        return [f"{said}: {lanes(came)}", f"simulated: {lanes(should)}"]
    pairs = zip(durations(came), durations(should), strict=True)
    return [f"{one} instead of {other}" for one, other in pairs if not _alike(one, other)]


def _alike(one: Measured, other: Measured) -> bool:
    return one[:2] == other[:2] and abs(one[2] - other[2]) <= 1 and abs(one[3] - other[3]) <= 1


async def test_a_users_calls_outside_give_what_is_simulated(
    cases: tuple[Serving, Sequence[Case]],
) -> None:
    """By a second trunk, none, another's route, to a blocked number, and where he may not call."""
    at, _ = cases
    async with at.phone(DIALLER, tone(500)) as phone:
        await phone.register()
        wrong = {}
        for number in DIALLED:
            asked = {"number": number, "caller": DIALLER, "away": ["nowhere"],
                     "answers": {number: OUTSIDE[number[-1]].reaction}}  # fmt: skip
            found = simulated(at.server.live.document, question(asked), now_ms())
            should = [event["body"] for event in found["events"]]
            call = await phone.call(number)
            await call.ended(timeout=60)
            await at.receiver.until(lambda n=number, s=should: len(of_number(at, n)) >= len(s))
            came = of_number(at, number)
            shown = [{e["caller_id"] for e in events} for events in (came, should)]
            if lanes(came) != lanes(should) or shown[0] != shown[1]:
                wrong[number] = [lanes(came), "simulated", lanes(should), shown]
        assert not wrong


def of_number(at: Serving, number: str) -> list[Event]:
    return [r.event for r in at.receiver.requests if r.event["dest_number"] == number]
