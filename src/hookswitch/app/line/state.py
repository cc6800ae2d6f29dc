"""How users, their phones and the queues are now: from the engine and from the open calls."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

from hookswitch.api.ports import Refused
from hookswitch.app.clock import now_ms
from hookswitch.app.line.trunks import TrunkWatch, reached, registration
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.ami_wire import Message
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.supervise import State
from hookswitch.flow.nodes.queue import QueueNode
from hookswitch.flow.nodes.queue.section import queue_name
from hookswitch.flow.states import FORWARDS
from hookswitch.model.calls import CallState, Visit

if TYPE_CHECKING:
    from hookswitch.app.server import Server

T = TypeVar("T")
FRESH_S: Final = 1.0
MEMBER_STATES: Final = {
    "1": "free", "2": "in a call", "3": "in a call", "5": "offline", "6": "ringing",
    "7": "ringing", "8": "on hold",
}  # fmt: skip
"""Of QueueMember's `Status`, which is a device state."""


class Cached(Generic[T]):
    """Asks at most once a second, however many want to know."""

    def __init__(self, ask: Callable[[], Awaitable[T]]) -> None:
        self._ask = ask
        self._one = asyncio.Lock()
        self._kept: T | None = None
        self._at = -FRESH_S

    async def get(self) -> T:
        async with self._one:
            if self._kept is None or time.monotonic() - self._at >= FRESH_S:
                self._kept = await self._ask()
                self._at = time.monotonic()
            return self._kept


