"""Tells which channel rings, 1 to 3 ms after the SIP message.

A caller can forge lines in the manager stream, so nothing is believed but what no caller's text
comes before (a Newstate's channel, whose unique id is then asked for), and events whose headers are
exactly those the engine writes: more than fit into a caller's text.
"""

import asyncio
from collections.abc import Callable

import structlog

from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.ami_wire import EVENT_HEAD, Message
from hookswitch.asterisk.errors import AmiError
from hookswitch.model.journal import RingingSeen

log = structlog.get_logger(__name__)

OnRinging = Callable[[RingingSeen], None]

CHANNEL_KEYS = (
    "Channel", "ChannelState", "ChannelStateDesc", "CallerIDNum", "CallerIDName",
    "ConnectedLineNum", "ConnectedLineName", "Language", "AccountCode", "Context", "Exten",
    "Priority", "Uniqueid", "Linkedid",
)  # fmt: skip
DIALLED_KEYS = (*(f"Dest{key}" for key in CHANNEL_KEYS), "DialStatus")
DIAL_KEYS = {(*EVENT_HEAD, *CHANNEL_KEYS, *DIALLED_KEYS), (*EVENT_HEAD, *DIALLED_KEYS)}
RINGING_STATUSES = {"RINGING", "PROGRESS"}
RINGING_STATE = "5"
TOLD_WITHIN_S = 0.03
"""A dialled channel's DialState comes before or after its Newstate, and has the id itself."""
MOST_TOLD = 1000


class RingingWatch:
    """Calls `on_ringing` for each channel that rings; a channel may be told more than once."""

    def __init__(self, ami: Ami, on_ringing: OnRinging) -> None:
        self._ami = ami
        self._on_ringing = on_ringing
        self._waiting: dict[str, asyncio.TimerHandle] = {}
        self._asking: set[asyncio.Task[None]] = set()
        self._told: dict[str, float] = {}
        self._stops = (
            ami.listen(self._dial_state, "DialState"),
            ami.listen(self._new_state, "Newstate"),
        )

    async def close(self) -> None:
        for stop in self._stops:
            stop()
        for waiting in self._waiting.values():
            waiting.cancel()
        for task in self._asking:
            task.cancel()
        await asyncio.gather(*self._asking, return_exceptions=True)

    def _dial_state(self, message: Message) -> None:
        if message.keys not in DIAL_KEYS or message.get("DialStatus") not in RINGING_STATUSES:
            return
        channel = message.get("DestChannel")
        if not _is_local(channel):
            self._tell(channel)
            self._on_ringing(RingingSeen(uniqueid=message.get("DestUniqueid"), at=_at(message)))

    def _new_state(self, message: Message) -> None:
        state, channel = message.get("ChannelState"), message.get("Channel")
        if message.keys[4:6] == CHANNEL_KEYS[:2] and state == RINGING_STATE:
            if _is_local(channel) or channel in self._waiting or self._is_told(channel):
                return
            self._waiting[channel] = asyncio.get_running_loop().call_later(
                TOLD_WITHIN_S, self._begin_to_ask, channel, _at(message)
            )

    def _tell(self, channel: str) -> None:
        """Nobody need ask for this channel: it is told."""
        if waiting := self._waiting.pop(channel, None):
            waiting.cancel()
        self._told[channel] = asyncio.get_running_loop().time()
        if len(self._told) > MOST_TOLD:
            del self._told[next(iter(self._told))]

    def _is_told(self, channel: str) -> bool:
        """Just now: after a restart of the engine names come again."""
        at = self._told.get(channel)
        return at is not None and asyncio.get_running_loop().time() - at < TOLD_WITHIN_S

    def _begin_to_ask(self, channel: str, at: int) -> None:
        del self._waiting[channel]
        task = asyncio.create_task(self._ask(channel, at))
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    async def _ask(self, channel: str, at: int) -> None:
        try:
            answer = await self._ami.action("Getvar", Channel=channel, Variable="UNIQUEID")
        except AmiError as error:
            log.debug("ringing channel is gone", channel=channel, error=str(error))
            return
        self._on_ringing(RingingSeen(uniqueid=answer.get("Value"), at=at))


def _is_local(channel: str) -> bool:
    return channel.startswith("Local/")


def _at(message: Message) -> int:
    seconds, _, micros = message.get("Timestamp").partition(".")
    return int(seconds) * 1000 + int(micros) // 1000
