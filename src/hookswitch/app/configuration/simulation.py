"""A simulated call: from a draft document and what people do, to its way and its webhooks."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec
from msgspec import Meta, Struct

from hookswitch.config.document import Document
from hookswitch.config.site import message_settings_of, site_of
from hookswitch.events.build import build
from hookswitch.model.calls import Party
from hookswitch.model.ids import EventId, Ms
from hookswitch.model.instants import iso, ms_of
from hookswitch.model.media import BuildEnv
from hookswitch.simulate.run import Passed, Simulated, simulate
from hookswitch.simulate.scenario import MOST_SECONDS, Scenario, ScenarioError, reaction

LINK: Final = "https://simulated.invalid/m/"
Seconds = Annotated[float, Meta(ge=0, le=MOST_SECONDS)]
Answer = dict[str, Any]


class Question(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A call to simulate. `at` is ISO 8601, in the phone system's own time if it has no zone.

    `answers` are reactions by extension or number outside (`@3s`, `busy`), `forwards` what users
    forward by code (`always`, `busy`, `no_answer`), `away` the trunks that take no calls, `orders`
    whom a queue or ring group chooses first, by object, `overrides` the
    outputs that time conditions are set to by code; `webhooks` what the receivers of Webhook
    objects that wait answer (an output), by object.
    """

    number: str
    caller: str = ""
    caller_name: str = ""
    at: str = ""
    answers: Mapping[str, str] = {}
    press: Sequence[str] = ()
    hang_up: Seconds | None = None
    talk: Seconds = 10.0
    prompts: Mapping[str, Seconds] = {}
    webhooks: Mapping[str, str] = {}
    forwards: Mapping[str, Mapping[str, str]] = {}
    away: Sequence[str] = ()
    orders: Mapping[str, Sequence[str]] = {}
    overrides: Mapping[str, str] = {}


def question(values: Mapping[str, Any]) -> Question:
    """Check plain values; raises ScenarioError."""
    try:
        return msgspec.convert(values, Question)
    except msgspec.ValidationError as error:
        raise ScenarioError(f"{error}: mend that field") from None


def simulated(document: Document, asked: Question, now: Ms) -> Answer:
    """The call's way through the draft and the exact webhooks; raises ScenarioError."""
    scenario = Scenario(
        number=asked.number,
        caller=Party(asked.caller, asked.caller_name),
        at=_instant(asked.at, now),
        local_time=_local_time,
        reactions={user: reaction(text) for user, text in asked.answers.items()},
        keys=tuple(asked.press),
        hang_up=asked.hang_up,
        talk=asked.talk,
        prompts=asked.prompts,
        answers=asked.webhooks,
        forwards=asked.forwards,
        away=frozenset(asked.away),
        orders=asked.orders,
        overrides=asked.overrides,
    )
    return _answer(document, simulate(document.flows, site_of(document), scenario))


def _answer(document: Document, found: Simulated) -> Answer:
    settings = message_settings_of(document)
    env = BuildEnv(_link, lambda _revision, by: settings.get(by))
    events = [event for fact in found.facts for event in build(fact, env)]
    return {
        "path": [_passed(each) for each in found.path],
        "events": [
            {"at": iso(event.at), "type": event.type, "body": json.loads(event.body)}
            for event in events
        ],
        "duration": round(found.ended_at, 3),
        "blocked": found.blocked,
    }


def _passed(passed: Passed) -> Answer:
    return {**msgspec.structs.asdict(passed), "at": round(passed.at, 3)}


def _link(event: EventId) -> str:
    return LINK + event


def _instant(text: str, now: Ms) -> Ms:
    if not text:
        return now
    try:
        return ms_of(datetime.fromisoformat(text).astimezone(UTC))
    except (ValueError, OverflowError):
        raise ScenarioError(f"{text!r} is no time: write it like 2026-12-01T09:00") from None


def _local_time(at: Ms, zone: str) -> datetime:
    try:
        return datetime.fromtimestamp(at / 1000, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, OSError):
        raise ScenarioError(f"this machine does not know {zone}: install tzdata") from None


def stand_ins(references: Sequence[str]) -> dict[str, str]:
    """Values for secrets that a document leaves out: no call's way depends on them."""
    return {reference: _stand_in(reference.rpartition("/")[2]) for reference in references}


def _stand_in(field: str) -> str:
    if field.endswith("signing_secret"):
        return "whsec_" + "A" * 43 + "="
    return {"pin": "0000", "admin_pin": "00000"}.get(field, "not-given")
