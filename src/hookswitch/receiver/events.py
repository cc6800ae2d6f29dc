"""The bodies of the twelve events, field by field.

A time is an ISO 8601 UTC text such as `2026-10-01T15:31:15.000Z`, or None when there is none.
A duration is in whole seconds. A withheld number is "".
"""

from typing import Literal, TypedDict


class _Call(TypedDict):
    unique_call_id: str


class _UserInbound(_Call):
    caller_id: str
    caller_name: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    queue_name: str | None
    ring_group_name: str | None


class UserInbound(_UserInbound):
    """A user's phone rings."""

    type: Literal["user_inbound"]


class UserInboundAnswered(_UserInbound):
    """The user answered."""

    type: Literal["user_inbound_answered"]
    connected_at: str


class UserInboundCompleted(_UserInbound):
    """The attempt to reach the user is over; never answered when `connected_at` is None."""

    type: Literal["user_inbound_completed"]
    connected_at: str | None
    call_duration: int
    conversation_duration: int


class _Summary(_Call):
    caller_id: str
    caller_name: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    connected_at: str | None
    call_duration: int
    conversation_duration: int
    status: Literal["answered", "abandoned", "timeout"]


class QueueCall(_Summary):
    """A visit to a queue is over; `user_*` is who answered, "" if nobody did."""

    type: Literal["queue_call"]
    queue_name: str


class RingGroupCall(_Summary):
    """A visit to a ring group is over; `user_*` is who answered, "" if nobody did."""

    type: Literal["ring_group_call"]
    ring_group_name: str


class _Notice(_Call):
    caller_id: str
    dest_number: str
    recorded_at: str
    emails: str
    email_subject: str
    email_message: str


class Voicemail(_Notice):
    """A message was left; `audio_file` lists links that expire."""

    type: Literal["voicemail"]
    caller_name: str
    audio_file: list[str]


class RecordingInbound(_Notice):
    """The recording of an inbound call is complete."""

    type: Literal["recording_inbound"]
    call_recording_link: str


class _UserOutbound(_Call):
    caller_id: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str


class UserOutbound(_UserOutbound):
    """A user calls out."""

    type: Literal["user_outbound"]


class UserOutboundAnswered(_UserOutbound):
    """The called party answered."""

    type: Literal["user_outbound_answered"]
    connected_at: str


class UserOutboundCompleted(_UserOutbound):
    """The outbound call is over; never answered when `connected_at` is None."""

    type: Literal["user_outbound_completed"]
    connected_at: str | None
    call_duration: int
    conversation_duration: int


class RecordingOutbound(_Notice):
    """The recording of an outbound call is complete."""

    type: Literal["recording_outbound"]
    user_name: str
    user_number: str
    call_recording_link: str


class WebhookComponentEvent(_Call):
    """The call passed a Webhook object; `user_*` is the caller's name and number here."""

    type: Literal["webhook_component_event"]
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    component_name: str


Event = (
    UserInbound
    | UserInboundAnswered
    | UserInboundCompleted
    | QueueCall
    | RingGroupCall
    | Voicemail
    | RecordingInbound
    | UserOutbound
    | UserOutboundAnswered
    | UserOutboundCompleted
    | RecordingOutbound
    | WebhookComponentEvent
)
"""Tell them apart by `event["type"]`."""
