"""`webhook_component_event`: the call passed a Webhook object, which is an endpoint of its own."""

from typing import Annotated

from msgspec import Meta, Struct, json

from hookswitch.events.fields import CallStart, DestNumber, TypeName, UniqueCallId
from hookswitch.events.wire import event_id
from hookswitch.model.endpoints import object_endpoint
from hookswitch.model.events import COMPONENT_EVENT, Event
from hookswitch.model.facts import WebhookReached
from hookswitch.model.instants import iso


class WebhookComponent(Struct, frozen=True, kw_only=True):
    """The call passed a Webhook object."""

    type: TypeName
    unique_call_id: UniqueCallId
    # user_* are the caller's here: the hosted vendors' receivers expect it so
    user_name: Annotated[
        str, Meta(description="The caller's (not a user's) display name; \"\" if none.")
    ]
    user_number: Annotated[
        str, Meta(description="The caller's (not a user's) number; \"\" if it was withheld.")
    ]
    dest_number: DestNumber
    call_start_at: CallStart
    component_name: Annotated[str, Meta(description="The Webhook object's name.")]


def reached(fact: WebhookReached) -> list[Event]:
    call = fact.call
    body = WebhookComponent(
        type=COMPONENT_EVENT,
        unique_call_id=call.id,
        user_name=call.caller.name,
        user_number=call.caller.number,
        dest_number=call.dest_number,
        call_start_at=iso(call.started_at),
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
