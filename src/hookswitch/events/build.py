"""Which fact gives which events."""

from hookswitch.events import user_inbound, visits, voicemail, webhook_component
from hookswitch.model.events import Event
from hookswitch.model.facts import (
    Fact,
    LegAnswered,
    LegEnded,
    LegRang,
    VisitEnded,
    VoicemailLeft,
    WebhookReached,
)
from hookswitch.model.media import BuildEnv


def build(fact: Fact, env: BuildEnv) -> list[Event]:
    """Give the events of a fact, in order; most facts give none or one."""
    match fact:
        case LegRang():
            return user_inbound.rang(fact)
        case LegAnswered():
            return user_inbound.answered(fact)
        case LegEnded():
            return user_inbound.completed(fact)
        case WebhookReached():
            return webhook_component.reached(fact)
        case VisitEnded():
            return visits.ended(fact)
        case VoicemailLeft():
            return voicemail.left(fact, env)
        case _:
            return []
