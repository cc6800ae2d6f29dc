"""Calls one by one. `kit.calls.Script` writes the journal and knows what must come of it."""

import json

import msgspec
import pytest

from hookswitch.calls.ledger import EARLY_LIMIT, Ledger
from hookswitch.model.calls import CallState
from hookswitch.model.events import Event
from hookswitch.model.facts import (
    CallArrived,
    CallEnded,
    CallTurnedAway,
    FlowBroken,
    LegEnded,
    LegTried,
)
from hookswitch.model.journal import JournalLine, RingingSeen
from kit.calls import RING_MS, TALK_MS, Attempt, Script, Step, Webhook
from kit.journal import START, lines, ours, record
from kit.line import events_of, facts_of, run, run_in_batches, split, summary, wire

RANG, ANSWERED, COMPLETED = "user_inbound", "user_inbound_answered", "user_inbound_completed"
HOOK = "webhook_component_event"
RING, TALK = RING_MS // 1000, TALK_MS // 1000
BOTH = RING + TALK
CALL = "n1b1-1.1"
LATE = (9, 9, 9)
"""The phone's channel closes long after the caller went on."""


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        pytest.param(
            [Attempt(end="caller_hangs_up")],
            [(RANG, "1001", 0, 0), (ANSWERED, "1001", 0, 0), (COMPLETED, "1001", BOTH, TALK)],
            id="answered, the caller hangs up",
        ),
        pytest.param(
            [Attempt(end="callee_hangs_up"), Webhook()],
            [
                (RANG, "1001", 0, 0),
                (ANSWERED, "1001", 0, 0),
                (COMPLETED, "1001", BOTH, TALK),
                (HOOK, "Missed call", 0, 0),
            ],
            id="answered, the callee hangs up and the flow goes on",
        ),
        pytest.param(
            [Attempt()],
            [(RANG, "1001", 0, 0), (COMPLETED, "1001", RING, 0)],
            id="rings, nobody answers",
        ),
        pytest.param(
            [Attempt(lateness=LATE), Webhook()],
            [(RANG, "1001", 0, 0), (COMPLETED, "1001", RING, 0), (HOOK, "Missed call", 0, 0)],
            id="tried is written before the phone's channel closes",
        ),
        pytest.param(
            [Attempt(phones=("refuses",))], [(COMPLETED, "1001", RING, 0)], id="486 at once"
        ),
        pytest.param(
            [Attempt(phones=("rings_then_refuses",))],
            [(RANG, "1001", 0, 0), (COMPLETED, "1001", RING, 0)],
            id="180, then 486",
        ),
        pytest.param(
            [Attempt(phones=("dead",), lateness=LATE), Webhook()],
            [(COMPLETED, "1001", RING, 0), (HOOK, "Missed call", 0, 0)],
            id="a dead phone never rang",
        ),
        pytest.param([Attempt(phones=())], [(COMPLETED, "1001", RING, 0)], id="not registered"),
        pytest.param(
            [Attempt(phones=("rings", "dead"), end="caller_hangs_up")],
            [(RANG, "1001", 0, 0), (ANSWERED, "1001", 0, 0), (COMPLETED, "1001", BOTH, TALK)],
            id="two phones, one answers: one leg",
        ),
        pytest.param(
            [Attempt(phones=("dead", "rings"))],
            [(RANG, "1001", 0, 0), (COMPLETED, "1001", RING, 0)],
            id="two phones, the second rings: one leg",
        ),
        pytest.param(
            [Attempt(end="abandoned")],
            [(RANG, "1001", 0, 0), (COMPLETED, "1001", RING, 0)],
            id="the caller abandons",
        ),
        pytest.param(
            [Attempt(phones=("dead",), end="abandoned", lateness=LATE)],
            [(COMPLETED, "1001", RING, 0)],
            id="the caller abandons a dead phone",
        ),
        pytest.param(
            [Webhook(name="A"), Attempt(lateness=LATE), Webhook(name="B"), Webhook(name="C"),
             Attempt("1002", end="caller_hangs_up")],
            [
                (HOOK, "A", 0, 0),
                (RANG, "1001", 0, 0),
                (COMPLETED, "1001", RING, 0),
                (HOOK, "B", 0, 0),
                (HOOK, "C", 0, 0),
                (RANG, "1002", 0, 0),
                (ANSWERED, "1002", 0, 0),
                (COMPLETED, "1002", BOTH, TALK),
            ],
            id="webhook objects between two users",
        ),
        pytest.param([], [], id="a number that leads nowhere"),
    ],
)  # fmt: skip
def test_a_call_gives_exactly_its_events(
    steps: list[Step], expected: list[tuple[str, str, int, int]]
) -> None:
    script = Script(steps)
    assert script.expected == expected  # the script's own oracle agrees with the table
    assert summary(run(script.lines)) == expected
    ends = [fact for fact in facts_of(script.lines) if isinstance(fact, CallEnded)]
    assert len(ends) == 1
    assert not ends[0].engine_lost