class RunningState:
    """Answers for users and queues of the live document."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._contacts = Cached(self._ask_contacts)
        self._registrations = Cached(self._ask_registrations)
        self._queues = Cached(self._ask_queues)
        self._kept = Cached(self._ask_kept)
        self.trunks = TrunkWatch(self._trunks)

    async def users(self) -> Sequence[Mapping[str, Any]]:
        contacts = await self._contacts.get()
        kept = await self._kept.get()
        calls = [*self._server.line.open_calls]
        in_call, rung = talking(calls), ringing(calls)
        return [
            {
                "extension": user.extension,
                "name": user.name,
                "devices": [
                    _device(device.username, contacts.get(device.username, ()))
                    for device in user.devices
                ],
                "in_call": user.extension in in_call,
                "ringing": user.extension in rung,
                "do_not_disturb": kept.get(f"/CustomDevstate/hsdnd{user.extension}") == "BUSY",
                "forwards": {
                    kind: kept[key]
                    for kind in FORWARDS
                    if (key := f"/hs-forward/{user.extension}/{kind}") in kept
                },
            }
            for user in self._server.live.document.users
        ]

    async def _trunks(self) -> Sequence[Mapping[str, Any]]:
        contacts = await self._contacts.get()
        registered = await self._registrations.get()
        found = []
        for trunk in self._server.live.document.trunks:
            name = f"trunk-{trunk.name}"
            told = {"registered": None, **reached(contacts.get(name, ()))}
            if trunk.registers:
                away = {"reason": told["reason"]} if told["state"] == "away" else {}
                told |= {**registration(registered.get(name)), **away}
            told |= self._unknown(trunk.host)
            found.append({"name": trunk.name, "host": trunk.host, **told})
        return found

    def _unknown(self, host: str) -> Mapping[str, str]:
        if host not in self._server.applier.missing:
            return {}
        return {"state": "away", "reason": f"{host} cannot be looked up"}

    async def queues(self) -> Sequence[Mapping[str, Any]]:
        members = await self._queues.get()
        waiting = waiting_in(self._server.line.open_calls)
        now = now_ms()
        found = []
        for flow in self._server.live.document.flows:
            for node in flow.objects:
                if not isinstance(node, QueueNode):
                    continue
                visits = [visit for visit in waiting if visit.name == node.name]
                oldest = min((visit.entered_at for visit in visits), default=now)
                found.append(
                    {
                        "id": node.id,
                        "name": node.name,
                        "waiting": len(visits),
                        "longest_seconds": max(0, now - oldest) // 1000,
                        "agents": [
                            self._agent(one) for one in members.get(queue_name(node.id), ())
                        ],
                    }
                )
        return found

    def _agent(self, member: Message) -> Mapping[str, Any]:
        extension = member.get("StateInterface").rpartition(":")[2].partition("@")[0]
        users = {user.extension: user.name for user in self._server.live.document.users}
        return {
            "user": extension,
            "name": users.get(extension, extension),
            "state": MEMBER_STATES.get(member.get("Status"), "unknown"),
            "paused": member.get("Paused") == "1",
            "calls_taken": int(member.get("CallsTaken") or 0),
        }

    async def _ask_contacts(self) -> Mapping[str, Sequence[Message]]:
        found: dict[str, list[Message]] = {}
        for contact in await self._list("PJSIPShowContacts"):
            found.setdefault(contact.get("ObjectName").partition(";")[0], []).append(contact)
        return found

    async def _ask_registrations(self) -> Mapping[str, str]:
        found = await self._list("PJSIPShowRegistrationsOutbound")
        return {one.get("ObjectName"): one.get("Status") for one in found}

    async def _ask_kept(self) -> Mapping[str, str]:
        """What users set by code, from the engine's database."""
        found: dict[str, str] = {}
        for family in ("CustomDevstate", "hs-forward"):
            try:
                shown = await self.ami().command(f"database show {family}")
            except EngineError as error:
                raise Refused(503, "Engine not answering", f"{error}: see /healthz") from error
            lines = (line.partition(":") for line in shown.splitlines() if line.startswith("/"))
            found |= {key.strip(): value.strip() for key, _, value in lines}
        return found

    async def _ask_queues(self) -> Mapping[str, Sequence[Message]]:
        found: dict[str, list[Message]] = {}
        for message in await self._list("QueueStatus"):
            # an entry, whose caller's text could pass for a member, ends with how long he waits
            if message.event == "QueueMember" and "Wait" not in message.keys:
                found.setdefault(message.get("Queue"), []).append(message)
        return found

    async def _list(self, action: str) -> Sequence[Message]:
        try:
            return await self.ami().list_action(action)
        except EngineError as error:
            if "No Contacts found" in str(error):
                return ()
            raise Refused(503, "Engine not answering", f"{error}: see /healthz") from error

    def ami(self) -> Ami:
        """The engine's manager connection; raises Refused while there is none."""
        server = self._server
        if not server.parts.engine or server.supervisor.state is not State.READY:
            raise Refused(503, "Engine not running", "no phone engine runs here: see /healthz")
        return server.supervisor.ami


def talking(calls: Sequence[CallState]) -> frozenset[str]:
    """Extensions of users who are in a call."""
    legs = [leg for call in calls for leg in call.legs.values()]
    outgoing = [call.outgoing for call in calls if call.outgoing is not None]
    return frozenset(
        [
            *(leg.user.extension for leg in legs if leg.answered_at and leg.ended_at is None),
            *(one.user.extension for one in outgoing if one.ended_at is None),
        ]
    )


def ringing(calls: Sequence[CallState]) -> frozenset[str]:
    legs = (leg for call in calls for leg in call.legs.values())
    return frozenset(
        leg.user.extension
        for leg in legs
        if leg.rang_at and leg.answered_at is None and leg.ended_at is None
    )


def waiting_in(calls: Sequence[CallState]) -> Sequence[Visit]:
    """Visits of queues that nobody has answered yet."""
    return [
        visit
        for call in calls
        for visit in call.visits.values()
        if visit.kind == "queue" and visit.left_at is None and visit.answered_leg is None
    ]


def _device(username: str, contacts: Sequence[Message]) -> Mapping[str, Any]:
    newest = contacts[-1] if contacts else None
    return {
        "username": username,
        "registered": newest is not None,
        "address": newest.get("ViaAddr") if newest else "",
        "user_agent": newest.get("UserAgent") if newest else "",
    }
