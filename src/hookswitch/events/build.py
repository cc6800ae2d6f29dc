"""Which fact gives which events."""

from collections.abc import Callable, Mapping
from typing import Final

from msgspec.structs import replace

from hookswitch.events import (
    recording,
    user_inbound,
    user_outbound,
    visits,
    voicemail,
    webhook_component,
)
from hookswitch.model.events import Event
from hookswitch.model.facts import (
    Fact,
    LegAnswered,
    LegEnded,
    LegRang,
    OutgoingAnswered,
    OutgoingBegun,
    OutgoingEnded,
    RecordingClosed,
    VisitEnded,
    VoicemailLeft,
    WebhookReached,
)
from hookswitch.model.media import BuildEnv


def build(fact: Fact, env: BuildEnv) -> list[Event]:
    """Give the events of a fact, in order; most facts give none or one."""
    events, linked, ref = _build(fact, env), fact.call.linked, fact.call.client_ref
    if not linked and not ref:
        return events
    return [replace(event, linked_call=linked, client_ref=ref) for event in events]


def _build(fact: Fact, env: BuildEnv) -> list[Event]:
    if isinstance(fact, VoicemailLeft):
        return voicemail.left(fact, env)
    if isinstance(fact, RecordingClosed):
        return recording.closed(fact, env)
    builder = _BUILDERS.get(type(fact))
    return builder(fact) if builder else []


_BUILDERS: Final[Mapping[type[Fact], Callable[..., list[Event]]]] = {
    LegRang: user_inbound.rang,
    LegAnswered: user_inbound.answered,
    LegEnded: user_inbound.completed,
    OutgoingBegun: user_outbound.begun,
    OutgoingAnswered: user_outbound.answered,
    OutgoingEnded: user_outbound.completed,
    VisitEnded: visits.ended,
    WebhookReached: webhook_component.reached,
}
