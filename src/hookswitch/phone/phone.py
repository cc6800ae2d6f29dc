"""A SIP phone on one UDP port."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Self

from hookswitch.phone.address import Address, parse_address, parse_uri, quote
from hookswitch.phone.call import Call
from hookswitch.phone.dialog import ALLOW, Dialog, called, calling
from hookswitch.phone.digest import Credentials
from hookswitch.phone.endpoint import Endpoint
from hookswitch.phone.errors import PhoneError
from hookswitch.phone.g711 import Sound, tone
from hookswitch.phone.incoming import IncomingInvite
from hookswitch.phone.media import Media
from hookswitch.phone.message import Request, text
from hookswitch.phone.outgoing import OutgoingInvite
from hookswitch.phone.progress import CallState
from hookswitch.phone.registration import Registration
from hookswitch.phone.sdp import ULAW
from hookswitch.phone.session import WITH_SDP, Session
from hookswitch.phone.transaction import ServerTransaction

Behaviour = Callable[[Call], Awaitable[None]]

GOODBYE = 1.0


class Phone:
    """Makes and takes any number of calls at once.

    Incoming calls go to `on_call` if there is one, each in a task of its own, else into the queue
    `incoming`; what it is notified of outside a call is in `notices`. `sound` is what its calls
    send when nothing is played; with `record` they keep the audio they receive. They speak one
    `codec`, a payload type. A phone that is `deaf` answers no request at all. Hosts are IPv4
    addresses, no names.
    """

    def __init__(
        self,
        user: str,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        server: Address | None = None,
        password: str | None = None,
        on_call: Behaviour | None = None,
        sound: Sound | None = None,
        record: bool = False,
        codec: int = ULAW,
    ) -> None:
        self.user = user
        self.on_call = on_call
        self.sound = tone() if sound is None else sound
        self.record = record
        self.codec = codec
        self.incoming: asyncio.Queue[Call] = asyncio.Queue()
        self.notices: list[Request] = []
        self.calls: dict[tuple[str, str], Call] = {}
        self.endpoint = Endpoint(self)
        self._bind = host, port
        self._server = server
        self._credentials = Credentials(user, password)
        self._registration: Registration | None = None
        self._behaving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    @property
    def address(self) -> Address:
        """Where it listens, once started."""
        return self.endpoint.address

    @property
    def contact(self) -> str:
        """The URI under which it is reached directly."""
        host, port = self.address
        return f"sip:{self.user}@{host}:{port}"

    @property
    def deaf(self) -> bool:
        """Whether it answers no request, as a phone that lost its power."""
        return self.endpoint.deaf

    @deaf.setter
    def deaf(self, deaf: bool) -> None:
        self.endpoint.deaf = deaf

    async def start(self) -> None:
        """Bind the port."""
        await self.endpoint.open(*self._bind)

    async def close(self) -> None:
        """Hang up what is left of its calls and leave no task, timer or socket.

        A deaf phone hangs up nothing: it closes as if unplugged.
        """
        for task in self._behaving:
            task.cancel()
        await asyncio.gather(*self._behaving, return_exceptions=True)
        if self._registration:
            await self._registration.close()
        if not self.deaf:
            await asyncio.gather(*(call.hang_up(GOODBYE) for call in self.calls.values()))
        await self.endpoint.close()
        for call in list(self.calls.values()):
            call.drop()
        self.calls.clear()

    async def register(self, expires: int = 300) -> None:
        """Register at the server and stay registered; raises RegistrationFailed."""
        if self._registration is None:
            self._registration = Registration(
                self.endpoint, self._credentials, self._home(), f"<{self.contact}>"
            )
        await self._registration.register(expires)

    async def unregister(self) -> None:
        """Take the registration back."""
        await self.register(0)

    async def call(
        self,
        number: str,
        *,
        name: str | None = None,
        caller: str | None = None,
        raw_from: bytes | None = None,
        raw_uri: bytes | None = None,
        headers: Mapping[str, str | bytes] | None = None,
        sound: Sound | None = None,
        offer: bool = True,
    ) -> Call:
        """Send an INVITE and give the call at once.

        A number is one of the server's; a whole `sip:` URI is called directly at its address.
        `caller` and `name` go into From; `raw_from` is all of From but the tag, `raw_uri` the
        request URI, both sent byte for byte. Without `offer` the INVITE has no session description.
        """
        if self.endpoint.transport is None:
            raise PhoneError("the phone is not started")
        uri, address = self._destination(number)
        sender = text(raw_from) if raw_from is not None else self._sender(caller, name)
        dialog = calling(local=sender, uri=uri, contact=f"<{self.contact}>", peer=address)
        if raw_uri is not None:
            dialog.target = text(raw_uri)
        session = self._session(dialog, sound)
        request = dialog.request("INVITE", self.endpoint.via())
        request.headers.append(("Allow", ALLOW))
        for key, value in (headers or {}).items():
            request.headers.append((key, text(value) if isinstance(value, bytes) else value))
        if offer:
            request.headers.append(WITH_SDP)
            request.body = session.describe()
        invite = OutgoingInvite(session, address)
        call = self._keep(Call(session, request, invite))
        invite.send(request)
        return call

    def _home(self) -> Address:
        if self._server is None:
            raise PhoneError("this phone has no server: give server=(host, port)")
        return self._server

    def _destination(self, number: str) -> tuple[str, Address]:
        if number.lower().startswith(("sip:", "sips:")):
            address = parse_uri(number).address
            if address is None:
                raise PhoneError(f"cannot call {number!r}: its host is no IPv4 address")
            return number, address
        host, port = self._home()
        return f"sip:{number}@{host}:{port}", (host, port)

    def _sender(self, caller: str | None, name: str | None) -> str:
        host, port = self.address
        uri = f"<sip:{caller or self.user}@{host}:{port}>"
        return uri if name is None else f"{quote(name)} {uri}"

    def _session(self, dialog: Dialog, sound: Sound | None) -> Session:
        host, port = self._server or self.address
        media = Media(
            self.address[0],
            self.sound if sound is None else sound,
            record=self.record,
            codec=self.codec,
        )
        return Session(self.endpoint, self._credentials, dialog, media, f"{host}:{port}")

    def _keep(self, call: Call) -> Call:
        key = call.call_id, call.session.dialog.local_tag
        self.calls[key] = call
        call.session.on_end = lambda: self.calls.pop(key, None)
        return call

    def on_request(self, transaction: ServerTransaction) -> None:
        """Take a request from the endpoint."""
        request = transaction.request
        if call := self._call_of(request):
            call.asked.take(transaction)
        elif parse_address(request.get("To")).tag:
            transaction.respond(481)
        elif request.method == "INVITE":
            self._called(transaction)
        elif request.method in {"OPTIONS", "NOTIFY"}:
            if request.method == "NOTIFY":
                self.notices.append(request)
            transaction.respond(200, [("Allow", ALLOW)])
        else:
            transaction.respond(405, [("Allow", ALLOW)])

    def on_ack(self, request: Request) -> None:
        """Take the ACK of a 200 from the endpoint."""
        if call := self._call_of(request):
            call.session.acknowledged(request)

    def _call_of(self, request: Request) -> Call | None:
        return self.calls.get((request.get("Call-ID"), parse_address(request.get("To")).tag))

    def _called(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if required := request.get("Require"):
            transaction.respond(420, [("Unsupported", required)])
            return
        session = self._session(called(transaction, f"<{self.contact}>"), None)
        call = self._keep(Call(session, request, IncomingInvite(session, transaction)))
        if self.on_call is None:
            self.incoming.put_nowait(call)
        else:
            self._behave(call, self.on_call)

    def _behave(self, call: Call, behaviour: Behaviour) -> None:
        async def run() -> None:
            try:
                await behaviour(call)
            except PhoneError:
                if call.state is not CallState.ENDED:
                    raise

        task = asyncio.get_running_loop().create_task(run())
        self._behaving.add(task)
        task.add_done_callback(self._behaved)

    def _behaved(self, task: asyncio.Task[None]) -> None:
        self._behaving.discard(task)
        if not task.cancelled() and (error := task.exception()):
            context = {"message": f"{self.user}'s behaviour failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
