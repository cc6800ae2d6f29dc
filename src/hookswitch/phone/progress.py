"""How far a call is, when each message passed, and waiting for more."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from hookswitch.phone.errors import PhoneTimeoutError


class CallState(StrEnum):
    """A call only moves down this list."""

    CALLING = "calling"
    RINGING = "ringing"
    ANSWERED = "answered"
    ENDED = "ended"


class EndedBy(StrEnum):
    """Who ended it; FAILED is a refusal, or an answer that never came."""

    LOCAL = "local"
    REMOTE = "remote"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moment:
    """A message passed: `sent INVITE`, `received 180`; wall clock and loop clock in seconds."""

    what: str
    epoch: float
    loop: float


class Progress:
    """The state of one call, and everybody waiting on it."""

    def __init__(self) -> None:
        self.state = CallState.CALLING
        self.ring_status: int | None = None
        self.final_status: int | None = None
        self.reason = ""
        self.ended_by: EndedBy | None = None
        self.moments: list[Moment] = []
        self._changed = asyncio.Event()

    @property
    def over(self) -> bool:
        """Whether nothing more can happen."""
        return self.state is CallState.ENDED

    @property
    def answered(self) -> bool:
        """Whether it was ever answered."""
        return self.final_status is not None and self.final_status < 300

    def note(self, what: str) -> None:
        """Write down that a message passes now."""
        self.moments.append(Moment(what, time.time(), asyncio.get_running_loop().time()))

    def ring(self, status: int) -> None:
        """The callee rings (180) or gives early media (183)."""
        self.ring_status = status
        if self.state is CallState.CALLING:
            self.state = CallState.RINGING
        self.changed()

    def answer(self) -> None:
        """The call is answered."""
        self.final_status = 200
        self.state = CallState.ANSWERED
        self.changed()

    def end(self, by: EndedBy, status: int | None = None, reason: str = "") -> None:
        """The call is over; only the first end counts."""
        if self.over:
            return
        self.state = CallState.ENDED
        self.ended_by = by
        if self.final_status is None:
            self.final_status = status
        self.reason = reason
        self.changed()

    def changed(self) -> None:
        """Wake everybody who waits."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def until(self, done: Callable[[], bool], timeout: float, what: str) -> None:  # noqa: ASYNC109
        """Wait until something holds; it is looked at on each change."""
        try:
            async with asyncio.timeout(timeout):
                while not done():
                    await self._changed.wait()
        except TimeoutError:
            seen = ", ".join(moment.what for moment in self.moments[-6:])
            message = f"not {what} within {timeout:g} s; {self.state} after: {seen or 'nothing'}"
            raise PhoneTimeoutError(message) from None
