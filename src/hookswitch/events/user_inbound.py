"""`user_inbound`, `user_inbound_answered`, `user_inbound_completed`: one leg to one user."""

from typing import Annotated, TypedDict

from msgspec import Meta, Struct, json

from hookswitch.events.fields import (
    CallerId,
    CallerName,
    CallStart,
    DestNumber,
    Seconds,
    Timestamp,
    TypeName,
    UniqueCallId,
    UserName,
    UserNumber,
)
from hookswitch.events.wire import event_id, optional_timestamp, seconds
from hookswitch.model.events import Event, Trigger
from hookswitch.model.facts import LegAnswered, LegEnded, LegRang
from hookswitch.model.ids import Ms
from hookswitch.model.instants import iso


class _Common(TypedDict):
    unique_call_id: str
    caller_id: str
    caller_name: str
    user_name: str
    user_number: str
    dest_number: str
    call_start_at: str
    queue_name: str | None
    ring_group_name: str | None


class UserInbound(Struct, frozen=True, kw_only=True):
    """A call rings at a user."""

    type: TypeName
    unique_call_id: UniqueCallId
    caller_id: CallerId
    caller_name: CallerName
    user_name: UserName
    user_number: UserNumber
    dest_number: DestNumber
    call_start_at: CallStart
    queue_name: Annotated[
        str | None,
        Meta(description="The queue through which the user was reached; null if through none."),
    ]
    ring_group_name: Annotated[
        str | None,
        Meta(description="The ring group through which the user was reached; null if none."),
    ]


class UserInboundAnswered(UserInbound, frozen=True, kw_only=True):
    """The user answered."""

    connected_at: Annotated[Timestamp, Meta(description="When the user answered.")]


class UserInboundCompleted(UserInbound, frozen=True, kw_only=True):
    """The attempt to reach the user is over, answered or not."""

    connected_at: Annotated[
        Timestamp | None, Meta(description="When the user answered; null if never.")
    ]
    call_duration: Annotated[
        Seconds,
        Meta(
            description=(
                "Whole seconds from dialling the user to the end of the attempt; menus and waiting"
                " before it are not counted."
            )
        ),
    ]
    conversation_duration: Annotated[
        Seconds,
        Meta(description="Whole seconds of talk with the user; 0 if there was none."),
    ]


def rang(fact: LegRang) -> list[Event]:
    return [_event(fact, "user_inbound", UserInbound(type="user_inbound", **_common(fact)))]


def answered(fact: LegAnswered) -> list[Event]:
    answered_at = fact.leg.answered_at
    body = UserInboundAnswered(
        type="user_inbound_answered",
        connected_at=iso(fact.at if answered_at is None else answered_at),
        **_common(fact),
    )
    return [_event(fact, "user_inbound_answered", body)]


def completed(fact: LegEnded) -> list[Event]:
    """A user who was never rung out of a queue or ring group has no event of his own."""
    leg = fact.leg
    if leg.rang_at is None and (leg.via_queue or leg.via_ring_group):
        return []
    body = UserInboundCompleted(
        type="user_inbound_completed",
        connected_at=optional_timestamp(leg.answered_at),
        call_duration=seconds(fact.at - leg.tried_at),
        conversation_duration=_talk(leg.answered_at, fact.at),
        **_common(fact),
    )
    return [_event(fact, "user_inbound_completed", body)]


def _talk(answered_at: Ms | None, ended_at: Ms) -> int:
    return 0 if answered_at is None else seconds(ended_at - answered_at)


def _common(fact: LegRang | LegAnswered | LegEnded) -> _Common:
    call, leg = fact.call, fact.leg
    return {
        "unique_call_id": call.id,
        "caller_id": call.caller.number,
        "caller_name": call.caller.name,
        "user_name": leg.user.name,
        "user_number": leg.user.extension,
        "dest_number": call.dest_number,
        "call_start_at": iso(call.started_at),
        "queue_name": leg.via_queue,
        "ring_group_name": leg.via_ring_group,
    }


def _event(fact: LegRang | LegAnswered | LegEnded, kind: Trigger, body: UserInbound) -> Event:
    return Event(
        id=event_id(fact.call.id, fact.leg.id, kind, 1),
        type=kind,
        call=fact.call.id,
        revision=fact.call.revision,
        at=fact.at,
        body=json.encode(body),
    )
