"""Calls of any shape, their records in any order that the engine may write them in.

Oracle: `kit.calls.Script`, which knows what each call must give while it writes its journal.
"""

import json
from collections import defaultdict
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from hookswitch.model.events import Event
from hookswitch.model.facts import CallEnded
from hookswitch.model.journal import JournalLine, Observation, RingingSeen
from kit.calls import RANG, Attempt, Script, Webhook
from kit.journal import START, lines, record
from kit.line import events_of, facts_of, run, run_in_batches, split, summary, wire

FEW = settings(max_examples=40, deadline=None)

lateness = st.lists(st.integers(0, 4), max_size=9)
attempts = st.builds(
    Attempt,
    user=st.sampled_from(["1001", "1002"]),
    phones=st.lists(
        st.sampled_from(["rings", "refuses", "rings_then_refuses", "dead"]), max_size=3
    ),
    end=st.just("timeout"),
    lateness=lateness,
)
talks = st.builds(
    Attempt,
    phones=st.lists(st.just("rings"), min_size=1, max_size=2),
    end=st.sampled_from(["abandoned", "caller_hangs_up", "callee_hangs_up"]),
    lateness=lateness,
)
webhooks = st.builds(Webhook, node=st.sampled_from(["a", "b"]), name=st.sampled_from(["A", "B"]))
steps = st.builds(
    lambda before, last: [*before, *last],
    st.lists(attempts | webhooks, max_size=4),
    st.lists(talks, max_size=1),
)
scripts = steps.map(Script)
borders = st.lists(st.integers(0, 80), max_size=8)


@st.composite
def with_ringing(draw: st.DrawFn, script: Script) -> list[Observation]:
    """Any of the ringings AMI tells of, each anywhere behind its channel's start, even too late."""
    seen: list[Observation] = list(script.lines)
    ringing = [device for device, phone in script.devices.items() if phone in RANG]
    for device in draw(st.lists(st.sampled_from(ringing), unique=True)) if ringing else ():
        begins = next(i for i, s in enumerate(seen) if s.uniqueid == device)
        place = draw(st.integers(begins, len(seen)))
        seen.insert(place, RingingSeen(uniqueid=device, at=START))
    return seen


@FEW
@given(scripts)
def test_a_call_gives_what_happened_in_order(script: Script) -> None:
    assert summary(run(script.lines)) == script.expected


@FEW
@given(scripts)
def test_a_replay_gives_the_same_bytes(script: Script) -> None:
    assert run(script.lines) == run(script.lines)


@FEW
@given(scripts, borders)
def test_a_restart_at_any_record_changes_nothing(script: Script, cuts: list[int]) -> None:
    assert wire(run_in_batches(split(script.lines, cuts))) == wire(run(script.lines))


@FEW
@given(scripts)
def test_a_restart_between_all_records_changes_nothing(script: Script) -> None:
    batches = [[line] for line in script.lines]
    assert wire(run_in_batches(batches)) == wire(run(script.lines))


@FEW
@given(st.data(), scripts)
def test_ringing_told_early_changes_no_id_body_or_order(
    data: st.DataObject, script: Script
) -> None:
    assert wire(run(data.draw(with_ringing(script)))) == wire(run(script.lines))


@FEW
@given(st.data(), scripts, borders)
def test_ringing_and_restarts_together_change_nothing(
    data: st.DataObject, script: Script, cuts: list[int]
) -> None:
    seen = data.draw(with_ringing(script))
    assert wire(run_in_batches(split(seen, cuts))) == wire(run(script.lines))


@FEW
@given(st.data(), st.lists(steps, min_size=2, max_size=4))
def test_calls_at_once_do_not_mix(data: st.DataObject, several: list[list[Attempt]]) -> None:
    calls = [Script(own, first=i * 100 + 2) for i, own in enumerate(several)]
    mixed = data.draw(interleaved([call.lines for call in calls]))
    by_call: dict[str, list[Event]] = defaultdict(list)
    for event in run(mixed):
        by_call[event.call].append(event)
    for call in calls:
        assert wire(by_call[call.call]) == wire(run(call.lines))


@st.composite
def interleaved(draw: st.DrawFn, sources: Sequence[Sequence[JournalLine]]) -> list[JournalLine]:
    turns = [i for i, source in enumerate(sources) for _ in source]
    streams = [iter(source) for source in sources]
    return [next(streams[i]) for i in draw(st.permutations(turns))]


@FEW
@given(scripts, st.integers(1, 60), borders)
def test_a_dead_engine_completes_every_leg_once(script: Script, cut: int, cuts: list[int]) -> None:
    reboot = lines(record("CHAN_START", script.at + 1, "n1b2-1795493000.0"))
    seen = [*script.lines[:cut], *reboot]
    events = run(seen)
    kinds = [event.type for event in events]
    tried = [line for line in seen if line.event == "hs.try"]
    assert kinds.count("user_inbound_completed") == len(tried)
    assert wire(run_in_batches(split(seen, cuts))) == wire(events)
    assert wire(events) == wire(dict.fromkeys(events))
    arrived = any(line.event == "hs.arrived" for line in seen)
    ends = [fact for fact in facts_of(seen) if isinstance(fact, CallEnded)]
    assert [fact.call.id for fact in ends] == ([script.call] if arrived else [])


@FEW
@given(st.data(), scripts)
def test_no_event_contradicts_another(data: st.DataObject, script: Script) -> None:
    facts = facts_of(data.draw(with_ringing(script)))
    assert isinstance(facts[-1], CallEnded)
    events = events_of(facts)
    assert len({event.id for event in events}) == len(events)
    told: dict[str, list[str]] = defaultdict(list)
    for event in events:
        body = json.loads(event.body)
        if "user_number" not in body or event.type == "webhook_component_event":
            continue
        leg = told[body["user_number"]]
        if event.type == "user_inbound_completed":
            answered = "user_inbound_answered" in leg
            assert (body["connected_at"] is not None) == answered
            assert body["call_duration"] >= body["conversation_duration"] >= 0
            assert body["conversation_duration"] == 0 or answered
            leg.clear()
        else:
            assert event.type not in leg
            assert event.type == "user_inbound" or "user_inbound" in leg
            leg.append(event.type)
    assert not any(told.values())
