"""A user's own calls: who placed them is told beside whom they reached."""

import json

from hookswitch.model.facts import OutgoingAnswered, OutgoingBegun, OutgoingEnded
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
