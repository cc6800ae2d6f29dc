"""A sample of each event: the definitive list of the twelve, with their console names."""

from collections.abc import Mapping
from typing import Final, TypedDict

from msgspec import Struct, json

from hookswitch.events.queue_call import QueueCall
from hookswitch.events.recording import RecordingInbound, RecordingOutbound
from hookswitch.events.ring_group_call import RingGroupCall
from hookswitch.events.user_inbound import UserInbound, UserInboundAnswered, UserInboundCompleted
from hookswitch.events.user_outbound import (
    UserOutbound,
    UserOutboundAnswered,
    UserOutboundCompleted,
)
from hookswitch.events.voicemail import Voicemail
from hookswitch.events.webhook_component import WebhookComponent
from hookswitch.events.wire import recipients

Body = (
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
    | WebhookComponent
)


class Kind(Struct, frozen=True):
    """An event type as the console names it, and a sample of its body."""

    title: str
    sample: Body


class _Caller(TypedDict):
    unique_call_id: str
    caller_id: str
    dest_number: str


class _Call(TypedDict):
    call_start_at: str
    user_name: str
    user_number: str


class _Mail(TypedDict):
    recorded_at: str
    emails: str
    email_subject: str
    email_message: str


_INBOUND: Final = _Caller(
    unique_call_id="n1b1-1790868675.4", caller_id="61400000001", dest_number="61300000000"
)
_OUTBOUND: Final = _Caller(
    unique_call_id="n1b1-1790872275.9", caller_id="61300000000", dest_number="61400000001"
)
_JANE: Final = "Jane Citizen"
_CALL: Final = _Call(
    call_start_at="2026-10-01T15:31:15.000Z", user_name="Alice", user_number="1001"
)
_CALL_OUT: Final = _Call(
    call_start_at="2026-10-01T16:31:15.000Z", user_name="Alice", user_number="1001"
)
_CONNECTED: Final = "2026-10-01T15:31:27.250Z"
_CONNECTED_OUT: Final = "2026-10-01T16:31:24.120Z"
_LINK: Final = "https://pbx.example.com/m/"


def _mail(subject: str, recorded_at: str) -> _Mail:
    return {
        "recorded_at": recorded_at,
        "emails": recipients(["alice@example.com", "bob@example.com"]),
        "email_subject": subject,
        "email_message": f"{subject}. The link in this mail expires.",
    }


_KINDS: Final = (
    Kind(
        "User inbound call",
        UserInbound(
            type="user_inbound",
            caller_name=_JANE,
            queue_name="Support",
            ring_group_name=None,
            **_INBOUND,
            **_CALL,
        ),
    ),
    Kind(
        "User inbound call answered",
        UserInboundAnswered(
            type="user_inbound_answered",
            caller_name=_JANE,
            queue_name="Support",
            ring_group_name=None,
            connected_at=_CONNECTED,
            **_INBOUND,
            **_CALL,
        ),
    ),
    Kind(
        "User inbound call completion",
        UserInboundCompleted(
            type="user_inbound_completed",
            caller_name=_JANE,
            queue_name="Support",
            ring_group_name=None,
            connected_at=_CONNECTED,
            call_duration=102,
            conversation_duration=95,
            **_INBOUND,
            **_CALL,
        ),
    ),
    Kind(
        "Queue call summary",
        QueueCall(
            type="queue_call",
            caller_name=_JANE,
            connected_at=_CONNECTED,
            call_duration=104,
            conversation_duration=95,
            queue_name="Support",
            status="answered",
            **_INBOUND,
            **_CALL,
        ),
    ),
    Kind(
        "Ring group call summary",
        RingGroupCall(
            type="ring_group_call",
            caller_name=_JANE,
            connected_at=_CONNECTED,
            call_duration=104,
            conversation_duration=95,
            ring_group_name="Front desk",
            status="answered",
            **_INBOUND,
            **_CALL,
        ),
    ),
    Kind(
        "Voicemail",
        Voicemail(
            type="voicemail",
            caller_name=_JANE,
            audio_file=[_LINK + "Zm9yIGEgc2FtcGxlLCBhIHZvaWNlbWFpbCBtZXNzYWc"],
            **_INBOUND,
            **_mail("Voicemail from 61400000001", "2026-10-01T15:31:48.300Z"),
        ),
    ),
    Kind(
        "Inbound call recording",
        RecordingInbound(
            type="recording_inbound",
            call_recording_link=_LINK + "Zm9yIGEgc2FtcGxlLCBhbiBpbmJvdW5kIHJlY29yZGk",
            **_INBOUND,
            **_mail("Recording of a call from 61400000001", _CONNECTED),
        ),
    ),
    Kind("User outbound call", UserOutbound(type="user_outbound", **_OUTBOUND, **_CALL_OUT)),
    Kind(
        "User outbound call answered",
        UserOutboundAnswered(
            type="user_outbound_answered", connected_at=_CONNECTED_OUT, **_OUTBOUND, **_CALL_OUT
        ),
    ),
    Kind(
        "User outbound call completion",
        UserOutboundCompleted(
            type="user_outbound_completed",
            connected_at=_CONNECTED_OUT,
            call_duration=71,
            conversation_duration=62,
            **_OUTBOUND,
            **_CALL_OUT,
        ),
    ),
    Kind(
        "Outbound call recording",
        RecordingOutbound(
            type="recording_outbound",
            user_name="Alice",
            user_number="1001",
            call_recording_link=_LINK + "Zm9yIGEgc2FtcGxlLCBhbiBvdXRib3VuZCByZWNvcmQ",
            **_OUTBOUND,
            **_mail("Recording of a call to 61400000001", _CONNECTED_OUT),
        ),
    ),
    Kind(
        "Webhook object in the flow",
        WebhookComponent(
            type="webhook_component_event",
            unique_call_id=_INBOUND["unique_call_id"],
            user_name=_JANE,
            user_number=_INBOUND["caller_id"],
            dest_number=_INBOUND["dest_number"],
            call_start_at=_CALL["call_start_at"],
            component_name="Missed call",
        ),
    ),
)

KINDS: Final[Mapping[str, Kind]] = {kind.sample.type: kind for kind in _KINDS}
"""By event type, in the order of the wire contract."""


def sample(event_type: str) -> bytes:
    """The sample's body, byte for byte as it would be sent."""
    return json.encode(KINDS[event_type].sample)
