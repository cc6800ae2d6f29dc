"""What the summaries of a visit to a queue and to a ring group have in common."""

from typing import Annotated

from msgspec import Meta, Struct

from hookswitch.events.fields import (
    CallerId,
    CallerName,
    CallStart,
    DestNumber,
    Seconds,
    Timestamp,
    TypeName,
    UniqueCallId,
)


class Summary(Struct, frozen=True, kw_only=True):
    """One visit; the object's own name and the status follow."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: CallerId
    caller_name: CallerName
    user_name: Annotated[
        str, Meta(description='The name of the user who answered; "" if nobody did.')
    ]
    user_number: Annotated[
        str, Meta(description='The extension of the user who answered; "" if nobody did.')
    ]
    dest_number: DestNumber
    call_start_at: CallStart
    connected_at: Annotated[
        Timestamp | None, Meta(description="When a user answered; null if nobody did.")
    ]
    call_duration: Annotated[
        Seconds,
        Meta(
            description=(
                "Whole seconds from the beginning of the visit to its unanswered end, or to the"
                " end of the answering user's talk (a transfer ends it)."
            )
        ),
    ]
    conversation_duration: Annotated[
        Seconds,
        Meta(description="Whole seconds of talk with the answering user; 0 if nobody answered."),
    ]
