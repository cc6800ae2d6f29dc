"""All open calls of one node: routes each observation to its call."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from hookswitch.calls.fold import begin, fold, fold_ringing, let_go, lose
from hookswitch.calls.info import Folded
from hookswitch.calls.pickup import sought_by
from hookswitch.calls.transfers import CONSULTING, in_order
from hookswitch.model.calls import CallState, Seeker
from hookswitch.model.facts import Fact
from hookswitch.model.ids import CallId, Ms
from hookswitch.model.journal import JournalLine, Observation, RingingSeen

_BOOT: Final = re.compile(r"[a-z0-9]+?b(\d+)")

TAKING: Final = {"PICKUP": "pickup_channel_uniqueid", "PARK_END": "retriever"}
"""Records of a call that somebody took, and what in them names his channel."""
EARLY_LIMIT: Final = 10_000
"""Ringings kept for channels whose start is not read yet; the oldest is dropped beyond it."""


class Ledger:
    """Folds observations in order; what changed since the last `take_changed` is remembered.

    A channel belongs to the call whose linked id it had at its start, wherever transfers move
    it later. A record of a later boot of the engine closes the calls of earlier ones.
    """

    def __init__(self, open_calls: Iterable[CallState] = ()) -> None:
        self._calls = {call.id: call for call in open_calls}
        self._call_of = {
            channel: call.id for call in self._calls.values() for channel in _channels(call)
        }
        self._boot = max(map(_boot, self._calls), default=0)
        self._early: dict[str, RingingSeen] = {}
        self._guests = {guest: call.id for call in self._calls.values() for guest in _guests(call)}
        """Channels that are in a queue or ring group of another call than their own."""
        self._changed: dict[CallId, CallState] = {}

    @property
    def open_calls(self) -> Sequence[CallState]:
        return tuple(self._calls.values())

    def apply(self, seen: Observation) -> tuple[Fact, ...]:
        """Fold one observation; gives the facts it brought to light."""
        if isinstance(seen, RingingSeen):
            return self._ringing(seen)
        lost = self._close_earlier_boots(seen)
        call = self._call_for(seen)
        if call is None:
            return lost
        if guest_of := self._guest_of(seen):
            call, moved = self._host(guest_of, call, seen)
            lost += moved
        seeker = self._seeker(seen)
        if seeker is not None:
            seen = sought_by(seen, seeker)
            call, left = self._adopt(seeker, call, seen.at)
            lost += left
        if seen.event == "ATTENDEDTRANSFER":
            call, joined = self._join(call, seen)
            lost += joined
        facts = self._keep(call, fold(call, seen))
        return lost + facts + self._now_known(call.id) + self._guest_gone(seen)

    def reconcile(self, up: Mapping[str, bool], known: Collection[str], at: Ms) -> tuple[Fact, ...]:
        """Catch up with the engine after records were lost.

        `up` are its channels and whether each is answered; `known` were bound here before it was
        asked. What is gone ends now, what was answered meanwhile is answered now.
        """
        answered = [("ANSWER", channel) for channel in known if up.get(channel)]
        gone = [("CHAN_END", channel) for channel in known if channel not in up]
        return tuple(
            fact
            for event, channel in (*answered, *gone)
            for fact in self.apply(
                JournalLine(event=event, at=at, uniqueid=channel, linkedid=channel)
            )
        )

    @property
    def open_channels(self) -> frozenset[str]:
        return frozenset(one for call in self._calls.values() for one in call.open_channels)

    def take_changed(self) -> tuple[CallState, ...]:
        """Give the calls that changed since the last time, and forget the ended ones."""
        changed = tuple(self._changed.values())
        self._changed.clear()
        return changed

    def _call_for(self, line: JournalLine) -> CallState | None:
        known = self._call_of.get(line.uniqueid)
        if known is not None:
            return self._calls.get(known)
        if line.event != "CHAN_START":
            return None
        call = self._calls.get(CallId(line.linkedid)) or begin(line)
        self._call_of[line.uniqueid] = call.id
        return call

    def _join(self, call: CallState, line: JournalLine) -> Folded:
        """Two calls talk to each other from here on; each keeps its own id to its end."""
        other = self._calls.get(self._call_of.get(line.extra.get(CONSULTING, ""), CallId("")))
        if other is None or other.id == call.id:
            return call, ()
        first, second = in_order(call, other)
        self._calls[second.id] = self._changed[second.id] = second
        call, other = (first, second) if first.id == call.id else (second, first)
        facts = self._keep(other, fold(other, line))
        if "app" in line.extra:
            # whichever of the two it is; what is in no queue asks nothing of it
            self._guests[line.extra.get("transferee_channel_uniqueid", "")] = second.id
        return call, facts

    def _guest_of(self, line: JournalLine) -> CallState | None:
        """The call whose queue or ring group this is about, if it is not the channel's own."""
        visit = line.extra.get("visit") if self._guests else None
        owner = self._call_of.get(visit.rpartition(".")[0]) if visit else None
        if owner is None or owner == self._call_of.get(line.uniqueid):
            return None
        call = self._calls.get(owner)
        return call if call and visit in call.visits else None

    def _host(self, owner: CallState, own: CallState, line: JournalLine) -> Folded:
        """Its records are the owner's; a member that is rung for the guest is so altogether."""
        if line.event != "hs.try":
            return owner, ()
        channel = frozenset({line.uniqueid})
        facts = self._keep(own, let_go(own, channel, line.at))
        return self._bind(owner, channel), facts

    def _guest_gone(self, line: JournalLine) -> tuple[Fact, ...]:
        """The call that a guest was in hears of his end too."""
        host = self._guests.pop(line.uniqueid, None) if line.event == "CHAN_END" else None
        call = self._calls.get(host) if host else None
        return self._keep(call, fold(call, line)) if call else ()

    def _seeker(self, line: JournalLine) -> Seeker | None:
        """Who came for the call, when the record says that somebody has it."""
        if line.event not in TAKING:
            return None
        said = line.extra.get(TAKING[line.event])
        seekers = (call.seeker for call in self._calls.values() if call.seeker is not None)
        return next((s for s in seekers if said in (s.uniqueid, s.channel)), None)

    def _adopt(self, seeker: Seeker, call: CallState, at: Ms) -> Folded:
        """His channel is the other call's from here on; the one it began is over without it."""
        channel = frozenset({seeker.uniqueid})
        own = self._calls[self._call_of[seeker.uniqueid]]
        if own.id == call.id:
            return call, ()
        facts = self._keep(own, let_go(own, channel, at))
        return self._bind(call, channel), facts

    def _bind(self, call: CallState, channels: frozenset[str]) -> CallState:
        for channel in channels:
            self._call_of[channel] = call.id
        call = replace(
            call, channels=call.channels | channels, open_channels=call.open_channels | channels
        )
        self._calls[call.id] = self._changed[call.id] = call
        return call

    def _keep(self, before: CallState, folded: Folded) -> tuple[Fact, ...]:
        call, facts = folded
        if call is before and call.id in self._calls:
            return facts
        self._changed[call.id] = call
        if call.ended_at is None:
            self._calls[call.id] = call
        else:
            self._calls.pop(call.id, None)
            for channel in call.channels:
                self._call_of.pop(channel, None)
                self._early.pop(channel, None)
        return facts

    def _ringing(self, seen: RingingSeen) -> tuple[Fact, ...]:
        call = self._calls.get(self._call_of.get(seen.uniqueid, CallId("")))
        if call is None or not _dials(call, seen.uniqueid):
            self._early[seen.uniqueid] = seen
            if len(self._early) > EARLY_LIMIT:
                del self._early[next(iter(self._early))]
            return ()
        return self._keep(call, fold_ringing(call, seen))

    def _now_known(self, identifier: CallId) -> tuple[Fact, ...]:
        """Fold the ringings that came before their device was known."""
        call = self._calls.get(identifier) if self._early else None
        if call is None:
            return ()
        known = [device for leg in call.legs.values() for device in leg.devices]
        early = [self._early.pop(device) for device in known if device in self._early]
        return tuple(fact for seen in early for fact in self._ringing(seen))

    def _close_earlier_boots(self, line: JournalLine) -> tuple[Fact, ...]:
        boot = _boot(line.uniqueid)
        if boot <= self._boot:
            return ()
        self._boot = boot
        return self._lose_before(boot, line.at)

    def _lose_before(self, boot: int, at: Ms) -> tuple[Fact, ...]:
        lost = [call for call in self._calls.values() if _boot(call.id) < boot]
        return tuple(fact for call in lost for fact in self._keep(call, lose(call, at)))


def _channels(call: CallState) -> Iterable[str]:
    """Those bound to the call, and those whose start is held."""
    return (*call.channels, *(line.uniqueid for line in call.held))


def _guests(call: CallState) -> Iterable[str]:
    return (v.moved_to for v in call.visits.values() if v.moved_to and v.left_at is None)


def _dials(call: CallState, uniqueid: str) -> bool:
    return any(uniqueid in leg.devices for leg in call.legs.values())


def _boot(uniqueid: str) -> int:
    """The engine's boot counter, which its system name puts before every unique id."""
    return _boot_of(uniqueid.partition("-")[0])


@lru_cache(16)
def _boot_of(systemname: str) -> int:
    found = _BOOT.fullmatch(systemname)
    return int(found[1]) if found else 0
