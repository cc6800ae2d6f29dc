"""A client of the engine's manager interface (AMI) that keeps itself connected."""

import asyncio
import contextlib
import itertools
import secrets
from collections.abc import AsyncIterator, Callable, Mapping

import structlog

from hookswitch.asterisk.ami_wire import END, Message, Value, decode, encode
from hookswitch.asterisk.errors import (
    AmiDisconnectedError,
    AmiError,
    AmiRefusedError,
    AmiTimeoutError,
)
from hookswitch.model.secret import Secret

log = structlog.get_logger(__name__)

Listener = Callable[[Message], None]

LARGEST_MESSAGE = 1 << 24
"""Bytes; the output of `dialplan show` is one message."""
FIRST_DELAY, LONGEST_DELAY = 0.05, 0.25
"""The engine is on this machine: to ask is cheap, and all waits for it after a crash."""
LOGIN_LIMIT = 5.0
ANY = "*"
RESPONSE_HEAD, LIST_END_HEAD = ("Response", "ActionID"), ("Event", "ActionID", "EventList")
ENTRY_HEAD = ("Event",)


class _Pending:
    """An action that waits for its response, and for its list of events if it gives one."""

    def __init__(self, *, listing: bool) -> None:
        self.answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self.response: Message | None = None
        self.events: list[Message] = []
        self.listing = listing

    def take(self, message: Message) -> bool:
        """Add a message if it belongs here; the list's end, or else the response, completes it.

        An entry of a list may have the action's id behind a caller's text, which can cut the entry
        in two. A response and the list's end have it before all else.
        """
        if self.answer.done() or (message.event and not self.listing):
            return False
        if message.keys[:2] == RESPONSE_HEAD:
            self.response = message
        elif message.keys[:3] == LIST_END_HEAD and message.get("EventList") == "Complete":
            self._complete()
        elif message.keys[:1] == ENTRY_HEAD:
            self.events.append(message)
        if not self.listing or (self.response and not self.response.ok):
            self._complete()
        return True

    def _complete(self) -> None:
        if self.response is not None:
            self.answer.set_result(self.response)


