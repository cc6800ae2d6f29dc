"""Generated flows: objects of every kind, connected at random, as plain values."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from kit.documents import SIGNING_SECRET

Object = dict[str, Any]
HOOK = {"secret_token": "t", "signing_secret": SIGNING_SECRET}
NOBODY = "0400009999"
"""A number outside that no route fits."""
ANY_TIME = {"hours": ["00:00-24:00"]}


class Draw:
    """Settings of an object, chosen by chance: a method for each kind. Times are short."""

    def __init__(self, chance: Random, users: Sequence[str], url: str, outside: str) -> None:
        self.chance = chance
        self.outside = outside
        self.url = url
        self.one = chance.choice(users)
        self.some = chance.sample(users, k=chance.randint(1, len(users)))

    def user(self) -> Object:
        return {"user": self.one, "ring_time": 2}

    def ring_group(self) -> Object:
        strategy = self.chance.choice(["all", "in_order", "round_robin"])
        group = {"members": self.some, "strategy": strategy, "ring_time": 2}
        if self.outside == NOBODY or self.chance.random() < 0.6:
            return group
        return {**group, "external": [self.outside], "confirm": False}

    def queue(self) -> Object:
        agents = {"members": [{"user": member} for member in self.some]}
        if self.chance.random() < 0.5:
            return {**agents, "ring_time": 5, "retry": 1, "max_wait": 3}
        linear = {"strategy": "linear", "ring_time": 2, "retry": 1}
        return {**agents, **linear, "max_wait": 3 * len(self.some)}

    def webhook(self) -> Object:
        return {"url": self.url, **HOOK}

    def condition(self) -> Object:
        values = [self.chance.choice(["614", "44"])]
        case = {"output": "mobile", "match": "caller_number", "how": "prefix", "values": values}
        return {"cases": [case]}

    def time_condition(self) -> Object:
        group = self.chance.choice([ANY_TIME, {"years": ["2001"]}])
        return {"time_zone": "Australia/Sydney", "groups": [group]}

    def caller_id(self) -> Object:
        return {"name_prefix": "VIP "}

    def call_recording(self) -> Object:
        return {"action": self.chance.choice(["start", "stop"])}

    def voice_menu(self) -> Object:
        return {"timeout": 1, "retries": 0}

    def hang_up(self) -> Object:
        return {"cause": self.chance.choice(["normal", "busy", "congestion"])}

    def conference(self) -> Object:
        return {"room": "room", "pin": "1234"}

    def voicemail(self) -> Object:
        return {"box": self.one, "greeting": "default", "max_seconds": 5}

    def playback(self) -> Object:
        return {"prompt": "beep", "answer_first": self.chance.random() < 0.5}

    def directory(self) -> Object:
        return {}

    def external_number(self) -> Object:
        return {"number": self.outside, "trunk": "carrier", "ring_time": 5}


OUTPUTS: Mapping[str, Sequence[str]] = {
    "user": ("no_answer", "busy", "offline", "ended"),
    "ring_group": ("no_answer", "ended"),
    "queue": ("timeout", "full", "no_agents", "ended"),
    "webhook": ("next",),
    "condition": ("mobile", "otherwise"),
    "time_condition": ("matches", "doesnt_match"),
    "caller_id": ("next",),
    "call_recording": ("next",),
    "voice_menu": ("digit_1", "digit_2", "timeout", "invalid"),
    "hang_up": (),
    "conference": ("left",),
    "voicemail": ("done",),
    "playback": ("next",),
    "directory": ("not_found",),
    "external_number": ("no_answer", "busy", "failed", "ended"),
}
"""Every kind that can follow a number, with its outputs: written out once more, as an oracle."""


def generated(
    prefix: str,
    number: str,
    kinds: Sequence[str],
    chance: Random,
    users: Sequence[str],
    url: str,
    *,
    cycles: bool = False,
    outside: str = NOBODY,
) -> dict[str, Any]:
    """A flow of a number and these objects; without `cycles` every output leads onward.

    `outside` is the number outside that it may call.
    """
    ids = [f"{prefix}_{place}" for place in range(len(kinds))]
    objects: list[Object] = [
        {"id": f"{prefix}_in", "kind": "number", "name": "In", "numbers": [number],
         "outputs": {"next": ids[0]}},
    ]  # fmt: skip
    for place, kind in enumerate(kinds):
        later = ids if cycles else ids[place + 1 :]
        outputs = {
            output: chance.choice(later)
            for output in OUTPUTS[kind]
            if later and (chance.random() < 0.8 or output == "digit_1")
        }
        if kind == "voice_menu" and "digit_1" not in outputs:
            outputs["digit_1"] = f"{prefix}_in"
        made: Object = getattr(Draw(chance, users, f"{url}/{ids[place]}", outside), kind)()
        objects.append(
            {"id": ids[place], "kind": kind, "name": f"{kind} {ids[place]}", "outputs": outputs,
             **made}
        )  # fmt: skip
    return {"name": f"Flow {prefix}", "objects": objects}
