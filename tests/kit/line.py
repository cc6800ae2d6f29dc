"""The pure middle as the live line runs it: observations in, events out, states kept as stored."""

import json
from collections.abc import Iterable, Sequence
from itertools import pairwise

import msgspec

from hookswitch.calls.ledger import Ledger
from hookswitch.events.build import build
from hookswitch.model.calls import CallState
from hookswitch.model.events import Event
from hookswitch.model.facts import Fact
from hookswitch.model.ids import CallId
from hookswitch.model.journal import Observation
from hookswitch.model.media import BuildEnv
from kit.calls import Expected

ENV = BuildEnv(
    link=lambda event: f"https://pbx.example/m/{event}", message_settings=lambda *_: None
)
_encoder = msgspec.json.Encoder(order="deterministic")


def events_of(facts: Iterable[Fact]) -> list[Event]:
    return [event for fact in facts for event in build(fact, ENV)]


def facts_of(observations: Iterable[Observation]) -> list[Fact]:
    ledger = Ledger()
    return [fact for seen in observations for fact in ledger.apply(seen)]


def run(observations: Iterable[Observation]) -> list[Event]:
    return events_of(facts_of(observations))


def run_in_batches(batches: Iterable[Sequence[Observation]]) -> list[Event]:
    """A new process for each batch: nothing is left of the one before but what it stored."""
    stored: dict[CallId, bytes] = {}
    events: list[Event] = []
    for batch in batches:
        ledger = Ledger(msgspec.json.decode(s, type=CallState) for s in stored.values())
        events += events_of(fact for seen in batch for fact in ledger.apply(seen))
        for call in ledger.take_changed():
            stored[call.id] = _encoder.encode(call)
            if call.ended_at is not None:
                del stored[call.id]
    return events


def split(items: Sequence[Observation], borders: Iterable[int]) -> list[Sequence[Observation]]:
    cuts = [0, *sorted(border for border in borders if border <= len(items)), len(items)]
    return [items[a:b] for a, b in pairwise(cuts)]


def wire(events: Iterable[Event]) -> list[tuple[str, bytes]]:
    """What a receiver can tell apart: ids and bodies."""
    return [(event.id, event.body) for event in events]


def summary(events: Iterable[Event]) -> list[Expected]:
    return [_summary(json.loads(event.body)) for event in events]


def _summary(body: dict[str, object]) -> Expected:
    is_component = body["type"] == "webhook_component_event"
    return (
        str(body["type"]),
        str(body["component_name"] if is_component else body["user_number"]),
        int(str(body.get("call_duration", 0))),
        int(str(body.get("conversation_duration", 0))),
    )