def test_a_call_that_is_turned_away_is_counted_and_nothing_else() -> None:
    records = record("CHAN_START", START, CALL, Context="hs-from-trunk") + record(
        "CHAN_END", START + 20, CALL, Context="hs-refuse"
    )
    (fact,) = facts_of(lines(records))
    assert isinstance(fact, CallTurnedAway)
    assert run(lines(records)) == []


def race(*, given_up: bool) -> list[tuple[str, str]]:
    """One of a group rang on two phones; the next one rings before the engine has ended them.

    On a real call it is row 11e, whose mutant ends phones late on purpose. Gives the events. As the
    engine writes it: the first's phones hang on a Local channel, which is ended by a thread of its
    own while the caller's goes on.
    """
    at = iter(range(START, START + 1000))

    def said(event: str, channel: str, **pairs: str) -> bytes:
        return ours(event, next(at), channel, CALL, pairs)

    def of_engine(event: str, channel: str) -> bytes:
        return record(event, next(at), channel, CALL)

    leg, visit = "n1b1-1.3.1", f"{CALL}.v1"
    trying = [
        of_engine("CHAN_START", CALL),
        said("hs.arrived", CALL, r="1", number="61300000000"),
        said("hs.enter", CALL, visit=visit, kind="ring_group", node="g", name="Group"),
        of_engine("CHAN_START", "n1b1-1.3"),
        said("hs.try", "n1b1-1.3", leg=leg, visit=visit, ext="1001", name="Alice"),
        of_engine("CHAN_START", "n1b1-1.4"),
        said("hs.dialing", "n1b1-1.4", leg=leg, ep="alice"),
    ]
    over = [said("hs.given_up", CALL, visit=visit)] if given_up else []
    following = [
        of_engine("CHAN_START", "n1b1-1.5"),
        said("hs.try", "n1b1-1.5", leg="n1b1-1.5.1", visit=visit, ext="1002", name="Bob"),
        said("hs.dialing", "n1b1-1.5", leg="n1b1-1.5.1", ep="bob"),
    ]
    late = [
        said("hs.legend", "n1b1-1.4", leg=leg, st="Ringing", hc="0"),
        of_engine("CHAN_END", "n1b1-1.4"),
        of_engine("CHAN_END", "n1b1-1.3"),
    ]
    seen = [
        *lines(b"".join(trying)),
        RingingSeen(uniqueid="n1b1-1.4", at=next(at)),
        *lines(b"".join(over + following)),
        RingingSeen(uniqueid="n1b1-1.5", at=next(at)),
        *lines(b"".join(late)),
    ]
    return [(event.type, json.loads(event.body)["user_number"]) for event in run(seen)]


def test_a_round_that_is_given_up_ends_before_the_next_one_rings() -> None:
    in_order = [(RANG, "1001"), (COMPLETED, "1001"), (RANG, "1002")]
    assert race(given_up=True) == in_order
    assert race(given_up=False) != in_order, "without its record the order is lost"


def ringing(script: Script) -> RingingSeen:
    return RingingSeen(uniqueid=next(iter(script.devices)), at=START + 5)


def test_ringing_seen_over_ami_comes_at_once() -> None:
    script = Script([Attempt()])
    at = next(i for i, line in enumerate(script.lines) if line.event == "hs.dialing") + 1
    early = [*script.lines[:at], ringing(script)]
    assert [event.type for event in run(early)] == [RANG]
    assert run(early)[0].at == START + 5


