"""What the engine's journal says, one record at a time."""

from collections.abc import Mapping

from msgspec import Struct

from hookswitch.model.ids import Ms


class Cursor(Struct, frozen=True, order=True):
    """A place between two records: the file's generation and a byte offset in it."""

    generation: int = 0
    offset: int = 0


class JournalLine(Struct, frozen=True, kw_only=True):
    """One record of the journal, decoded.

    `event` is the engine's name (`CHAN_START`) or ours (`hs.try`); `extra` holds the decoded
    key=value pairs of our records and the top-level JSON members of the engine's, as text.
    """

    event: str
    at: Ms
    uniqueid: str
    linkedid: str
    channel: str = ""
    num: str = ""
    name: str = ""
    exten: str = ""
    context: str = ""
    peer: str = ""
    ours: bool = False
    extra: Mapping[str, str] = {}


class RingingSeen(Struct, frozen=True, kw_only=True):
    """A device began to ring, seen over AMI before the journal can tell."""

    uniqueid: str
    at: Ms


Observation = JournalLine | RingingSeen
