"""`user_outbound`, `user_outbound_answered`, `user_outbound_completed`: a user calls out."""

from typing import Annotated, TypedDict

from msgspec import Meta, Struct, json

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
from hookswitch.events.wire import event_id, optional_timestamp, seconds
from hookswitch.model.events import Event, Trigger
from hookswitch.model.facts import OutgoingAnswered, OutgoingBegun, OutgoingEnded
from hookswitch.model.instants import iso

_Fact = OutgoingBegun | OutgoingAnswered | OutgoingEnded


class _Common(TypedDict):
    unique_call_id: str
    caller_id: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str


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


def begun(fact: OutgoingBegun) -> list[Event]:
    return [_event(fact, "user_outbound", UserOutbound(type="user_outbound", **_common(fact)))]


def answered(fact: OutgoingAnswered) -> list[Event]:
    body = UserOutboundAnswered(
        type="user_outbound_answered",
        connected_at=iso(fact.outgoing.answered_at or fact.at),
        **_common(fact),
    )
    return [_event(fact, "user_outbound_answered", body)]


def completed(fact: OutgoingEnded) -> list[Event]:
    called = fact.outgoing
    talked = 0 if called.answered_at is None else fact.at - called.answered_at
    body = UserOutboundCompleted(
        type="user_outbound_completed",
        connected_at=optional_timestamp(called.answered_at),
        call_duration=seconds(fact.at - called.called_at),
        conversation_duration=seconds(talked),
        **_common(fact),
    )
    return [_event(fact, "user_outbound_completed", body)]


def _common(fact: _Fact) -> _Common:
    call, outgoing = fact.call, fact.outgoing
    return {
        "unique_call_id": call.id,
        "caller_id": outgoing.caller_id,
        "user_name": outgoing.user.name,
        "user_number": outgoing.user.extension,
        "dest_number": call.dest_number,
        "call_start_at": iso(call.started_at),
    }


def _event(fact: _Fact, kind: Trigger, body: UserOutbound) -> Event:
    return Event(
        id=event_id(fact.call.id, fact.outgoing.channel, kind, 1),
        type=kind,
        call=fact.call.id,
        revision=fact.call.revision,
        at=fact.at,
        body=json.encode(body),
    )
