"""What a watcher of the running system is told, and the account of a browser phone."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from hookswitch.api.ports import Identity, Refused
from hookswitch.app.line.hub import Happening, Hub, TooManyError, until_over
from hookswitch.app.people.access import Access
from hookswitch.app.stores import is_shared
from hookswitch.config.document import DeviceConfig, UserConfig
from hookswitch.model.calls import CallState
from hookswitch.model.instants import iso
from hookswitch.store.rows import CallFilter

if TYPE_CHECKING:
    from hookswitch.app.server import Server

BEAT_S: Final = 15.0
MOST_CALLS: Final = 1000


async def watch(server: "Server", access: Access, who: Identity) -> AsyncIterator[Happening | None]:
    """A snapshot, then what happens, and None at times when nothing does."""
    messages = _messages(server.hub, access, who, lambda: _snapshot(server))
    try:
        first = await anext(messages)
    except TooManyError:
        raise Refused(
            503, "Too many watch", "close some of the pages that show live calls"
        ) from None
    return _again(first, messages)


async def _messages(
    hub: Hub,
    access: Access,
    who: Identity,
    snapshot: Callable[[], Awaitable[Mapping[str, Any]]],
) -> AsyncIterator[Happening | None]:
    with hub.watching() as queue:
        yield Happening(0, "snapshot", await snapshot())
        async for told in until_over(queue, BEAT_S):
            if told is None and not await access.holds(who):
                return
            yield told


async def _again(
    first: Happening | None, rest: AsyncIterator[Happening | None]
) -> AsyncIterator[Happening | None]:
    yield first
    async for told in rest:
        yield told


async def _snapshot(server: "Server") -> Mapping[str, Any]:
    return {
        "revision": server.live.revision,
        "engine": server.supervisor.state.value,
        "calls": [_call(call) for call in await _open_calls(server) if call.arrived],
    }


async def _open_calls(server: "Server") -> Sequence[CallState]:
    """Those of all nodes, of which the database knows."""
    if not is_shared(server.settings):
        return server.line.open_calls
    return await server.store.calls(CallFilter(outcome="open"), limit=MOST_CALLS)


def _call(call: CallState) -> Mapping[str, Any]:
    return {
        "id": call.id,
        "started_at": iso(call.started_at),
        "caller": {"number": call.caller.number, "name": call.caller.name},
        "dest_number": call.dest_number,
    }


def browser_phone(server: "Server", extension: str | None) -> Mapping[str, Any]:
    """The first browser device of a user, or of the first user who has one."""
    found = [
        (user, device)
        for user in server.live.document.users
        for device in user.devices
        if device.kind == "browser" and extension in {None, user.extension}
    ]
    if not found:
        whose = f"the user {extension}" if extension else "no user"
        has = "has no" if extension else "has a"
        raise Refused(
            404,
            "No browser phone",
            f"{whose} {has} browser phone: add a device of kind `browser` to a user, and apply",
        )
    return _account(server, *found[0])


def _account(server: "Server", user: UserConfig, device: DeviceConfig) -> Mapping[str, Any]:
    password = device.password
    return {
        "ws": "/phone/ws",
        "uri": f"sip:{device.username}@{server.settings.sip_host}",
        "username": device.username,
        "password": password.get_secret_value() if password else "",
        "name": user.name,
        "extension": user.extension,
    }
