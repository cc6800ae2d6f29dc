"""Which endpoint gets which event, and which delivery is a call's last."""

from typing import get_args

import msgspec
import pytest

from hookswitch.model.delivery import NewDelivery
from hookswitch.model.endpoints import Endpoint, Only, object_endpoint
from hookswitch.model.events import COMPONENT_EVENT, Event, EventType, Trigger
from hookswitch.model.ids import CallId, EndpointId, EventId
from hookswitch.model.secret import Secret
from hookswitch.outbox.match import match

TRIGGERS = get_args(Trigger)


def endpoint(name: str, *triggers: str) -> Endpoint:
    return Endpoint(
        id=EndpointId(name), name=name, url="http://x/", token=Secret("t"),
        signing_secrets=(), triggers=frozenset(triggers),
    )  # fmt: skip


def event(name: str, kind: EventType = "user_inbound", call: str = "c1", node: str = "") -> Event:
    return Event(
        id=EventId(name), type=kind, call=CallId(call), revision=1, at=0, body=b"{}",
        endpoint=object_endpoint(node) if node else None,
    )  # fmt: skip


def pairs(deliveries: list[NewDelivery]) -> list[tuple[str, str]]:
    return [(delivery.event, delivery.endpoint) for delivery in deliveries]


@pytest.mark.parametrize("ticked", TRIGGERS)
def test_an_endpoint_gets_what_it_ticked_and_nothing_else(ticked: str) -> None:
    events = [event(kind, kind) for kind in (*TRIGGERS, COMPONENT_EVENT)]
    assert pairs(match(events, [endpoint("crm", ticked)], ())) == [(ticked, "crm")]


def test_events_keep_their_order_at_each_endpoint() -> None:
    events = [event("e1"), event("e2", "user_inbound_completed"), event("e3")]
    both = [endpoint("a", "user_inbound"), endpoint("b", *TRIGGERS)]
    assert pairs(match(events, both, ())) == [
        ("e1", "a"), ("e1", "b"), ("e2", "b"), ("e3", "a"), ("e3", "b"),
    ]  # fmt: skip


def test_a_webhook_object_is_an_endpoint_of_its_own() -> None:
    events = [event("e1", COMPONENT_EVENT, node="hook")]
    assert pairs(match(events, [endpoint("crm", *TRIGGERS)], ())) == [("e1", "object:hook")]
    assert pairs(match(events, [], ())) == [("e1", "object:hook")]


def test_the_last_delivery_to_each_endpoint_of_a_call_that_is_over_is_final() -> None:
    events = [
        event("e1"),
        event("e2", "user_inbound_completed"),
        event("e3", COMPONENT_EVENT, node="hook"),
        event("other", call="c2"),
    ]
    both = [endpoint("a", "user_inbound"), endpoint("b", *TRIGGERS)]
    final = [d for d in match(events, both, {CallId("c1")}) if d.final]
    assert pairs(final) == [("e1", "a"), ("e2", "b"), ("e3", "object:hook")]


def test_nothing_is_final_while_the_call_lives() -> None:
    assert not any(d.final for d in match([event("e1")], [endpoint("a", *TRIGGERS)], ()))
    assert match([], [endpoint("a", *TRIGGERS)], {CallId("c1")}) == []
    assert match([event("e1")], [], {CallId("c1")}) == []


def told(name: str, kind: EventType = "user_inbound", **fields: object) -> Event:
    return Event(
        id=EventId(name), type=kind, call=CallId("c1"), revision=1, at=0,
        body=msgspec.json.encode(fields),
    )  # fmt: skip


SALES = told("sales", dest_number="613", user_number="1001", queue_name="Sales")
GROUP = told("group", dest_number="614", user_number="1002", queue_name=None, ring_group_name="All")
PLACED = told("placed", "user_outbound", dest_number="555", caller_id="613", user_number="1001")
MESSAGE = told("message", "voicemail", dest_number="613")


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (Only(), ["sales", "group", "placed", "message"]),
        (Only(numbers=frozenset({"613"})), ["sales", "placed", "message"]),
        (Only(numbers=frozenset({"555"})), []),
        (Only(queues=frozenset({"Sales", "All"})), ["sales", "group"]),
        (Only(users=frozenset({"1001"})), ["sales", "placed"]),
        (Only(numbers=frozenset({"613"}), users=frozenset({"1002"})), []),
        (Only(numbers=frozenset({"614"}), queues=frozenset({"All"})), ["group"]),
    ],
)
def test_filters_must_all_fit(only: Only, expected: list[str]) -> None:
    crm = msgspec.structs.replace(endpoint("crm", *TRIGGERS), only=only)
    found = match([SALES, GROUP, PLACED, MESSAGE], [crm], ())
    assert [delivery.event for delivery in found] == expected


def test_the_last_that_an_endpoint_means_is_final() -> None:
    crm = msgspec.structs.replace(
        endpoint("crm", *TRIGGERS), only=Only(queues=frozenset({"Sales"}))
    )
    [found] = match([SALES, GROUP], [crm], [CallId("c1")])
    assert found.final
