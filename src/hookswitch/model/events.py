"""Webhook events as they are stored and sent."""

from typing import Literal

from msgspec import Struct

from hookswitch.model.ids import CallId, EndpointId, EventId, Ms

Trigger = Literal[
    "user_inbound",
    "user_inbound_answered",
    "user_inbound_completed",
    "queue_call",
    "ring_group_call",
    "voicemail",
    "recording_inbound",
    "user_outbound",
    "user_outbound_answered",
    "user_outbound_completed",
    "recording_outbound",
]
"""The eleven triggers an endpoint can tick."""

COMPONENT_EVENT: Literal["webhook_component_event"] = "webhook_component_event"
EventType = Literal[Trigger, "webhook_component_event"]


class Event(Struct, frozen=True, kw_only=True):
    """One webhook event. `body` is the exact JSON sent, the same on every attempt."""

    id: EventId
    type: EventType
    call: CallId
    revision: int
    """The revision the call ran under."""
    at: Ms
    body: bytes
    endpoint: EndpointId | None = None
    """The one endpoint it is for (a Webhook object), or None: all that ticked the trigger."""
    linked_call: CallId | None = None
    """The call that this one was joined to."""
    client_ref: str | None = None
    """What the caller of click-to-call gave."""
