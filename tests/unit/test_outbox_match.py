"""Which endpoint gets which event, and which delivery is a call's last."""

from typing import get_args

import pytest

from hookswitch.model.delivery import NewDelivery
from hookswitch.model.endpoints import Endpoint, object_endpoint
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
