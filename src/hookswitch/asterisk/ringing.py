"""Tells which channel rings, 1 to 3 ms after the SIP message.

A caller can forge lines in the manager stream, so only events are believed whose headers are
exactly those the engine writes: more than fit into a caller's text. His own call is then told to
ring by the journal, when it is answered or over.
"""

from collections.abc import Callable

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.ami_wire import EVENT_HEAD, Message
from hookswitch.model.journal import RingingSeen

OnRinging = Callable[[RingingSeen], None]

CHANNEL_KEYS = (
    "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName",
    "ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode", "Context", "Exten",
    "Priority", "Uniqueid", "Linkedid",
)  # fmt: skip
DIALLED_KEYS = (*(f"Dest{key}" for key in CHANNEL_KEYS), "DialStatus")
DIAL_KEYS = {(*EVENT_HEAD, *CHANNEL_KEYS, *DIALLED_KEYS), (*EVENT_HEAD, *DIALLED_KEYS)}
RINGING_STATUSES = {"RINGING", "PROGRESS"}


class RingingWatch:
    """Calls `on_ringing` for each channel that rings; a channel may be told more than once."""

    def __init__(self, ami: Ami, on_ringing: OnRinging) -> None:
        self._on_ringing = on_ringing
        self.close = ami.listen(self._dial_state, "DialState")

    def _dial_state(self, message: Message) -> None:
        if message.keys not in DIAL_KEYS or message.get("DialStatus") not in RINGING_STATUSES:
            return
        if not _is_local(message.get("DestChannel")):
            self._on_ringing(RingingSeen(uniqueid=message.get("DestUniqueid"), at=_at(message)))


def _is_local(channel: str) -> bool:
    return channel.startswith("Local/")


def _at(message: Message) -> int:
    seconds, _, micros = message.get("Timestamp").partition(".")
    return int(seconds) * 1000 + int(micros) // 1000
