"""One simulated call: its clock, what is known of it, and the facts it gave."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from hookswitch.flow.outside import Route
from hookswitch.flow.recording import recorded_by
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.calls import Leg, Outgoing, User, Visit
from hookswitch.model.facts import (
    CallArrived,
    CallInfo,
    Fact,
    LegAnswered,
    LegEnded,
    LegRang,
    OutgoingAnswered,
    OutgoingBegun,
    OutgoingEnded,
    RecordingClosed,
    VisitEnded,
    VoicemailLeft,
    WebhookReached,
)
from hookswitch.model.ids import CallId, LegId, Ms
from hookswitch.simulate.outside import Way, way_out
from hookswitch.simulate.people import UNRUNG, People
from hookswitch.simulate.recorder import Recorder
from hookswitch.simulate.ring import Ring, legs_of
from hookswitch.simulate.scenario import Scenario

CALL: Final = CallId("simulated")
SHORTEST_MESSAGE_S: Final = 2.0


class CallerGone(Exception):  # noqa: N818  it is no error
    """The caller hung up."""


def info_of(scenario: Scenario) -> CallInfo:
    return CallInfo(
        id=CALL,
        started_at=scenario.at,
        caller=scenario.caller,
        dest_number=scenario.number,
        revision=0,
    )


class SimulatedCall:
    """`flow.walk.Walker`; raises CallerGone from whatever the caller does not see the end of."""

    def __init__(self, site: Site, scenario: Scenario) -> None:
        self.site = site
        self.now = 0.0
        self.facts: list[Fact] = []
        self.rang = False
        """Whether a user was rung since this was last set to False."""
        self._scenario = scenario
        self._keys = list(scenario.keys)
        self._info = info_of(scenario)
        self._legs = self._reached = self._visits = self._messages = 0
        self._visit: Visit | None = None
        self._visit_leg: Leg | None = None
        self._recorder = Recorder()
        self._outgoing: Outgoing | None = None
        self._people = People(site, scenario)

    @property
    def caller_number(self) -> str:
        return self._scenario.caller.number

    @property
    def caller_name(self) -> str:
        return self._scenario.caller.name

    @property
    def called_number(self) -> str:
        return self._scenario.number

    @property
    def at(self) -> Ms:
        return self._scenario.at + round(self.now * 1000)

    def arrive(self, shown: str | None = None) -> None:
        """`shown` is the number shown to whom a user calls, if it is not his own."""
        self.facts.append(CallArrived(self._info, self.at))
        user = self.site.users.get(self.caller_number)
        if user is None:
            return
        who = User(user.name, user.extension)
        self._outgoing = Outgoing(
            user=who,
            channel="caller",
            caller_id=self.caller_number if shown is None else shown,
            called_at=self.at,
        )
        self.facts.append(OutgoingBegun(self._info, self._outgoing, self.at))
        if user.records_outbound:
            self.record(recorded_by(user.extension, "out"))

    def hang_up(self) -> None:
        """The call is over, whoever ended it."""
        if self._outgoing and self._outgoing.ended_at is None:
            self._outgoing = replace(self._outgoing, ended_at=self.at)
            self.facts.append(OutgoingEnded(self._info, self._outgoing, self.at))
        self.left(abandoned=True)
        self.end_record()

    def local_time(self, zone: str) -> datetime:
        return self._scenario.local_time(self.at, zone)

    def override(self, node: str) -> str:
        return self._scenario.overrides.get(node, "")

    def answer(self) -> None:
        outgoing = self._outgoing
        if outgoing and outgoing.answered_at is None:
            self._outgoing = replace(outgoing, answered_at=self.at)
            self.facts.append(OutgoingAnswered(self._info, self._outgoing, self.at))

    def wait(self, seconds: float) -> None:
        if self._left() <= seconds:
            self._go(self._left())
            raise CallerGone
        self._go(seconds)

    def play(self, prompt: str | None) -> None:
        self.wait(self._scenario.prompts.get(prompt or "", 0.0))

    def key(self, within: float) -> str:
        if self._keys:
            return self._keys.pop(0)
        if within:
            self.wait(within)
        return ""

    def is_reachable(self, extension: str) -> bool:
        return self._people.reaction(extension).does != "offline"

    def is_free(self, extension: str) -> bool:
        return self.is_reachable(extension) and self._people.may_be_disturbed(extension)

    def in_order(self, node: str, members: Sequence[str]) -> list[str]:
        first = self._scenario.orders.get(node, ())
        return [*first, *(member for member in members if member not in first)]

    def ring(self, extension: str, seconds: float) -> str:
        user = self.site.users[extension]
        self._announce(user)
        if not self._people.may_be_disturbed(extension):
            self._end([replace(self._try(user), rang_at=None)])
            return "busy"
        own, seconds = self._people.forwarded(user, seconds)
        self._people.instead = {extension: own}
        try:
            answered = self._ring([user], (), seconds)
        finally:
            self._people.instead = {}
        does = own.does
        if does == "offline":
            return "offline"
        self.rang = self.rang or does != "busy"
        if answered:
            return "ended"
        declined = does == "declines" and own.after < seconds
        return own.ends if does == "busy" or declined else "no_answer"

    def dial_outside(self) -> None:
        """A user's phone dials the number, which is outside."""
        user = self.site.users[self.caller_number]
        way = way_out(self.site, self.called_number, user, self._scenario.away)
        self.arrive(way.shown)
        self._call(self.called_number, way, way.ring_time)

    def call_outside(self, number: str, seconds: float, through: Route | None = None) -> str:
        way = way_out(self.site, number, None, self._scenario.away, through)
        return self._call(number, way, min(seconds, way.ring_time))

    def _call(self, number: str, way: Way, seconds: float) -> str:
        ring = self._people.outside(number)
        if way.refused or ring.does == "offline":
            return "failed"
        if ring.does == "busy":
            return "busy"
        self.rang = True
        if ring.does == "no_answer" or ring.after >= seconds:
            self.wait(seconds)
            return "no_answer"
        self.wait(ring.after)
        if ring.does == "declines":
            return "busy"
        self.answer()
        self._talk_for(ring.talk)
        return "ended"

    def enter(self, kind: str, node: str, name: str) -> None:
        del node
        self._visits += 1
        self._visit = Visit(
            id=f"caller.v{self._visits}",
            kind="queue" if kind == "queue" else "ring_group",
            name=name,
            entered_at=self.at,
        )
        self._visit_leg = None

    def ring_members(
        self, extensions: Sequence[str], seconds: float, outside: Sequence[str] = ()
    ) -> bool:
        """Who is not registered or not to be disturbed is not dialled at all."""
        users = [self.site.users[e] for e in extensions if self.is_free(e)]
        return self._ring(users, outside, seconds)

    def left(self, *, abandoned: bool = False) -> None:
        visit, leg = self._visit, self._visit_leg
        self._visit = None
        if visit is None:
            return
        if leg is not None and leg.ended_at is not None:
            self.facts.append(VisitEnded(self._info, visit, leg, "answered", leg.ended_at))
            return
        if visit.taken_at is not None:
            self.facts.append(VisitEnded(self._info, visit, None, "answered", self.at))
            return
        status: Final = "abandoned" if abandoned else "timeout"
        self.facts.append(VisitEnded(self._info, visit, None, status, self.at))

    def webhook(self, node: str, component: str) -> str:
        self._reached += 1
        self.facts.append(WebhookReached(self._info, node, component, self._reached, self.at))
        return self._scenario.answers.get(node, "success")

    def message(self, node: str, most: float) -> None:
        """The caller hangs up at the end of it, unless it is as long as it may be."""
        began = self.now
        try:
            self.wait(min(most, self._talk_left()))
            if self.now - began < most:
                raise CallerGone
        finally:
            if self.now - began >= SHORTEST_MESSAGE_S:
                self._messages += 1
                left = VoicemailLeft(self._info, node, "", self._messages, self.at)
                self.facts.append(left)

    def stay(self) -> None:
        self._talk_begins()
        self._go(self._talk_left())
        raise CallerGone

    def record(self, by: str) -> None:
        self._recorder.begin(by)

    def end_record(self, by: str | None = None) -> None:
        closed = self._recorder.end(by, self.at)
        if closed is not None:
            outgoing = self._outgoing if closed.by.endswith("/out") else None
            self.facts.append(RecordingClosed(self._info, closed, self.at, outgoing))

    def _announce(self, user: SiteUser) -> None:
        if user.announcement is not None and self._recorder.current is None:
            self.answer()
            self.play(user.announcement)

    def _ring(self, users: Sequence[SiteUser], outside: Sequence[str], seconds: float) -> bool:
        """One round: who answers first talks, and the round ends; True if he hung up first."""
        rings = [Ring(self._try(user), self._people.reaction(user.extension)) for user in users]
        rings += [ring for number in outside if (ring := self._outside(number)) is not None]
        for leg in legs_of([ring for ring in rings if ring.rings]):
            self._put(LegRang, leg)
        answering = [ring for ring in rings if ring.answers_within(seconds)]
        first = min(answering, key=lambda ring: ring.reaction.after, default=None)
        last = max((ring.over_after(seconds) for ring in rings), default=0.0)
        until = first.reaction.after if first else last
        gone = self._left() <= until
        waiting = self._pass(rings, None if gone else first, min(until, self._left()), seconds)
        if first is not None and not gone:
            return self._talk(first, waiting)
        self._end(waiting)
        if gone:
            raise CallerGone
        return False

    def _outside(self, number: str) -> Ring | None:
        """One outside who is called for nobody; None if nothing is dialled."""
        way = way_out(self.site, number, None, self._scenario.away)
        return None if way.refused else Ring(None, self._people.outside(number), way.ring_time)

    def _pass(
        self, rings: Sequence[Ring], first: Ring | None, until: float, seconds: float
    ) -> Sequence[Leg]:
        """Let the time pass, and end those who are done before; gives those who still ring."""
        began = self.now
        others = [ring for ring in rings if ring is not first]
        early = [ring for ring in others if ring.over_after(seconds) < until]
        for ring in sorted(early, key=lambda ring: ring.over_after(seconds)):
            self.now = began + ring.over_after(seconds)
            self._end(legs_of([ring]))
        self.now = began + until
        return legs_of([ring for ring in others if ring not in early])

    def _talk(self, ring: Ring, others: Sequence[Leg]) -> bool:
        """The talk with who answered; True if he hangs up, CallerGone if the caller does."""
        own = leg = None
        if ring.leg is not None:
            leg = replace(ring.leg, answered_at=self.at, answered_by="phone", rang_at=self.at)
            self._visit_leg = leg
            self._put(LegAnswered, leg)
        elif self._visit is not None:
            self._visit = replace(self._visit, taken_at=self.at)
        self.answer()
        self._end(others)
        if leg is not None:
            own = self._begin_own_record(leg)
        callee_ends = self._talk_for(ring.reaction.talk, quiet=True)
        self._end([leg] if leg is not None else [])
        self.left()
        if own is not None:
            self.end_record(own)
        if not callee_ends:
            raise CallerGone
        return True

    def _begin_own_record(self, leg: Leg) -> str | None:
        """The user's own setting, unless the call is recorded already; told by `by`."""
        by = recorded_by(leg.user.extension, "in")
        wanted = self.site.users[leg.user.extension].records_inbound
        return by if wanted and self._recorder.begin(by) else None

    def _talk_for(self, talk: float | None, *, quiet: bool = False) -> bool:
        """Talk until whoever was called ends it, or the caller, who is gone unless `quiet`."""
        self._talk_begins()
        left = self._talk_left()
        callee_ends = talk is not None and talk < left
        self._go(talk if talk is not None and callee_ends else left)
        if not callee_ends and not quiet:
            raise CallerGone
        return callee_ends

    def _talk_begins(self) -> None:
        self._recorder.talk_begins(self.at)

    def _try(self, user: SiteUser) -> Leg:
        self._legs += 1
        visit = self._visit
        return Leg(
            id=LegId(f"caller.{self._legs}"),
            user=User(user.name, user.extension),
            tried_at=self.at,
            visit=visit.id if visit else None,
            via_queue=visit.name if visit and visit.kind == "queue" else None,
            via_ring_group=visit.name if visit and visit.kind == "ring_group" else None,
            rang_at=self.at if self._people.reaction(user.extension).does not in UNRUNG else None,
        )

    def _end(self, legs: Sequence[Leg]) -> None:
        for leg in legs:
            ended = replace(leg, ended_at=self.at)
            self._put(LegEnded, ended)
            if self._visit_leg is not None and self._visit_leg.id == leg.id:
                self._visit_leg = ended

    def _put(self, kind: Callable[[CallInfo, Leg, Ms], Fact], leg: Leg) -> None:
        self.facts.append(kind(self._info, leg, self.at))

    def _left(self) -> float:
        """Seconds until the caller hangs up."""
        hang_up = self._scenario.hang_up
        return float("inf") if hang_up is None else max(0.0, hang_up - self.now)

    def _talk_left(self) -> float:
        return min(
            self._left(), self._scenario.talk if self._scenario.hang_up is None else self._left()
        )

    def _go(self, seconds: float) -> None:
        self.now += seconds
