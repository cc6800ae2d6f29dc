"""A user's own calls: who placed them is told beside whom they reached."""

import json

from hookswitch.model.facts import CallRefused, OutgoingAnswered, OutgoingBegun, OutgoingEnded
from hookswitch.model.journal import JournalLine
from kit.journal import START, lines, ours, record
from kit.line import facts_of, run

A, B = "n1b1-1.2", "n1b1-1.3"
CALLING = {"ext": "1001", "name": "Alice"}


def arrived() -> list[bytes]:
    number = {"r": "3", "number": "1002"}
    return [
        record("CHAN_START", START, A, Num="1001", Name="Alice"),
        ours("hs.arrived", START, A, pairs=number, Num="1001", Name="Alice"),
    ]


def dialled() -> list[bytes]:
    leg = {"leg": f"{A}.1", "ext": "1002", "name": "Bob"}
    return [
        ours("hs.calling", START, A, pairs=CALLING, Num="1001", Name="Alice"),
        ours("hs.try", START, A, pairs=leg),
        record("CHAN_START", START, B, A),
        ours("hs.dialing", START, B, A, pairs=leg),
    ]


def answered() -> list[bytes]:
    return [record("ANSWER", START + 2000, B, A), record("ANSWER", START + 2001, A, A)]


def ended() -> list[bytes]:
    return [record("CHAN_END", START + 7000, B, A), record("CHAN_END", START + 7001, A, A)]


def journal(*parts: list[bytes]) -> list[JournalLine]:
    return lines(b"".join(line for part in parts for line in part))


def kinds(found: list[JournalLine]) -> list[str]:
    return [event.type for event in run(found)]


def test_both_sides_of_an_internal_call_are_told() -> None:
    events = run(journal(arrived(), dialled(), answered(), ended()))
    assert [event.type for event in events] == [
        "user_outbound", "user_inbound", "user_inbound_answered", "user_outbound_answered",
        "user_inbound_completed", "user_outbound_completed",
    ]  # fmt: skip
    last = json.loads(events[-1].body)
    assert last["user_number"] == last["caller_id"] == "1001"
    assert last["dest_number"] == "1002"
    assert (last["call_duration"], last["conversation_duration"]) == (7, 5)
    assert len({event.id for event in events}) == len(events)


def test_an_answer_is_told_once_though_both_channels_have_one() -> None:
    facts = facts_of(journal(arrived(), dialled(), answered(), ended()))
    told = [fact for fact in facts if isinstance(fact, OutgoingAnswered)]
    assert [fact.at for fact in told] == [START + 2000]


def test_a_phone_that_hears_the_house_only_is_answered_by_it() -> None:
    calling = ours("hs.calling", START, A, pairs=CALLING)
    menu = record("ANSWER", START + 500, A)
    end = record("CHAN_END", START + 3000, A)
    facts = facts_of(journal(arrived(), [calling, menu, end]))
    own = [f for f in facts if isinstance(f, OutgoingBegun | OutgoingAnswered | OutgoingEnded)]
    assert [fact.at for fact in own] == [START, START + 500, START + 3000]


def test_nobody_calls_before_the_call_arrived_or_a_second_time() -> None:
    early = ours("hs.calling", START, A, pairs=CALLING)
    other = ours("hs.calling", START + 1, A, pairs={"ext": "1009", "name": "Zed"})
    nobody = ours("hs.calling", START, A, pairs={"name": "Alice"})
    found = journal([arrived()[0], early], arrived()[1:], [nobody], dialled(), [other], ended())
    begun = [fact for fact in facts_of(found) if isinstance(fact, OutgoingBegun)]
    assert [fact.outgoing.user.extension for fact in begun] == ["1001"]


