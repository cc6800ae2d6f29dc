"""The state of one call while it lives, as folded from the journal."""

from typing import Literal

from msgspec import Struct

from hookswitch.model.ids import CallId, LegId, Ms
from hookswitch.model.journal import JournalLine


class Party(Struct, frozen=True):
    """A number and a display name, as signalled and cleaned."""

    number: str = ""
    name: str = ""


class User(Struct, frozen=True):
    """The User object a leg tries to reach: display name and extension."""

    name: str
    extension: str


class Leg(Struct, frozen=True, kw_only=True):
    """One attempt to reach one user, however many devices it rings."""

    id: LegId
    user: User
    tried_at: Ms
    visit: str | None = None
    via_queue: str | None = None
    via_ring_group: str | None = None
    instead_of: LegId | None = None
    """The attempt that was taken over where it rang."""
    devices: tuple[str, ...] = ()
    """Unique ids of the channels this attempt dialled, in order."""
    open_devices: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()
    """Devices whose answer counts once a key was pressed there."""
    rang_at: Ms | None = None
    answered_at: Ms | None = None
    answered_by: str | None = None
    dial_over_at: Ms | None = None
    """When the dialplan left the attempt: no further device will be dialled."""
    returned_at: Ms | None = None
    """When the dialplan came back from an answer whose channel is still there: it is about to end,
    or was left with another party by an attended transfer, which is told a moment later."""
    moved: bool = False
    """Who dialled it is gone, by a transfer perhaps: it ends with its own channels."""
    ended_at: Ms | None = None


class Outgoing(Struct, frozen=True, kw_only=True):
    """A user's own call, as seen by the phone that placed it."""

    user: User
    channel: str
    caller_id: str
    """The number shown to whom he calls."""
    devices: frozenset[str] = frozenset()
    """Unique ids of the channels dialled outside; the one that answers is whom he calls."""
    called_at: Ms
    answered_at: Ms | None = None
    ended_at: Ms | None = None


class Visit(Struct, frozen=True, kw_only=True):
    """A call's passage through a queue or ring group; its id begins with the caller's channel."""

    id: str
    kind: Literal["queue", "ring_group"]
    name: str
    entered_at: Ms
    moved_to: str = ""
    """The channel that took the caller's place in it by an attended transfer."""
    left_at: Ms | None = None
    """When the dialplan left the object, or the caller hung up in it."""
    abandoned: bool = False
    answered_leg: LegId | None = None
    taken_at: Ms | None = None
    """When somebody outside took the call, who is no user."""
    told: bool = False
    """Its summary was given."""


class Recording(Struct, frozen=True, kw_only=True):
    """A recording of one channel; its id is the name of the file that the engine writes."""

    id: str
    channel: str
    channel_name: str
    by: str
    """What asked for it: an object's id, or `user/<extension>/in` or `out`."""
    talk_at: Ms | None = None
    """When there was first anything to record: the channel was joined to another."""
    closed_at: Ms | None = None


class Seeker(Struct, frozen=True):
    """A user who dialled to take a call from elsewhere, and his channel's id and name."""

    user: User
    uniqueid: str
    channel: str


class Refusal(Struct, frozen=True):
    """When a call was not let out or not let in, and the word for why."""

    at: Ms
    why: str


class CallState(Struct, frozen=True, kw_only=True):
    """A call: its parties, the channels bound to it at their start, and its legs."""

    id: CallId
    started_at: Ms
    caller: Party = Party()
    dest_number: str = ""
    revision: int = 0
    arrived: bool = False
    """The call reached a number's flow; before that it gives no events."""
    channels: frozenset[str] = frozenset()
    open_channels: frozenset[str] = frozenset()
    legs: dict[LegId, Leg] = {}
    outgoing: Outgoing | None = None
    """Set when one of the users placed the call."""
    visits: dict[str, Visit] = {}
    recordings: dict[str, Recording] = {}
    """Those that are open, or closed and not yet told of."""
    seeker: Seeker | None = None
    linked: CallId | None = None
    """The call that an attended transfer joined this one to."""
    client_ref: str | None = None
    """What a program that asked for the call wants to know it by."""
    refusals: tuple[Refusal, ...] = ()
    objects_reached: int = 0
    messages: int = 0
    """Voicemail messages left."""
    held: tuple[JournalLine, ...] = ()
    """Records that wait for a leg to tell whether it rang, so that events keep their order."""
    ended_at: Ms | None = None
