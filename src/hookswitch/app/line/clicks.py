"""Click-to-call: a user's phones ring, and when he answers the number is dialled for him."""

import asyncio
import re
import secrets
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

import structlog

from hookswitch.api.ports import Click, Refused
from hookswitch.app.clock import now_ms
from hookswitch.app.people.keys import digest
from hookswitch.asterisk.ami import Ami
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.supervise import State
from hookswitch.config.document import Document, UserConfig
from hookswitch.flow.nodes.number import NumberNode
from hookswitch.flow.outside import fits
from hookswitch.model.ids import CallId
from hookswitch.store.rows import ClickRow

if TYPE_CHECKING:
    from hookswitch.app.server import Server

log = structlog.get_logger(__name__)

REMEMBERED_MS: Final = 24 * 3600 * 1000
"""How long an idempotency key means the same call."""
_SEPARATOR: Final = re.compile(r"[\s().\-]")
_NUMBER: Final = re.compile(r"\+?[0-9]{2,20}")


class Clicks:
    """Places calls for users, each once per idempotency key, which a restart does not forget."""

    def __init__(self, server: "Server") -> None:
        self._server = server
        self._one_at_a_time = asyncio.Lock()

    async def call(self, wish: Click) -> CallId:
        """Ring the user's phones, and give the call's id; raises Refused."""
        async with self._one_at_a_time:
            call = CallId(
                f"{self._server.supervisor.systemname}-{now_ms() // 1000}.c{secrets.token_hex(6)}"
            )
            if wish.key is None:
                return await self._place(wish, call)
            return await self._place_once(wish, call, digest(wish.key))

    async def _place_once(self, wish: Click, call: CallId, key: str) -> CallId:
        """A call that a killed process had promised and not placed is placed now."""
        store, now = self._server.store, now_ms()
        asked = ClickRow(key, digest(repr(wish)), call, now)
        kept = await store.claim_click(asked, expired=now - REMEMBERED_MS)
        if kept.wish != asked.wish:
            detail = "this idempotency key was used for another call: use a new one for each"
            raise Refused(422, "Another call", detail)
        if kept.placed:
            return kept.call
        try:
            await self._place(wish, kept.call)
        except BaseException:
            await asyncio.shield(store.settle_click(key, placed=False))
            raise
        await store.settle_click(key, placed=True)
        return kept.call

    async def _place(self, wish: Click, call: CallId) -> CallId:
        document = self._server.live.document
        user = _user(document, wish.user)
        number = _number(document, user, wish.number)
        _shown(wish)
        ami = self._ami()
        try:
            devices = [d.username for d in user.devices if await _is_there(ami, d.username)]
            if not devices:
                detail = f"no phone of {user.name} ({user.extension}) is registered"
                raise Refused(409, "No phone", detail)
            await _originate(ami, call, _variables(wish, user, devices, number))
        except EngineError as error:
            raise Refused(503, "Engine", f"the engine did not take the call: {error}") from error
        log.info("call.clicked", call_id=call, user=user.extension, number=number)
        return call

    def _ami(self) -> Ami:
        server = self._server
        ami = server.supervisor.ami if server.parts.engine else None
        if ami is None or server.supervisor.state is not State.READY:
            raise Refused(
                503, "No engine", "the engine is not running: see hookswitch engine status"
            )
        return ami


def _user(document: Document, extension: str) -> UserConfig:
    for user in document.users:
        if user.extension == extension:
            return user
    known = ", ".join(sorted(user.extension for user in document.users)[:5]) or "none yet"
    raise Refused(404, "No such user", f"there is no user {extension}: name one of {known}")


def _number(document: Document, user: UserConfig, text: str) -> str:
    """What a phone of the user could dial too, but no code."""
    number = _SEPARATOR.sub("", text)
    if not _NUMBER.fullmatch(number):
        raise Refused(
            422, "Not a number", f"{text!r} is not a number: write digits, or + and digits"
        )
    nodes = (node for flow in document.flows for node in flow.objects)
    own = {
        n.removeprefix("+") for node in nodes if isinstance(node, NumberNode) for n in node.numbers
    }
    extensions = {other.extension for other in document.users} - {user.extension}
    routes = (r for r in document.routes if not r.users or user.extension in r.users)
    if (
        number in extensions
        or number in document.emergency.numbers
        or number.removeprefix("+") in own
        or any(fits(pattern, number) for route in routes for pattern in route.patterns)
    ):
        return number
    detail = f"no route of {user.name} ({user.extension}) fits {number}: add one to `routes`"
    raise Refused(422, "Not allowed", detail)


async def _is_there(ami: Ami, device: str) -> bool:
    answer = await ami.action("Getvar", Variable=f"PJSIP_AOR({device},contact)")
    return bool(answer.get("Value"))


async def _originate(ami: Ami, call: CallId, variables: dict[str, str]) -> None:
    """A Local channel: one half rings the phones, the other dials for who answers."""
    ring = int(variables["HS_CLICK_RING"])
    await ami.action(
        "Originate",
        Channel="Local/s@hs-click/n",
        Context="hs-click",
        Exten="dial",
        Priority="1",
        CallerID=variables["HS_CLICK_TO"],
        Timeout=str((ring + 5) * 1000),
        ChannelId=call,
        OtherChannelId=f"{call}b",
        Async="true",
        Variable=[f"{name}={value}" for name, value in variables.items()],
    )


def _variables(wish: Click, user: UserConfig, devices: list[str], number: str) -> dict[str, str]:
    return {
        "HS_CLICK": devices[0],
        "HS_CLICK_DEVICES": "&".join(f"PJSIP/{device}" for device in devices),
        "HS_CLICK_RING": str(user.ring_time),
        "HS_CLICK_TO": number,
        "HS_CLICK_EXT": user.extension,
        "HS_CLICK_NAME": quote(user.name, safe=""),
        "HS_CLICK_SHOWN": _shown(wish),
        "HS_CLICK_REF": quote(wish.client_ref or "", safe=""),
    }


def _shown(wish: Click) -> str:
    shown = _SEPARATOR.sub("", wish.caller_id or "")
    if shown and not _NUMBER.fullmatch(shown):
        raise Refused(422, "Not a number", f"caller_id: {wish.caller_id!r} is not a number")
    return shown
