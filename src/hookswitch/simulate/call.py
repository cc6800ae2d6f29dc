"""One simulated call: its clock, what is known of it, and the facts it gave."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from hookswitch.flow.recording import recorded_by
from hookswitch.flow.site import Site, SiteUser
from hookswitch.model.calls import Leg, Outgoing, Recording, User, Visit
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
from hookswitch.simulate.scenario import Reaction, Scenario

CALL: Final = CallId("simulated")
SHORTEST_MESSAGE_S: Final = 2.0
SILENT: Final = Reaction("no_answer")


class CallerGone(Exception):  # noqa: N818  it is no error
    """The caller hung up."""


class Ring(Struct, frozen=True):
    """A user being rung, and when he is done with it by himself."""

    leg: Leg
    reaction: Reaction

    @property
    def rings(self) -> bool:
        return self.reaction.does not in {"busy", "offline"}

    def answers_within(self, seconds: float) -> bool:
        return self.reaction.does == "answers" and self.reaction.after < seconds

    def over_after(self, seconds: float) -> float:
        """Seconds until the phone stops by itself, or `seconds`."""
        if not self.rings:
            return 0.0
        return min(self.reaction.after, seconds) if self.reaction.does == "declines" else seconds


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
        self._legs = self._reached = self._visits = self._messages = self._recordings = 0
        self._visit: Visit | None = None
        self._visit_leg: Leg | None = None
        self._recording: Recording | None = None
        self._outgoing: Outgoing | None = None
        self._instead: dict[str, Reaction] = {}
        """What users do whose calls are forwarded, while they are rung."""

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

    def arrive(self) -> None:
        self.facts.append(CallArrived(self._info, self.at))
        user = self.site.users.get(self.caller_number)
        if user is None:
            return
        who = User(user.name, user.extension)
        self._outgoing = Outgoing(
            user=who, channel="caller", caller_id=self.caller_number, called_at=self.at
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
        return self._reaction(extension).does != "offline"

    def ring(self, extension: str, seconds: float) -> str:
        user = self.site.users[extension]
        self._announce(user)
        own, seconds = self._forwarded(user, seconds)
        self._instead = {extension: own}
        try:
            answered = self._ring([user], seconds)
        finally:
            self._instead = {}
        does = own.does
        if does == "offline":
            return "offline"
        self.rang = self.rang or does != "busy"
        if answered:
            return "ended"
        declined = does == "declines" and own.after < seconds
        return "busy" if does == "busy" or declined else "no_answer"

    def call_outside(self, number: str, seconds: float) -> str:
        ring = self._scenario.reactions.get(number, SILENT)
        if ring.does in {"busy", "offline"}:
            return "busy" if ring.does == "busy" else "failed"
        self.rang = True
        if ring.does == "no_answer" or ring.after >= seconds:
            self.wait(seconds)
            return "no_answer"
        self.wait(ring.after)
        if ring.does == "declines":
            return "busy"
        self.answer()
        self._talk_begins()
        left = self._talk_left()
        if ring.talk is None or ring.talk >= left:
            self._go(left)
            raise CallerGone
        self._go(ring.talk)
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

    def ring_members(self, extensions: Sequence[str], seconds: float) -> bool:
        """Who is not registered is not dialled at all."""
        users = [self.site.users[e] for e in extensions if self.is_reachable(e)]
        return self._ring(users, seconds)

    def left(self, *, abandoned: bool = False) -> None:
        visit, leg = self._visit, self._visit_leg
        self._visit = None
        if visit is None:
            return
        if leg is not None and leg.ended_at is not None:
            self.facts.append(VisitEnded(self._info, visit, leg, "answered", leg.ended_at))
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
        if self._recording is None:
            self._recordings += 1
            self._recording = Recording(
                id=f"caller-{self._recordings}.wav", channel="caller", channel_name="", by=by
            )

    def end_record(self, by: str | None = None) -> None:
        recording = self._recording
        if recording is None or by not in {None, recording.by}:
            return
        self._recording = None
        if recording.talk_at is not None:
            outgoing = self._outgoing if recording.by.endswith("/out") else None
            closed = replace(recording, closed_at=self.at)
            self.facts.append(RecordingClosed(self._info, closed, self.at, outgoing))

    def _announce(self, user: SiteUser) -> None:
        if user.announcement is not None and self._recording is None:
            self.answer()
            self.play(user.announcement)

    def _ring(self, users: Sequence[SiteUser], seconds: float) -> bool:
        """One round: who answers first talks, and the round ends; True if he hung up first."""
        rings = [Ring(self._try(user), self._reaction(user.extension)) for user in users]
        for ring in rings:
            if ring.rings:
                self._put(LegRang, ring.leg)
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

    def _pass(
        self, rings: Sequence[Ring], first: Ring | None, until: float, seconds: float
    ) -> Sequence[Leg]:
        """Let the time pass, and end those who are done before; gives those who still ring."""
        began = self.now
        others = [ring for ring in rings if ring is not first]
        early = [ring for ring in others if ring.over_after(seconds) < until]
        for ring in sorted(early, key=lambda ring: ring.over_after(seconds)):
            self.now = began + ring.over_after(seconds)
            self._end([ring.leg])
        self.now = began + until
        return [ring.leg for ring in others if ring not in early]

    def _talk(self, ring: Ring, others: Sequence[Leg]) -> bool:
        """The talk with who answered; True if he hangs up, CallerGone if the caller does."""
        leg = replace(ring.leg, answered_at=self.at, answered_by="phone", rang_at=self.at)
        self._visit_leg = leg
        self._put(LegAnswered, leg)
        self.answer()
        self._end(others)
        own = self._begin_own_record(leg)
        self._talk_begins()
        left = self._talk_left()
        talk = ring.reaction.talk
        callee_ends = talk is not None and talk < left
        self._go(talk if talk is not None and callee_ends else left)
        self._end([leg])
        self.left()
        if own is not None:
            self.end_record(own)
        if not callee_ends:
            raise CallerGone
        return True

    def _begin_own_record(self, leg: Leg) -> str | None:
        """The user's own setting, unless the call is recorded already; told by `by`."""
        if not self.site.users[leg.user.extension].records_inbound or self._recording is not None:
            return None
        by = recorded_by(leg.user.extension, "in")
        self.record(by)
        return by

    def _talk_begins(self) -> None:
        if self._recording is not None and self._recording.talk_at is None:
            self._recording = replace(self._recording, talk_at=self.at)

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
            rang_at=self.at if self._reaction(user.extension).does not in _UNRUNG else None,
        )

    def _end(self, legs: Sequence[Leg]) -> None:
        for leg in legs:
            ended = replace(leg, ended_at=self.at)
            self._put(LegEnded, ended)
            if self._visit_leg is not None and self._visit_leg.id == leg.id:
                self._visit_leg = ended

    def _put(self, kind: Callable[[CallInfo, Leg, Ms], Fact], leg: Leg) -> None:
        self.facts.append(kind(self._info, leg, self.at))

    def _forwarded(self, user: SiteUser, seconds: float) -> tuple[Reaction, float]:
        """What happens to a call of the user, who may forward it, and how long it may ring."""
        own, forward = self._reaction(user.extension), user.forward
        if forward.always:
            return self._of(forward.always), seconds
        given_up = own.does == "answers" and own.after >= seconds
        does = "no_answer" if given_up else own.does
        waited = {"no_answer": seconds, "declines": min(own.after, seconds)}.get(does, 0.0)
        after = {
            "busy": forward.busy,
            "declines": forward.busy,
            "no_answer": forward.no_answer,
            "offline": forward.offline,
        }
        target = after.get(does)
        if target is None:
            return own, seconds
        there = self._of(target)
        if there.does in {"busy", "offline"} and waited:
            return Reaction("declines", waited), seconds + waited
        return Reaction(there.does, there.after + waited, there.talk), seconds + waited

    def _of(self, target: str) -> Reaction:
        """What a user or somebody outside does."""
        if target in self.site.users:
            return self._reaction(target)
        return self._scenario.reactions.get(target, SILENT)

    def _reaction(self, extension: str) -> Reaction:
        if extension in self._instead:
            return self._instead[extension]
        if not self.site.users[extension].devices:
            return Reaction("offline")
        return self._scenario.reactions.get(extension, SILENT)

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


_UNRUNG: Final = frozenset({"busy", "offline"})
