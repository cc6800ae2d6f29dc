"""`recording_inbound`, `recording_outbound`: a call's recording is complete."""

from typing import Annotated

from msgspec import Meta, Struct

from hookswitch.events.fields import (
    CallerId,
    DestNumber,
    EmailMessage,
    Emails,
    EmailSubject,
    Link,
    RecordedAt,
    ShownNumber,
    TypeName,
    UniqueCallId,
    UserName,
    UserNumber,
)

RecordingLink = Annotated[Link, Meta(description="A link to the recording's audio; it expires.")]


class RecordingInbound(Struct, frozen=True, kw_only=True):
    """The recording of an inbound call is complete."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: CallerId
    dest_number: DestNumber
    recorded_at: RecordedAt
    emails: Emails
    email_subject: EmailSubject
    email_message: EmailMessage
    call_recording_link: RecordingLink


class RecordingOutbound(Struct, frozen=True, kw_only=True):
    """The recording of an outbound call is complete."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: ShownNumber
    user_name: UserName
    user_number: UserNumber
    dest_number: DestNumber
    recorded_at: RecordedAt
    emails: Emails
    email_subject: EmailSubject
    email_message: EmailMessage
    call_recording_link: RecordingLink
