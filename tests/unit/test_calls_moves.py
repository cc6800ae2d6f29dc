"""Calls that move: transferred, picked up, parked. The journals are the real engine's."""

import json
from collections import Counter

import pytest
from msgspec.structs import replace

from hookswitch.model.facts import CallEnded, LegEnded, LegTried
from kit.line import facts_of, run, run_in_batches, split, wire
from kit.recorded import NAMES, recorded

RANG, ANSWERED, COMPLETED = "user_inbound", "user_inbound_answered", "user_inbound_completed"
QUEUE, GROUP, HOOK = "queue_call", "ring_group_call", "webhook_component_event"
JANE = "61400000001"
MAIN, QUEUES, GROUPS = "61300000000", "61300000002", "61300000003"
Told = tuple[str, str, str, str]
"""Type, user, caller, the number called."""


def talk(user: str, caller: str, number: str) -> list[Told]:
    return [(kind, user, caller, number) for kind in (RANG, ANSWERED, COMPLETED)]


def missed(user: str, caller: str, number: str) -> list[Told]:
    return [(kind, user, caller, number) for kind in (RANG, COMPLETED)]


EXPECTED: dict[str, list[list[Told]]] = {
    "blind_transfer": [
        [*talk("1001", JANE, MAIN), *talk("1002", JANE, MAIN)],
    ],
    "blind_transfer_nowhere": [talk("1001", JANE, MAIN)],
    "blind_transfer_from_queue": [
        [
            (RANG, "1001", JANE, QUEUES),
            (ANSWERED, "1001", JANE, QUEUES),
            (RANG, "1002", JANE, QUEUES),
            (COMPLETED, "1002", JANE, QUEUES),
            (COMPLETED, "1001", JANE, QUEUES),
            (QUEUE, "1001", JANE, QUEUES),
            *talk("1002", JANE, QUEUES),
        ],
    ],
    "blind_transfer_by_caller": [
        [
            *talk("1002", "1001", "1002")[:2],
            *talk("1003", "1001", "1002")[:2],
            (COMPLETED, "1003", "1001", "1002"),
            (COMPLETED, "1002", "1001", "1002"),
        ],
    ],
    "attended_transfer": [talk("1001", JANE, MAIN), talk("1002", "1001", "1002")],
    "attended_transfer_told_late": [
        talk("1001", JANE, MAIN),
        [
            ("user_outbound", "1001", "1001", "1002"),
            *talk("1002", "1001", "1002")[:2],
            ("user_outbound_answered", "1001", "1001", "1002"),
            ("user_outbound_completed", "1001", "1001", "1002"),
            (COMPLETED, "1002", "1001", "1002"),
        ],
    ],
    "attended_transfer_by_the_other_dialog": [
        talk("1001", JANE, MAIN),
        talk("1002", "1001", "1002"),
    ],
    "attended_transfer_while_it_rings": [
        talk("1001", JANE, MAIN),
        talk("1002", "1001", "1002"),
    ],
    "attended_transfer_between_users": [
        talk("1002", "1001", "1002"),
        talk("1003", "1002", "1003"),
    ],
    "picked_up": [
        [*missed("1001", JANE, MAIN), *talk("1003", JANE, MAIN), (HOOK, JANE, "", MAIN)],
    ],
    "picked_up_from_queue": [
        [
            (RANG, "1002", JANE, QUEUES),
            *missed("1001", JANE, QUEUES),
            *talk("1003", JANE, QUEUES)[:2],
            (COMPLETED, "1002", JANE, QUEUES),
            (COMPLETED, "1003", JANE, QUEUES),
            (QUEUE, "1003", JANE, QUEUES),
        ],
    ],
    "picked_up_from_ring_group": [
        [
            *missed("1001", JANE, GROUPS),
            *talk("1003", JANE, GROUPS)[:2],
            *missed("1002", JANE, GROUPS),
            (COMPLETED, "1003", JANE, GROUPS),
            (GROUP, "1003", JANE, GROUPS),
        ],
    ],
    "picked_up_nothing": [],
    "parked": [[*talk("1001", JANE, MAIN), *talk("1002", JANE, MAIN)]],
    "parked_and_given_up": [talk("1001", JANE, MAIN)],
    "parked_too_long": [[*talk("1001", JANE, MAIN), *talk("1001", JANE, MAIN)]],
    "parked_by_consulting": [[*talk("1001", JANE, MAIN), *talk("1002", JANE, MAIN)]],
}
"""By journal: what each of its calls gives, in the order in which they began."""


