"""Field types that several bodies share, each with its meaning; the schema carries both."""

from typing import Annotated, Literal

from msgspec import Meta

TypeName = Annotated[str, Meta(description="Which event this is.")]
UniqueCallId = Annotated[
    str,
    Meta(
        description="The call's id, the same in all events of the call; opaque.",
        pattern=r"^[0-9A-Za-z._-]{1,64}$",
    ),
]

CallerId = Annotated[
    str, Meta(description='The calling number as presented; "" if it was withheld.')
]
CallerName = Annotated[str, Meta(description='The caller\'s display name as sent; "" if none.')]
ShownNumber = Annotated[str, Meta(description="The caller id shown to the called party.")]
DestNumber = Annotated[str, Meta(description="The number called.")]

UserName = Annotated[str, Meta(description="The user's name.")]
UserNumber = Annotated[str, Meta(description="The user's extension.")]

Timestamp = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$",
        extra_json_schema={"format": "date-time"},
    ),
]
"""ISO 8601 in UTC with milliseconds."""
CallStart = Annotated[Timestamp, Meta(description="When the call reached the phone system.")]
RecordedAt = Annotated[Timestamp, Meta(description="When it was recorded.")]

Seconds = Annotated[int, Meta(ge=0)]
"""Whole seconds."""

Emails = Annotated[
    str, Meta(description='Whom it was mailed to, separated by commas; "" if nobody.')
]
EmailSubject = Annotated[str, Meta(description='The mail\'s subject; "" if there was no mail.')]
EmailMessage = Annotated[str, Meta(description='The mail\'s text; "" if there was no mail.')]
Link = Annotated[str, Meta(pattern=r"^https?://")]
"""Where the audio can be fetched; it expires."""

VisitStatus = Annotated[
    Literal["answered", "abandoned", "timeout"],
    Meta(
        description=(
            "How the visit ended: answered; abandoned (the caller hung up first); timeout (left"
            " unanswered: time, full, no agents, exit key)."
        )
    ),
]
