"""Bodies and ids, to the byte; the oracle is the wire contract, written out here."""

import json
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from hookswitch.events import user_inbound
from hookswitch.events.wire import event_id, optional_timestamp, seconds
from hookswitch.model.calls import Leg, Party, User
from hookswitch.model.facts import CallInfo, LegEnded
from hookswitch.model.ids import CallId, LegId
from hookswitch.model.instants import iso
from kit.calls import Attempt, Script, Webhook
from kit.line import run

CALL = CallInfo(
    id=CallId("n1b1-1795492779.2"), started_at=1_795_492_779_286,
    caller=Party("+61400000001", "Jane \u20ac"), dest_number="61300000000", revision=3,
)  # fmt: skip
LEG = Leg(id=LegId("n1b1-1795492779.2.1"), user=User("Alice", "1001"), tried_at=CALL.started_at)
COMMON = (
    "type", "unique_call_id", "caller_id", "caller_name", "user_name", "user_number",
    "dest_number", "call_start_at", "queue_name", "ring_group_name",
)  # fmt: skip


def test_the_bodies_of_an_answered_call() -> None:
    script = Script([Webhook(), Attempt(end="caller_hangs_up")])
    start = (
        '"unique_call_id":"n1b1-1795492779.2","caller_id":"61400000001",'
        '"caller_name":"Jane Citizen","user_name":"User 1001","user_number":"1001",'
        '"dest_number":"61300000000","call_start_at":"2026-11-24T03:59:39.000Z",'
        '"queue_name":null,"ring_group_name":null'
    )
    hook = (
        '{"type":"webhook_component_event","unique_call_id":"n1b1-1795492779.2",'
        '"user_name":"Jane Citizen","user_number":"61400000001","dest_number":"61300000000",'
        '"call_start_at":"2026-11-24T03:59:39.000Z","component_name":"Missed call"}'
    )
    durations = '"call_duration":7,"conversation_duration":5'
    answered = '"connected_at":"2026-11-24T03:59:41.000Z"'
    assert [event.body.decode() for event in run(script.lines)] == [
        hook,
        f'{{"type":"user_inbound",{start}}}',
        f'{{"type":"user_inbound_answered",{start},{answered}}}',
        f'{{"type":"user_inbound_completed",{start},{answered},{durations}}}',
    ]


def test_ids_are_the_same_for_ever() -> None:
    """Pinned: a change here would deliver every event of a replay twice."""
    script = Script([Webhook(), Attempt(end="caller_hangs_up"), Webhook()])
    assert [event.id for event in run(script.lines)][:4] == [
        "evt_6b050babfrf6xf6mtzrtfgcjmbez5e7p",
        "evt_6b050babdinbacwj4gydq7ibpjec7i4x",
        "evt_6b050babxl66x5quk5utzhvuwsqkmapt",
        "evt_6b050babhtywdj6h2cmeeukwrnwtaije",
    ]


def test_two_passes_of_one_object_are_two_events() -> None:
    first, second = run(Script([Webhook("a"), Webhook("a")]).lines)
    assert first.body == second.body
    assert first.id != second.id
    assert first.endpoint == second.endpoint == "object:a"


def test_two_attempts_of_one_user_are_two_legs() -> None:
    events = run(Script([Attempt(), Attempt()]).lines)
    assert len({event.id for event in events}) == len(events) == 4


def test_an_event_belongs_to_its_call_and_revision() -> None:
    script = Script([Attempt(), Webhook()], revision=42)
    assert {(event.call, event.revision) for event in run(script.lines)} == {(script.call, 42)}


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("user_inbound", ()),
        ("user_inbound_answered", ("connected_at",)),
        (
            "user_inbound_completed",
            ("connected_at", "call_duration", "conversation_duration"),
        ),
    ],
)
def test_every_field_of_the_contract_is_there_in_order(kind: str, more: tuple[str, ...]) -> None:
    events = run(Script([Attempt(end="caller_hangs_up")]).lines)
    body = next(json.loads(event.body) for event in events if event.type == kind)
    assert tuple(body) == (*COMMON, *more)


