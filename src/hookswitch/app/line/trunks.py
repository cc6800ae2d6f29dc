"""How each trunk is, in words, and since when: looked at all the time, or nobody could say."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final

from hookswitch.api.ports import Refused
from hookswitch.app.clock import now_ms
from hookswitch.asterisk.ami_wire import Message
from hookswitch.model.ids import Ms
from hookswitch.model.instants import iso

LOOK_S: Final = 15.0
Found = Mapping[str, Any]


class TrunkWatch:
    """Remembers when what `ask` tells of a trunk was first so; forgets it with the process."""

    def __init__(self, ask: Callable[[], Awaitable[Sequence[Found]]]) -> None:
        self._ask = ask
        self._seen: dict[str, tuple[Found, Ms]] = {}
        self._stopped = asyncio.Event()

    async def states(self) -> Sequence[Found]:
        found = await self._ask()
        before, now = self._seen, now_ms()
        self._seen = {}
        for one in found:
            old, since = before.get(one["name"], (None, now))
            self._seen[one["name"]] = one, since if old == one else now
        return [{**one, "since": iso(since)} for one, since in self._seen.values()]

    async def run(self) -> None:
        while not self._stopped.is_set():
            try:
                await self.states()
            except Refused:
                self._seen = {}  # the engine is down, and so is every trunk
            try:
                await asyncio.wait_for(self._stopped.wait(), LOOK_S)
            except TimeoutError:
                continue

    def stop(self) -> None:
        self._stopped.set()


def reached(contacts: Sequence[Message]) -> Found:
    """By the last OPTIONS."""
    status = contacts[-1].get("Status") if contacts else ""
    if status == "Reachable":
        return {"state": "there", "reason": ""}
    if status == "Unreachable":
        return {"state": "away", "reason": "it does not answer"}
    return {"state": "unknown", "reason": ""}


def registration(status: str | None) -> Found:
    """By what the engine says of it; it calls an answer that never came a refusal too."""
    if status == "Registered":
        return {"registered": True}
    if status in {"Rejected", "Stopped"}:
        reason = "it refuses to register us, or does not answer: check user name and password"
        return {"registered": False, "reason": reason}
    return {"registered": False, "reason": "it is not registered yet"}
