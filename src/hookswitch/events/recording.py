"""`recording_inbound`, `recording_outbound`: a call's recording is complete."""

from typing import Annotated, Literal, TypedDict

from msgspec import Meta, Struct, json

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
from hookswitch.events.templates import call_values, fill
from hookswitch.events.wire import event_id, recipients
from hookswitch.model.events import Event
from hookswitch.model.facts import RecordingClosed
from hookswitch.model.ids import EventId, Ms
from hookswitch.model.instants import iso
from hookswitch.model.media import BuildEnv, MessageSettings, NewEmail

RecordingLink = Annotated[Link, Meta(description="A link to the recording's audio; it expires.")]


class _Told(TypedDict):
    recorded_at: str
    emails: str
    email_subject: str
    email_message: str
    call_recording_link: str


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


def identify(fact: RecordingClosed) -> EventId:
    return event_id(fact.call.id, fact.recording.id, _kind(fact), 1)


def closed(fact: RecordingClosed, env: BuildEnv) -> list[Event]:
    return [
        Event(
            id=identify(fact),
            type=_kind(fact),
            call=fact.call.id,
            revision=fact.call.revision,
            at=fact.at,
            body=json.encode(_body(fact, env)),
        )
    ]


def _kind(fact: RecordingClosed) -> Literal["recording_inbound", "recording_outbound"]:
    return "recording_outbound" if fact.outgoing else "recording_inbound"


def _body(fact: RecordingClosed, env: BuildEnv) -> RecordingInbound | RecordingOutbound:
    call, outgoing, told = fact.call, fact.outgoing, _told(fact, env)
    if outgoing is None:
        return RecordingInbound(
            type="recording_inbound",
            unique_call_id=call.id,
            caller_id=call.caller.number,
            dest_number=call.dest_number,
            **told,
        )
    return RecordingOutbound(
        type="recording_outbound",
        unique_call_id=call.id,
        caller_id=outgoing.caller_id,
        user_name=outgoing.user.name,
        user_number=outgoing.user.extension,
        dest_number=call.dest_number,
        **told,
    )


def _told(fact: RecordingClosed, env: BuildEnv) -> _Told:
    settings = env.message_settings(fact.call.revision, fact.recording.by)
    mailed = settings if settings and settings.emails else None
    link = env.link(identify(fact))
    return {
        "recorded_at": iso(_recorded_at(fact)),
        "emails": recipients(mailed.emails) if mailed else "",
        "email_subject": _fill(mailed.subject, fact, link) if mailed else "",
        "email_message": _fill(mailed.message, fact, link) if mailed else "",
        "call_recording_link": link,
    }


def email(
    fact: RecordingClosed, settings: MessageSettings, path: str, link: str
) -> NewEmail | None:
    """The email that goes with the event, or None if nobody is named."""
    if not settings.emails:
        return None
    return NewEmail(
        event=identify(fact),
        recipients=recipients(settings.emails),
        subject=_fill(settings.subject, fact, link),
        message=_fill(settings.message, fact, link),
        audio=path,
        attach=settings.attach_audio,
    )


def _recorded_at(fact: RecordingClosed) -> Ms:
    return fact.at if fact.recording.talk_at is None else fact.recording.talk_at


def _fill(template: str, fact: RecordingClosed, link: str) -> str:
    return fill(template, call_values(fact.call, _recorded_at(fact)) | {"link": link})