def completed(leg: Leg, at: int) -> dict[str, object]:
    (event,) = user_inbound.completed(LegEnded(CALL, leg, at))
    body: dict[str, object] = json.loads(event.body)
    return body


def test_what_never_happened_is_null_and_not_a_text() -> None:
    body = completed(LEG, LEG.tried_at + 4_000)
    assert body["connected_at"] is None
    assert body["queue_name"] is None
    assert (body["call_duration"], body["conversation_duration"]) == (4, 0)


def test_durations_are_rounded_each_from_its_own_milliseconds() -> None:
    leg = replace(LEG, rang_at=LEG.tried_at + 1, answered_at=LEG.tried_at + 1_499)
    body = completed(leg, LEG.tried_at + 2_998)
    assert (body["call_duration"], body["conversation_duration"]) == (3, 1)
    body = completed(leg, LEG.tried_at + 2_999)
    assert (body["call_duration"], body["conversation_duration"]) == (3, 2)


@pytest.mark.parametrize("via", ["via_queue", "via_ring_group"])
def test_out_of_a_queue_or_group_a_user_who_never_rang_has_no_event(via: str) -> None:
    leg = replace(LEG, **{via: "Support"})
    assert user_inbound.completed(LegEnded(CALL, leg, LEG.tried_at)) == []
    rang = replace(leg, rang_at=LEG.tried_at)
    name = "queue_name" if via == "via_queue" else "ring_group_name"
    assert completed(rang, LEG.tried_at)[name] == "Support"


def test_text_goes_out_as_utf8() -> None:
    (event,) = user_inbound.completed(LegEnded(CALL, LEG, LEG.tried_at))
    assert '"caller_name":"Jane \u20ac"'.encode() in event.body


@pytest.mark.parametrize(
    ("milliseconds", "whole"),
    [(0, 0), (499, 0), (500, 1), (1_499, 1), (1_500, 2), (2_500, 3), (3_599_500, 3_600), (-700, 0)],
)
def test_seconds_are_rounded_half_up_and_never_negative(milliseconds: int, whole: int) -> None:
    assert seconds(milliseconds) == whole


@pytest.mark.parametrize("at", [0, 1, 999, 1_790_868_675_000, 1_795_492_779_286, 4_102_444_799_999])
def test_timestamps_are_iso_8601_in_utc_with_milliseconds(at: int) -> None:
    text = iso(at)
    assert len(text) == len("2026-10-01T15:31:15.000Z")
    assert text.endswith("Z")
    assert datetime.fromisoformat(text) == datetime.fromtimestamp(at / 1000, UTC).replace(
        microsecond=at % 1000 * 1000
    )
    assert optional_timestamp(at) == text


def test_a_timestamp_by_hand() -> None:
    assert iso(1_790_868_675_007) == "2026-10-01T15:31:15.007Z"
    assert optional_timestamp(None) is None


def test_an_event_id_tells_each_of_its_parts_apart() -> None:
    base = (CallId("c"), "p", "k", 1)
    others = [(CallId("d"), "p", "k", 1), (CallId("c"), "q", "k", 1), (CallId("c"), "p", "l", 1),
              (CallId("c"), "p", "k", 2)]  # fmt: skip
    assert len({event_id(*parts) for parts in (base, *others)}) == 5
    assert event_id(*base) == "evt_00000000dphotmxxui4pj6pa7rtdgidt"


def test_event_ids_come_in_the_order_of_their_calls() -> None:
    calls = [CallId(f"n1b1-{second}.9") for second in (999, 1_790_868_675, 1_790_868_676)]
    ids = [event_id(call, "p", "k", 1) for call in calls]
    assert ids == sorted(ids)
    assert ids[1].startswith("evt_6abe7cc3")
