"""Where each open call is in the flow and who holds it, told to whoever watches."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import structlog

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.live import Live
from hookswitch.app.line.hub import Hub
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.whereabouts import Hold, Place, places
from hookswitch.model.calls import CallState
from hookswitch.model.facts import Fact, VoicemailLeft, WebhookReached
from hookswitch.model.ids import CallId
from hookswitch.model.instants import iso

LOOK_S: Final = 0.5
CHANNEL_S: Final = 0.002
"""Longer for each channel: with thousands it is asked more rarely."""

log: Final[Any] = structlog.get_logger(__name__)


class Places:
    """Runs until `stop`; the engine is asked only while somebody watches."""

    def __init__(
        self, hub: Hub, live: Live, ami: Callable[[], Ami], calls: Callable[[], Sequence[CallState]]
    ) -> None:
        self._hub, self._live, self._ami, self._calls = hub, live, ami, calls
        self._where: dict[CallId, str | None] = {}
        self._holds: dict[str, Hold] = {}
        """By unique id of the channel."""
        self._stopping = False
        self._wake = asyncio.Event()
        hub.on_watcher(self._again)

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping:
            if not self._hub.watched:
                self._wake.clear()
                await self._wake.wait()
                continue
            seen = await self._look()
            await asyncio.sleep(LOOK_S + seen * CHANNEL_S)

    def committed(self, facts: Sequence[Fact]) -> None:
        """The hub tells of these by itself, as they are passed."""
        for fact in facts:
            if isinstance(fact, WebhookReached | VoicemailLeft):
                self._where[fact.call.id] = fact.node

    def on_hold(self, hold: Hold) -> None:
        if hold.held:
            self._holds[hold.uniqueid] = hold
        else:
            self._holds.pop(hold.uniqueid, None)
        for call in self._calls():
            if hold.uniqueid in call.channels:
                self._tell_hold(call, hold)

    def _again(self) -> None:
        """Somebody new watches, who knows nothing yet."""
        self._where.clear()
        self._wake.set()
        for call, hold in self._held():
            self._tell_hold(call, hold)

    def _held(self) -> Iterator[tuple[CallState, Hold]]:
        """Also forgets the channels that are gone."""
        calls = self._calls()
        opened = {channel: call for call in calls for channel in call.open_channels}
        self._holds = {one: hold for one, hold in self._holds.items() if one in opened}
        return ((opened[one], hold) for one, hold in self._holds.items())

    def _tell_hold(self, call: CallState, hold: Hold) -> None:
        user = next(
            (
                u
                for u in self._live.document.users
                if hold.device in {d.username for d in u.devices}
            ),
            None,
        )
        self._hub.tell(
            "call",
            {
                "call": call.id,
                "at": iso(now_ms()),
                "state": "held" if hold.held else "resumed",
                "user": user.extension if user else None,
                "name": user.name if user else None,
            },
        )

    async def _look(self) -> int:
        """Tell what changed; gives the number of channels."""
        try:
            found = await places(self._ami())
        except EngineError as error:
            log.debug("places.not_seen", error=str(error))
            return 0
        opened = {call.id for call in self._calls() if call.arrived}
        where = _by_call(found, opened)
        for call, node in where.items():
            if self._where.get(call, "") != node:
                self._hub.tell("object", {"call": call, "at": iso(now_ms()), "object": node})
        self._where = where
        return len(found)


def _by_call(found: Sequence[Place], opened: set[CallId]) -> dict[CallId, str | None]:
    """A call is where its first channel is, or else any that is in an object."""
    where: dict[CallId, str | None] = {}
    for place in found:
        if place.linkedid in opened and (place.node or place.linkedid not in where):
            where[CallId(place.linkedid)] = place.node
    own = {CallId(p.uniqueid): p.node for p in found if p.uniqueid in opened}
    return where | own
