"""Which fact gives which events."""

from hookswitch.events import user_inbound, webhook_component
from hookswitch.model.events import Event
from hookswitch.model.facts import Fact, LegAnswered, LegEnded, LegRang, WebhookReached


def build(fact: Fact) -> list[Event]:
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
        case _:
            return []
