"""`ring_group_call`: one visit to a ring group."""

from typing import Annotated

from msgspec import Meta

from hookswitch.events.fields import VisitStatus
from hookswitch.events.summary import Summary


class RingGroupCall(Summary, frozen=True, kw_only=True):
    """A visit to a ring group is over."""

    ring_group_name: Annotated[str, Meta(description="The ring group's name.")]
    status: VisitStatus