def test_ringing_seen_before_the_journal_is_read_is_kept() -> None:
    script = Script([Attempt()])
    ledger = Ledger()
    assert ledger.apply(ringing(script)) == ()
    seen = [ledger.apply(line) for line in script.lines]
    first = next(event for facts in seen for event in events_of(facts))
    assert (first.type, first.at) == (RANG, START + 5)


def test_ringings_of_unknown_channels_do_not_pile_up() -> None:
    ledger = Ledger()
    for n in range(EARLY_LIMIT + 50):
        ledger.apply(RingingSeen(uniqueid=f"x.{n}", at=START))
    assert len(ledger._early) == EARLY_LIMIT


def test_ringing_seen_after_the_end_changes_nothing() -> None:
    script = Script([Attempt(), Attempt("1002")])
    ended = next(i for i, line in enumerate(script.lines) if line.event == "hs.tried") + 1
    late = [*script.lines[:ended], ringing(script), *script.lines[ended:], ringing(script)]
    assert facts_of(late) == facts_of(script.lines)


@pytest.mark.parametrize("with_ami", [True, False])
def test_an_answer_that_crossed_the_giving_up_is_none(with_ami: bool) -> None:
    script = Script([Attempt(phones=("rings",), lateness=LATE), Webhook()])
    (device,) = script.devices
    answer = lines(record("ANSWER", script.at + 1, device, script.call))
    tried = next(i for i, line in enumerate(script.lines) if line.event == "hs.tried") + 1
    seen = [*script.lines[:tried], *answer, *script.lines[tried:]]
    early = [*seen[: tried - 1], *([ringing(script)] if with_ami else ()), *seen[tried - 1 :]]
    assert summary(run(early)) == script.expected


def test_a_loop_is_told_and_gives_no_event() -> None:
    call = Script([]).lines
    broken = lines(ours("hs.loop", START, call[0].uniqueid, pairs={"node": "a"}))
    facts = facts_of([*call[:-1], *broken, call[-1]])
    assert [type(fact) for fact in facts] == [CallArrived, FlowBroken, CallEnded]
    assert events_of(facts) == []


def test_a_call_that_reached_no_number_says_so() -> None:
    ledger = Ledger()
    for line in lines(record("CHAN_START", START, "u.1") + record("CHAN_END", START, "u.1")):
        ledger.apply(line)
    (call,) = ledger.take_changed()
    assert (call.arrived, call.ended_at) == (False, START)
    assert ledger.take_changed() == ()
    assert ledger.open_calls == ()


def test_transfers_of_the_linked_id_do_not_move_a_channel() -> None:
    script = Script([Attempt(end="caller_hangs_up")])
    moved = [
        msgspec.structs.replace(line, linkedid="n1b1-9.9") if line.event != "CHAN_START" else line
        for line in script.lines
    ]
    assert wire(run(moved)) == wire(run(script.lines))


def test_states_survive_the_store_as_they_are() -> None:
    script = Script([Attempt(phones=("dead", "rings"), lateness=LATE), Webhook(), Attempt("1002")])
    ledger = Ledger()
    for line in script.lines:
        ledger.apply(line)
        for call in ledger.take_changed():
            stored = msgspec.json.Encoder(order="deterministic").encode(call)
            assert msgspec.json.decode(stored, type=CallState) == call


def test_channels_that_began_while_records_are_held_are_known_after_a_restart() -> None:
    script = Script([Attempt(phones=("dead",), lateness=(20, 0, 0)), Attempt("1002")])
    for border in range(len(script.lines)):
        assert summary(run_in_batches(split(script.lines, [border]))) == script.expected


# the engine is killed: nothing of the earlier boot will follow


def killed(script: Script, at_event: str, later: int = 9_000) -> list[JournalLine]:
    cut = next(i for i, line in enumerate(script.lines) if line.event == at_event) + 1
    reboot = record("CHAN_START", script.at + later, "n1b2-1795493000.0")
    return [*script.lines[:cut], *lines(reboot)]


