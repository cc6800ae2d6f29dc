"""`queue_call`: one visit to a queue."""

from typing import Annotated

from msgspec import Meta

from hookswitch.events.fields import VisitStatus
from hookswitch.events.summary import Summary


class QueueCall(Summary, frozen=True, kw_only=True):
    """A visit to a queue is over."""

    queue_name: Annotated[str, Meta(description="The queue's name.")]
    status: VisitStatus