def test_who_transfers_his_own_call_is_done_with_it() -> None:
    moved = json.dumps({"transferee_channel_uniqueid": B})
    left = [record("BLINDTRANSFER", START + 4000, A, A, extra=moved)]
    facts = facts_of(journal(arrived(), dialled(), answered(), left))
    ends = [fact for fact in facts if isinstance(fact, OutgoingEnded)]
    assert [fact.at for fact in ends] == [START + 4000]


OUTSIDE = "n1b1-1.4"


def outside(event: str, at: int, channel: str = OUTSIDE, **pairs: str) -> bytes:
    return ours(event, START + at, channel, A, pairs=pairs)


def test_whom_he_calls_outside_answers_though_his_own_phone_is_up_already() -> None:
    """As in a click-to-call, where the user answered first."""
    calling = ours("hs.calling", START, A, pairs=CALLING, Num="61300000000")
    up = [record("ANSWER", START - 1, A, A)]
    there = [
        record("CHAN_START", START, OUTSIDE, A),
        outside("hs.dialing", 0),
        record("ANSWER", START + 900, OUTSIDE, A),
    ]
    begun, *rest = arrived()
    found = journal([begun, *up, *rest, calling, *there, record("CHAN_END", START + 2000, A, A)])
    facts = facts_of(found)
    told = [fact for fact in facts if isinstance(fact, OutgoingAnswered)]
    assert [fact.at for fact in told] == [START + 900]
    assert told[0].outgoing.caller_id == "61300000000"


def test_a_withheld_number_is_not_told() -> None:
    pairs = {**CALLING, "pres": "prohib_not_screened"}
    calling = ours("hs.calling", START, A, pairs=pairs, Num="61300000000")
    (begun,) = (f for f in facts_of(journal(arrived(), [calling])) if isinstance(f, OutgoingBegun))
    assert begun.outgoing.caller_id == ""


def test_why_a_call_is_not_let_out_is_told_and_gives_no_event_of_its_own() -> None:
    found = journal(
        arrived(), dialled()[:1], [ours("hs.refused", START, A, pairs={"why": "blocked"})]
    )
    (refused,) = (fact for fact in facts_of(found) if isinstance(fact, CallRefused))
    assert refused.why == "blocked"
    assert kinds(found) == ["user_outbound"]


def test_what_a_program_calls_its_call_is_on_each_of_its_events() -> None:
    begun, *rest = arrived()
    clicked = ours("hs.clicked", START, A, pairs={"ref": "a, b & c"})
    events = run(journal([begun, clicked, *rest], dialled(), answered(), ended()))
    assert len(events) == 6
    assert {event.client_ref for event in events} == {"a, b & c"}


def test_a_group_that_somebody_outside_takes_a_call_out_of_is_answered_by_no_user() -> None:
    visit = {"visit": f"{A}.v1"}
    into = ours("hs.enter", START, A, pairs={**visit, "kind": "ring_group", "name": "Group"})
    rung = [
        ours("hs.try", START, B, A, pairs={"leg": f"{B}.1", "ext": "1002", "name": "Bob", **visit}),
        ours("hs.dialing", START, B, A, pairs={"leg": f"{B}.1"}),
        ours("hs.legend", START + 3000, B, A, pairs={"leg": f"{B}.1", "st": "Ringing"}),
        record("CHAN_END", START + 3000, B, A),
    ]
    there = [record("CHAN_START", START, OUTSIDE, A), outside("hs.taken", 2500, **visit)]
    starts = [record("CHAN_START", START, B, A)]
    end = [record("CHAN_END", START + 9000, A, A)]
    events = run(journal(arrived(), [into], starts, rung[:2], there, rung[2:], end))
    bodies = [json.loads(event.body) for event in events]
    assert [body["type"] for body in bodies] == [
        "user_inbound", "user_inbound_completed", "ring_group_call",
    ]  # fmt: skip
    group = bodies[-1]
    assert (group["status"], group["user_number"]) == ("answered", "")
    assert (group["call_duration"], group["conversation_duration"]) == (9, 7)