class Ami:
    """One manager connection: actions with answers, events to listeners, reconnected when lost.

    Of an event trust only what comes before the first text of a caller: see `ami_wire`.
    """

    def __init__(self, host: str, port: int, username: str, secret: Secret) -> None:
        self._address = (host, port)
        self._username = username
        self._secret = secret
        # Not to be guessed: callers can write into the stream, and must not answer for the engine.
        self._ids = (f"{secrets.token_hex(8)}-{number}" for number in itertools.count(1))
        self._pending: dict[str, _Pending] = {}
        self._listeners: dict[str, list[Listener]] = {}
        self._writer: asyncio.StreamWriter | None = None
        self._online = asyncio.Event()
        self._delay = FIRST_DELAY
        self._task: asyncio.Task[None] | None = None

    def __repr__(self) -> str:
        return f"Ami({self._address[0]}:{self._address[1]}, connected={self.connected})"

    @property
    def connected(self) -> bool:
        """True while logged in."""
        return self._online.is_set()

    def start(self) -> None:
        """Begin to connect, and go on until `close`."""
        if self._task is None:
            self._task = asyncio.create_task(self._keep_connected())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def wait_connected(self, within: float = 10.0) -> None:
        try:
            async with asyncio.timeout(within):
                await self._online.wait()
        except TimeoutError:
            raise AmiTimeoutError(f"no manager connection within {within:g} s") from None

    async def action(self, name: str, within: float = 5.0, **fields: Value) -> Message:
        """Send an action and give its response; an error response is raised."""
        return (await self._request(name, within, fields, listing=False))[0]

    async def list_action(self, name: str, within: float = 5.0, **fields: Value) -> list[Message]:
        """Send an action that answers by a list of events, and give these."""
        return (await self._request(name, within, fields, listing=True))[1]

    async def command(self, line: str, within: float = 5.0) -> str:
        """Run a line of the engine's command line interface and give what it prints."""
        response = await self.action("Command", within, Command=line)
        return "\n".join(response.all("Output"))

    async def reload(self, module: str) -> None:
        """Reload a module. The engine says Success whatever happens: read its log after it."""
        await self.action("Reload", 30.0, Module=module)

    async def dialplan_reload(self) -> None:
        """Read the dialplan again; the same warning holds as for `reload`."""
        await self.command("dialplan reload", 30.0)

    def listen(self, listener: Listener, *names: str) -> Callable[[], None]:
        """Call `listener` with each event of these names (none: all); give what ends it."""
        keys = names or (ANY,)
        for key in keys:
            self._listeners.setdefault(key, []).append(listener)

        def stop() -> None:
            for key in keys:
                with contextlib.suppress(ValueError):
                    self._listeners[key].remove(listener)

        return stop

    @contextlib.asynccontextmanager
    async def events(self, *names: str) -> AsyncIterator[AsyncIterator[Message]]:
        """Give events of these names (none: all) as an iterator, complete from this moment on."""
        queue: asyncio.Queue[Message] = asyncio.Queue()
        stop = self.listen(queue.put_nowait, *names)

        async def iterate() -> AsyncIterator[Message]:
            while True:
                yield await queue.get()

        iterator = iterate()
        try:
            yield iterator
        finally:
            stop()

    async def _request(
        self, name: str, within: float, fields: Mapping[str, Value], *, listing: bool
    ) -> tuple[Message, list[Message]]:
        action_id = next(self._ids)
        data = encode(name, action_id, fields.items())
        if self._writer is None or not (self.connected or name == "Login"):
            raise AmiDisconnectedError(f"no manager connection for {name}")
        pending = self._pending[action_id] = _Pending(listing=listing)
        try:
            self._writer.write(data)
            async with asyncio.timeout(within):
                response = await pending.answer
        except TimeoutError:
            raise AmiTimeoutError(f"the engine did not answer {name} in {within:g} s") from None
        finally:
            del self._pending[action_id]
        if not response.ok:
            raise AmiRefusedError(f"the engine refused {name}: {response.get('Message')}")
        return response, pending.events

    async def _keep_connected(self) -> None:
        while True:
            try:
                await self._session()
            except (OSError, EOFError, AmiError, asyncio.LimitOverrunError) as error:
                log.debug("manager connection lost", error=str(error))
            await asyncio.sleep(self._delay)
            self._delay = min(self._delay * 2, LONGEST_DELAY)

    async def _session(self) -> None:
        async with asyncio.timeout(LOGIN_LIMIT):
            reader, writer = await asyncio.open_connection(*self._address, limit=LARGEST_MESSAGE)
        self._writer = writer
        receiver = asyncio.create_task(self._receive(reader))
        try:
            login = {"Username": self._username, "Secret": self._secret.reveal()}
            await self._request("Login", LOGIN_LIMIT, login, listing=False)
            self._online.set()
            self._delay = FIRST_DELAY
            await receiver
        finally:
            writer.close()
            receiver.cancel()
            await asyncio.gather(receiver, return_exceptions=True)
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _receive(self, reader: asyncio.StreamReader) -> None:
        """Read until the connection ends, which is an EOFError."""
        try:
            await reader.readline()  # the banner
            while True:
                self._dispatch(decode(await reader.readuntil(END)))
        finally:
            self._disconnected()

    def _dispatch(self, message: Message) -> None:
        pending = self._pending.get(message.get("ActionID"))
        if pending is not None and pending.take(message):
            return
        if message.genuine:
            for key in (message.event, ANY):
                for listener in tuple(self._listeners.get(key, ())):
                    listener(message)

    def _disconnected(self) -> None:
        self._writer = None
        self._online.clear()
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(
                    AmiDisconnectedError("the manager connection was lost")
                )
