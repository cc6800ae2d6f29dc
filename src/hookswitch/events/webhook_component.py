"""`webhook_component_event`: the call passed a Webhook object, which is an endpoint of its own."""

from msgspec import Struct, json

from hookswitch.events.wire import event_id, timestamp
from hookswitch.model.endpoints import object_endpoint
from hookswitch.model.events import COMPONENT_EVENT, Event
from hookswitch.model.facts import WebhookReached


class WebhookComponent(Struct, frozen=True, kw_only=True):
    """`user_*` are the caller's here; the hosted vendors' receivers expect it so."""

    type: str
    unique_call_id: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    component_name: str


def reached(fact: WebhookReached) -> list[Event]:
    call = fact.call
    body = WebhookComponent(
        type=COMPONENT_EVENT,
        unique_call_id=call.id,
        user_name=call.caller.name,
        user_number=call.caller.number,
        dest_number=call.dest_number,
        call_start_at=timestamp(call.started_at),
        component_name=fact.component,
    )
    return [
        Event(
            id=event_id(call.id, fact.node, COMPONENT_EVENT, fact.ordinal),
            type=COMPONENT_EVENT,
            call=call.id,
            revision=call.revision,
            at=fact.at,
            body=json.encode(body),
            endpoint=object_endpoint(fact.node),
        )
    ]