def test_a_new_boot_completes_the_calls_of_the_old_one() -> None:
    script = Script([Attempt(end="caller_hangs_up")])
    facts = facts_of(killed(script, "ANSWER"))
    (ended,) = (fact for fact in facts if isinstance(fact, LegEnded))
    assert ended.at == script.at + 9_000
    (over,) = (fact for fact in facts if isinstance(fact, CallEnded))
    assert over.engine_lost
    assert [event.type for event in events_of(facts)] == [RANG, ANSWERED, COMPLETED]


@pytest.mark.parametrize("with_ami", [True, False])
def test_what_was_held_keeps_its_order_when_the_engine_dies(with_ami: bool) -> None:
    script = Script([Attempt(phones=("dead",), lateness=LATE), Webhook(), Attempt("1002")])
    seen = killed(script, "hs.webhook")
    types = [event.type for event in run([*([ringing(script)] if with_ami else ()), *seen])]
    assert types == [*([RANG] if with_ami else []), COMPLETED, HOOK]


def test_a_new_boot_leaves_its_own_calls_alone() -> None:
    old, new = Script([Attempt()]), Script([Attempt()], boot=2)
    ledger = Ledger()
    for line in [*old.lines[:-4], *new.lines[:4]]:
        ledger.apply(line)
    assert [call.id for call in ledger.open_calls] == [new.call]
    again = Ledger(ledger.open_calls)
    again.apply(new.lines[4])
    assert [call.id for call in again.open_calls] == [new.call]


def test_a_node_name_that_looks_like_a_boot_counter_is_no_boot_counter() -> None:
    seen: list[Event] = []
    ledger = Ledger()
    for boot in (9, 10):
        script = Script([Attempt()], node="ab7", boot=boot)
        seen += events_of(fact for line in script.lines[:8] for fact in ledger.apply(line))
    assert [call.id for call in ledger.open_calls] == [script.call]
    assert script.call.startswith("ab7b10-")


# who calls whom


def arrived(num: str = "", name: str = "", **pairs: str) -> CallArrived:
    call = record("CHAN_START", START, "u.1", Num="1", Name="x")
    who = {"Num": num, "Name": name}
    facts = facts_of(lines(call + ours("hs.arrived", START + 7, "u.1", pairs=pairs, **who)))
    (fact,) = facts
    assert isinstance(fact, CallArrived)
    return fact


@pytest.mark.parametrize(
    ("signalled", "number"),
    [
        ("61400000001", "61400000001"),
        ("+61400000001", "+61400000001"),
        ("+61 (0)400-000.001", "+610400000001"),
        ("anonymous", ""),
        ("Restricted", ""),
        ("", ""),
        ("*97", "*97"),
        ("alice.smith", "alice.smith"),
        ("a-b", "a-b"),
        ("1&PJSIP/1001", "1&PJSIP/1001"),
        ("61400\r\n000001", "61400000001"),
    ],
)
def test_numbers_lose_separators_and_nothing_else(signalled: str, number: str) -> None:
    call = arrived(num=signalled, number=signalled, pres="allowed").call
    assert (call.caller.number, call.dest_number) == (number, number)


def test_a_withheld_caller_has_neither_number_nor_name() -> None:
    caller = arrived(num="61400000001", name="Jane", pres="prohib_passed_screen").call.caller
    assert (caller.number, caller.name) == ("", "")


@pytest.mark.parametrize(
    ("signalled", "name"),
    [("Jane", "Jane"), (r"Ev\"il", 'Ev"il'), (r"a\\b", r"a\b"), ("${X}", "${X}"), ("\\", "\\")],
)
def test_quoted_pairs_of_names_are_undone(signalled: str, name: str) -> None:
    assert arrived(name=signalled).call.caller.name == name


@pytest.mark.parametrize(
    ("said", "revision"), [("7", 7), ("", 0), ("x", 0), ("-1", 0), ("\u0667", 0)]
)
def test_the_revision_is_a_number(said: str, revision: int) -> None:
    assert arrived(r=said).call.revision == revision


def test_a_call_starts_with_its_first_channel() -> None:
    assert arrived().call.started_at == START


def test_a_leg_begins_when_it_is_tried() -> None:
    script = Script([Webhook(), Attempt()])
    tried = next(fact for fact in facts_of(script.lines) if isinstance(fact, LegTried))
    assert (tried.leg.user.name, tried.leg.user.extension) == ("User 1001", "1001")
    assert tried.leg.id == f"{script.call}.1"
