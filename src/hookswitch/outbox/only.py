"""Whether an endpoint means an event that its triggers let through."""

from typing import Final

import msgspec

from hookswitch.model.endpoints import Only
from hookswitch.model.events import Event


class _Facts(msgspec.Struct, frozen=True):
    """What filters look at; an event that has no such field has none of these."""

    dest_number: str = ""
    caller_id: str = ""
    user_number: str = ""
    queue_name: str | None = None
    ring_group_name: str | None = None


_OUTBOUND: Final = frozenset(
    {"user_outbound", "user_outbound_answered", "user_outbound_completed", "recording_outbound"}
)
_facts: Final = msgspec.json.Decoder(_Facts)


def fits(event: Event, only: Only) -> bool:
    """Everything that `only` names must fit; a number is that of the business."""
    if not only:
        return True
    facts = _facts.decode(event.body)
    number = facts.caller_id if event.type in _OUTBOUND else facts.dest_number
    entered = {facts.queue_name, facts.ring_group_name}
    return (
        (not only.numbers or number in only.numbers)
        and (not only.queues or bool(entered & only.queues))
        and (not only.users or facts.user_number in only.users)
    )