def told(name: str) -> list[list[Told]]:
    calls: dict[str, list[Told]] = {}
    for event in run(recorded(name)):
        body = json.loads(event.body)
        fields = body["type"], body["user_number"], body.get("caller_id", ""), body["dest_number"]
        calls.setdefault(event.call, []).append(fields)
    return [calls[call] for call in sorted(calls)]


@pytest.mark.parametrize("name", NAMES)
def test_a_recorded_call_gives_exactly_its_events(name: str) -> None:
    assert told(name) == EXPECTED[name]


@pytest.mark.parametrize("name", NAMES)
def test_every_leg_and_call_ends_once(name: str) -> None:
    facts = facts_of(recorded(name))
    tried = Counter(fact.leg.id for fact in facts if isinstance(fact, LegTried))
    ended = Counter(fact.leg.id for fact in facts if isinstance(fact, LegEnded))
    assert tried == ended
    assert set(ended.values()) <= {1}
    over = [fact.call.id for fact in facts if isinstance(fact, CallEnded)]
    assert sorted(over) == sorted({fact.call.id for fact in facts})


@pytest.mark.parametrize("name", NAMES)
def test_a_restart_anywhere_in_it_changes_nothing(name: str) -> None:
    seen = recorded(name)
    whole = wire(run(seen))
    assert wire(run_in_batches([[line] for line in seen])) == whole
    for border in range(len(seen)):
        assert wire(run_in_batches(split(seen, [border]))) == whole


def test_the_queue_and_the_leg_end_at_the_transfer() -> None:
    seen = recorded("blind_transfer_from_queue")
    transferred = next(line.at for line in seen if line.event == "BLINDTRANSFER")
    events = {event.type: event for event in run(seen) if event.at == transferred}
    assert set(events) == {COMPLETED, QUEUE}
    assert json.loads(events[QUEUE].body)["status"] == "answered"


def test_a_user_reached_by_a_transfer_is_reached_through_no_queue() -> None:
    last = json.loads(run(recorded("blind_transfer_from_queue"))[-1].body)
    assert (last["user_number"], last["queue_name"]) == ("1002", None)


ATTENDED = [name for name in NAMES if name.startswith("attended")]


@pytest.mark.parametrize("name", ATTENDED)
def test_the_consultation_is_linked_from_the_transfer_on(name: str) -> None:
    seen = recorded(name)
    at = next(line.at for line in seen if line.event == "ATTENDEDTRANSFER")
    events = run(seen)
    first, second = sorted({event.call for event in events})
    for event in events:
        if event.at != at:
            assert event.linked_call == (first if event.call == second and event.at > at else None)


@pytest.mark.parametrize("name", ATTENDED)
def test_the_transferers_leg_ends_at_the_transfer_and_the_others_later(name: str) -> None:
    seen = recorded(name)
    at = next(line.at for line in seen if line.event == "ATTENDEDTRANSFER")
    ends = {event.call: event.at for event in run(seen) if event.type == COMPLETED}
    first, second = sorted(ends)
    assert abs(ends[first] - at) <= 1
    assert ends[second] > at + 500


def test_whoever_takes_over_a_channel_that_rang_on_may_be_tried_under_a_name_used_before() -> None:
    """A masquerade brings the counter of attempts with it, seen with semi-attended transfers."""
    seen = list(recorded("blind_transfer"))
    again = [replace(line, at=line.at + 60_000) for line in seen if line.event == "hs.try"][:1]
    tried = replace(again[0], event="hs.tried", at=again[0].at + 1000)
    last = next(i for i, line in enumerate(seen) if line.event == "BLINDTRANSFER")
    events = run([*seen[: last + 1], again[0], tried, *seen[last + 1 :]])
    alice = [json.loads(e.body) for e in events if json.loads(e.body)["user_number"] == "1001"]
    assert [body["type"] for body in alice] == [RANG, ANSWERED, COMPLETED, COMPLETED]
    assert len({event.id for event in events}) == len(events)


def test_a_blind_transfer_may_be_told_after_the_dialplan_came_back() -> None:
    """The two are on different threads of the engine; which record is first is chance."""
    seen = list(recorded("blind_transfer_by_caller"))
    transfer = next(i for i, line in enumerate(seen) if line.event == "BLINDTRANSFER")
    back = next(i for i, line in enumerate(seen) if line.event == "hs.tried")
    late = [*seen[:transfer], *seen[transfer + 1 : back + 1], seen[transfer], *seen[back + 1 :]]
    assert transfer < back
    assert wire(run(late)) == wire(run(seen))
