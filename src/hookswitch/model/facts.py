"""What the fold found out: the input of the events stage."""

from typing import Literal

from msgspec import Struct

from hookswitch.model.calls import Leg, Outgoing, Party, Recording, Visit
from hookswitch.model.ids import CallId, Ms


class CallInfo(Struct, frozen=True, kw_only=True):
    """The parts of a call that its events carry."""

    id: CallId
    started_at: Ms
    caller: Party
    dest_number: str
    revision: int
    linked: CallId | None = None
    client_ref: str | None = None


class CallArrived(Struct, frozen=True, tag=True):
    """A call reached an inbound number of the live flow."""

    call: CallInfo
    at: Ms


class LegTried(Struct, frozen=True, tag=True):
    """A user is being dialled."""

    call: CallInfo
    leg: Leg
    at: Ms


class LegRang(Struct, frozen=True, tag=True):
    """One of the user's devices rings (or answered without ringing)."""

    call: CallInfo
    leg: Leg
    at: Ms


class LegAnswered(Struct, frozen=True, tag=True):
    """The user answered; `leg.answered_at` is set."""

    call: CallInfo
    leg: Leg
    at: Ms


class LegEnded(Struct, frozen=True, tag=True):
    """The attempt is over; `leg.ended_at` is set."""

    call: CallInfo
    leg: Leg
    at: Ms


class OutgoingBegun(Struct, frozen=True, tag=True):
    """A user's phone calls somebody."""

    call: CallInfo
    outgoing: Outgoing
    at: Ms


class OutgoingAnswered(Struct, frozen=True, tag=True):
    """Whom the user called answered; `outgoing.answered_at` is set."""

    call: CallInfo
    outgoing: Outgoing
    at: Ms


class OutgoingEnded(Struct, frozen=True, tag=True):
    """The user's part in his call is over; `outgoing.ended_at` is set."""

    call: CallInfo
    outgoing: Outgoing
    at: Ms


class CallRefused(Struct, frozen=True, tag=True):
    """A call was not let out, or not let in; `why` is a word for the log."""

    call: CallInfo
    why: str
    at: Ms


class VisitEnded(Struct, frozen=True, tag=True):
    """A queue or ring group is done with a call; `leg` is the answering user's, if any."""

    call: CallInfo
    visit: Visit
    leg: Leg | None
    status: Literal["answered", "abandoned", "timeout"]
    at: Ms


class WebhookReached(Struct, frozen=True, tag=True):
    """The call passed a Webhook object; `ordinal` counts the objects this call has reached."""

    call: CallInfo
    node: str
    component: str
    ordinal: int
    at: Ms
    channel: str = ""
    """Unique id of the channel that waits for the receiver's answer, empty if none does."""
    ask: int = 0
    """Counts that channel's questions."""


class VoicemailLeft(Struct, frozen=True, tag=True):
    """A message is complete on disk; `file` is its path without suffix, `ordinal` counts them."""

    call: CallInfo
    node: str
    file: str
    ordinal: int
    at: Ms


class PromptRecorded(Struct, frozen=True, tag=True):
    """A phone recorded a prompt; `file` is the name of its file, without suffix."""

    call: CallInfo
    name: str
    file: str
    at: Ms


class RecordingClosed(Struct, frozen=True, tag=True):
    """A recording is complete on disk, or as complete as a dead engine left it.

    `outgoing` is set when it is of a user's own call, by that user's setting.
    """

    call: CallInfo
    recording: Recording
    at: Ms
    outgoing: Outgoing | None = None


class FlowBroken(Struct, frozen=True, tag=True):
    """The flow went round a cycle that rings nobody until the limit; the call was ended."""

    call: CallInfo
    node: str
    at: Ms


class CallTurnedAway(Struct, frozen=True, tag=True):
    """A new call was refused at the entrance, whatever its number; it is no call of anybody's."""

    call: CallInfo
    at: Ms


class CallEnded(Struct, frozen=True, tag=True):
    """Every leg of the call is over; `engine_lost` if the engine died under it."""

    call: CallInfo
    at: Ms
    engine_lost: bool = False


Fact = (
    CallArrived
    | LegTried
    | LegRang
    | LegAnswered
    | LegEnded
    | OutgoingBegun
    | OutgoingAnswered
    | OutgoingEnded
    | CallRefused
    | VisitEnded
    | WebhookReached
    | VoicemailLeft
    | PromptRecorded
    | RecordingClosed
    | FlowBroken
    | CallTurnedAway
    | CallEnded
)
