"""`voicemail`: a message was left."""

from typing import Annotated, Final

from msgspec import Meta, Struct, json

from hookswitch.events.fields import (
    CallerId,
    CallerName,
    DestNumber,
    EmailMessage,
    Emails,
    EmailSubject,
    Link,
    RecordedAt,
    TypeName,
    UniqueCallId,
)
from hookswitch.events.templates import call_values, fill
from hookswitch.events.wire import event_id, recipients
from hookswitch.model.events import Event
from hookswitch.model.facts import VoicemailLeft
from hookswitch.model.ids import EventId
from hookswitch.model.instants import iso
from hookswitch.model.media import BuildEnv, MessageSettings, NewEmail

KIND: Final = "voicemail"


class Voicemail(Struct, frozen=True, kw_only=True):
    """A voicemail message was left and is complete."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: CallerId
    caller_name: CallerName
    dest_number: DestNumber
    recorded_at: RecordedAt
    emails: Emails
    email_subject: EmailSubject
    email_message: EmailMessage
    audio_file: Annotated[
        list[Link], Meta(description="Links to the message's audio; they expire.")
    ]


def identify(fact: VoicemailLeft) -> EventId:
    return event_id(fact.call.id, fact.node, KIND, fact.ordinal)


def left(fact: VoicemailLeft, env: BuildEnv) -> list[Event]:
    call, identifier = fact.call, identify(fact)
    settings = env.message_settings(call.revision, fact.node)
    mailed = settings if settings and settings.emails else None
    body = Voicemail(
        type=KIND,
        unique_call_id=call.id,
        caller_id=call.caller.number,
        caller_name=call.caller.name,
        dest_number=call.dest_number,
        recorded_at=iso(fact.at),
        emails=recipients(mailed.emails) if mailed else "",
        email_subject=_fill(mailed.subject, fact, mailed) if mailed else "",
        email_message=_fill(mailed.message, fact, mailed) if mailed else "",
        audio_file=[env.link(identifier)],
    )
    return [
        Event(
            id=identifier,
            type=KIND,
            call=call.id,
            revision=call.revision,
            at=fact.at,
            body=json.encode(body),
        )
    ]


def email(fact: VoicemailLeft, settings: MessageSettings, path: str) -> NewEmail | None:
    """The email that goes with the event, or None if the object names nobody."""
    if not settings.emails:
        return None
    return NewEmail(
        event=identify(fact),
        recipients=recipients(settings.emails),
        subject=_fill(settings.subject, fact, settings),
        message=_fill(settings.message, fact, settings),
        audio=path,
        attach=settings.attach_audio,
        delete_from=settings.box if settings.delete_after_sending else None,
    )


def _fill(template: str, fact: VoicemailLeft, settings: MessageSettings) -> str:
    return fill(template, call_values(fact.call, fact.at) | {"box": settings.box})
