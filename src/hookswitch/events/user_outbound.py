"""`user_outbound`, `user_outbound_answered`, `user_outbound_completed`: a user calls out."""

from typing import Annotated

from msgspec import Meta, Struct

from hookswitch.events.fields import (
    CallStart,
    DestNumber,
    Seconds,
    ShownNumber,
    Timestamp,
    TypeName,
    UniqueCallId,
    UserName,
    UserNumber,
)


class UserOutbound(Struct, frozen=True, kw_only=True):
    """A user calls an outside number."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: ShownNumber
    user_name: UserName
    user_number: UserNumber
    dest_number: DestNumber
    call_start_at: CallStart


class UserOutboundAnswered(UserOutbound, frozen=True, kw_only=True):
    """The called party answered."""

    connected_at: Annotated[Timestamp, Meta(description="When the called party answered.")]


class UserOutboundCompleted(UserOutbound, frozen=True, kw_only=True):
    """The outbound call is over, answered or not."""

    connected_at: Annotated[
        Timestamp | None, Meta(description="When the called party answered; null if never.")
    ]
    call_duration: Annotated[
        Seconds, Meta(description="Whole seconds from dialling to the end of the call.")
    ]
    conversation_duration: Annotated[
        Seconds, Meta(description="Whole seconds of talk; 0 if there was none.")
    ]
