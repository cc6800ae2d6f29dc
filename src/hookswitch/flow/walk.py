"""What an object does to a simulated call: each kind's `walk` tells it in these words.

A rule gives the output by which the call leaves, or None where it ends. When the caller hangs up
in the middle of any of these, the walk ends there by itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from hookswitch.flow.outside import Route
from hookswitch.flow.site import Site


class Walker(Protocol):
    """A call under way. Times are in seconds."""

    @property
    def site(self) -> Site: ...
    @property
    def now(self) -> float:
        """Since the call reached the phone system."""
        ...

    @property
    def caller_number(self) -> str: ...
    @property
    def caller_name(self) -> str: ...
    @property
    def called_number(self) -> str: ...

    def local_time(self, zone: str) -> datetime: ...
    def override(self, node: str) -> str:
        """The output that phones have set by code, "" if the clock decides."""
        ...

    def answer(self) -> None:
        """The phone system itself answers the caller."""
        ...

    def wait(self, seconds: float) -> None: ...
    def play(self, prompt: str | None) -> None: ...
    def key(self, within: float) -> str:
        """The caller's next key or keys; waits, and gives "", if there is none in time."""
        ...

    def ring(self, extension: str, seconds: float) -> str:
        """Ring a user: `no_answer`, `busy`, `offline`, or `ended` by the user after a talk."""
        ...

    def enter(self, kind: str, node: str, name: str) -> None:
        """Begin a visit to a queue or ring group."""
        ...

    def ring_members(
        self, extensions: Sequence[str], seconds: float, outside: Sequence[str] = ()
    ) -> bool:
        """Ring members of the visit, and numbers outside, at once; True if one answered and hung
        up after a talk.
        """
        ...

    def left(self) -> None:
        """The visit is over."""
        ...

    def call_outside(self, number: str, seconds: float, through: Route | None = None) -> str:
        """Call a number outside: `no_answer`, `busy`, `failed`, or `ended` by it after a talk."""
        ...

    def is_reachable(self, extension: str) -> bool: ...
    def is_free(self, extension: str) -> bool:
        """Reachable, and may be disturbed."""
        ...

    def in_order(self, node: str, members: Sequence[str]) -> list[str]:
        """The members as an object takes them that chooses by chance or by its memory."""
        ...

    def webhook(self, node: str, component: str) -> str:
        """The call passed a Webhook object; gives what its receiver answers, if one waits."""
        ...

    def message(self, node: str, most: float) -> None:
        """The caller leaves a message."""
        ...

    def stay(self) -> None:
        """The caller talks with others in a room, and hangs up."""
        ...

    def record(self, by: str) -> None: ...
    def end_record(self, by: str | None = None) -> None:
        """End the recording that was asked for so, or whichever is under way."""
        ...


def onward(node: Any, walker: Walker) -> str:
    """The rule of an object that does nothing a webhook could tell of."""
    del node, walker
    return "next"
