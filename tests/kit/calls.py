"""Scripts of calls: the journal each one leaves, and the events it must give."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from hookswitch.model.journal import JournalLine
from kit.journal import START, lines, ours, record

Phone = Literal["rings", "refuses", "rings_then_refuses", "dead"]
End = Literal["timeout", "abandoned", "caller_hangs_up", "callee_hangs_up"]
RANG: frozenset[Phone] = frozenset({"rings", "rings_then_refuses"})
RING_MS = 2_000
TALK_MS = 5_000
Expected = tuple[str, str, int, int]
"""Type, user or component, call_duration, conversation_duration."""


@dataclass(frozen=True)
class Attempt:
    """One User object: no phones means none is registered; an answer is the first phone's."""

    user: str = "1001"
    phones: Sequence[Phone] = ("rings",)
    end: End = "timeout"
    lateness: Sequence[int] = ()
    """How many of the caller's records come before each closing record of the phones."""

    @property
    def answered(self) -> bool:
        return self.end in {"caller_hangs_up", "callee_hangs_up"}

    @property
    def rang(self) -> bool:
        return self.answered or any(phone in RANG for phone in self.phones)


@dataclass(frozen=True)
class Webhook:
    node: str = "hook"
    name: str = "Missed call"


Step = Attempt | Webhook


@dataclass
class Script:
    """Plays steps in order; the caller hangs up behind the last, or where a step says so."""

    steps: Sequence[Step]
    node: str = "n1"
    boot: int = 1
    first: int = 2
    at: int = START
    caller: str = "61400000001"
    name: str = "Jane Citizen"
    number: str = "61300000000"
    revision: int = 3
    records: list[bytes] = field(default_factory=list)
    expected: list[Expected] = field(default_factory=list)
    devices: dict[str, Phone] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._late: list[tuple[int, bytes]] = []
        self._channels = 0
        self._legs = 0
        self.call = self._open("")
        arrived = {"r": str(self.revision), "number": self.number, "pres": "allowed_not_screened"}
        who = {"Num": self.caller, "Name": self.name}
        self._add(ours("hs.arrived", self.at, self.call, self.call, arrived, **who))
        if self._play():
            self._own("CHAN_END", self.call)
        self.records += [late for _, late in self._late]

    @property
    def lines(self) -> list[JournalLine]:
        return lines(b"".join(self.records))

    def _play(self) -> bool:
        """True if the caller is still there at the end."""
        for step in self.steps:
            if isinstance(step, Webhook):
                self._ours("hs.webhook", self.call, node=step.node, name=step.name)
                self.expected.append(("webhook_component_event", step.name, 0, 0))
            elif not self._attempt(step):
                return False
        return True

    def _attempt(self, attempt: Attempt) -> bool:
        self._legs += 1
        leg = f"{self.call}.{self._legs}"
        self._ours("hs.try", self.call, leg=leg, ext=attempt.user, name=f"User {attempt.user}")
        opened = [(self._open(leg), phone) for phone in attempt.phones]
        self.devices |= dict(opened)
        if attempt.answered:
            self._own("ANSWER", opened[0][0], RING_MS)
            self._own("ANSWER", self.call)
        self.at += TALK_MS if attempt.answered else RING_MS
        self._expect(attempt)
        closing = [
            late
            for i, (device, phone) in enumerate(opened)
            for late in self._closing(leg, device, phone, answered=attempt.answered and i == 0)
        ]
        if attempt.end in {"abandoned", "caller_hangs_up"}:
            self._put_off(closing, attempt.lateness)
            self._own("CHAN_END", self.call)
            return False
        self._put_off(closing, attempt.lateness)
        self._ours("hs.tried", self.call, leg=leg, st="ANSWER" if attempt.answered else "NOANSWER")
        return True

    def _expect(self, attempt: Attempt) -> None:
        ring = RING_MS // 1000
        talk = TALK_MS // 1000 if attempt.answered else 0
        if attempt.rang:
            self.expected.append(("user_inbound", attempt.user, 0, 0))
        if attempt.answered:
            self.expected.append(("user_inbound_answered", attempt.user, 0, 0))
        self.expected.append(("user_inbound_completed", attempt.user, ring + talk, talk))

    def _closing(self, leg: str, device: str, phone: Phone, *, answered: bool) -> list[bytes]:
        state = "Up" if answered else "Ringing" if phone in RANG else "Down"
        pairs = {"leg": leg, "st": state, "hc": "16", "tech": "SIP 200 OK"}
        return [
            ours("hs.legend", self.at + 1, device, self.call, pairs),
            record("HANGUP", self.at + 2, device, self.call, extra='{"hangupcause":16}'),
            record("CHAN_END", self.at + 2, device, self.call),
        ]

    def _open(self, leg: str) -> str:
        uniqueid = f"{self.node}b{self.boot}-{self.at // 1000}.{self.first + self._channels}"
        self._channels += 1
        columns = {} if leg else {"Num": self.caller, "Name": self.name, "Exten": self.number}
        linked = self.call if leg else uniqueid
        self._add(record("CHAN_START", self.at, uniqueid, linked, **columns))
        if leg:
            self._ours("hs.dialing", uniqueid, leg=leg, ep=leg)
        return uniqueid

    def _own(self, event: str, channel: str, after: int = 0) -> None:
        self.at += after
        self._add(record(event, self.at, channel, self.call))

    def _ours(self, event: str, channel: str, **pairs: str) -> None:
        self._add(ours(event, self.at, channel, getattr(self, "call", channel), pairs))

    def _put_off(self, closing: list[bytes], lateness: Sequence[int]) -> None:
        """The phones' channels close in threads of their own, each in its order."""
        wait = 0
        for i, late in enumerate(closing):
            wait += lateness[i] if i < len(lateness) else 0
            self._late.append((wait, late))
        self._flush()

    def _add(self, written: bytes) -> None:
        self.records.append(written)
        self._late = [(wait - 1, late) for wait, late in self._late]
        self._flush()

    def _flush(self) -> None:
        while self._late and self._late[0][0] <= 0:
            self.records.append(self._late.pop(0)[1])
