"""The socket of a phone: datagrams in and out, transactions found and kept."""

import asyncio
import secrets
import socket
from collections.abc import Callable
from typing import Any, Protocol

from hookswitch.phone.address import Address
from hookswitch.phone.errors import ParseError, PhoneError
from hookswitch.phone.message import Message, Request, Response, parse
from hookswitch.phone.transaction import (
    GIVE_UP,
    ClientTransaction,
    ServerTransaction,
    Timers,
)

COOKIE = "z9hG4bK"


class Core(Protocol):
    """Who takes the requests; CANCEL, repeated ones and ACK of refusals never get here."""

    def on_request(self, transaction: ServerTransaction) -> None:
        """Take a new request."""

    def on_ack(self, request: Request) -> None:
        """Take the ACK of a 2xx."""


class Endpoint(asyncio.DatagramProtocol):
    """Sends and receives SIP on one UDP port."""

    def __init__(self, core: Core) -> None:
        self.timers = Timers()
        self.deaf = False
        self.address: Address = ("", 0)
        self.transport: asyncio.DatagramTransport | None = None
        self._core = core
        self._clients: dict[tuple[str, str], ClientTransaction] = {}
        self._servers: dict[tuple[str, str], ServerTransaction] = {}
        self._closed: asyncio.Future[None] | None = None

    async def open(self, host: str, port: int) -> None:
        """Bind; port 0 takes a free one."""
        loop = asyncio.get_running_loop()
        self._closed = loop.create_future()
        # A burst of calls arrives faster than Python parses it.
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        try:
            sock.bind((host, port))
        except OSError as error:
            sock.close()
            raise PhoneError(f"cannot bind {host}:{port}: {error}") from error
        self.address = sock.getsockname()
        self.transport, _ = await loop.create_datagram_endpoint(lambda: self, sock=sock)

    async def close(self) -> None:
        """Let go of the socket and all timers; whoever waits for an answer gets a 408."""
        for transaction in list(self._clients.values()):
            transaction.abandon()
        self.timers.close()
        if self.transport and self._closed:
            self.transport.close()
            await self._closed
        self.transport = None

    def connection_lost(self, exc: Exception | None) -> None:
        if self._closed and not self._closed.done():
            self._closed.set_result(None)

    def via(self) -> str:
        """Write a Via with a branch of its own."""
        host, port = self.address
        return f"SIP/2.0/UDP {host}:{port};rport;branch={COOKIE}{secrets.token_hex(8)}"

    def send(self, message: Message, address: Address) -> None:
        """Send a message outside of any transaction."""
        if self.transport is None or self.transport.is_closing():
            return
        self.transport.sendto(bytes(message), address)

    def request(
        self,
        request: Request,
        address: Address,
        on_response: Callable[[Response], object],
    ) -> ClientTransaction:
        """Begin a client transaction; the request carries its Via already."""
        if self.transport is None:
            raise PhoneError("the phone is not started")

        def take(response: Response) -> None:
            if response.status >= 200:
                self._forget_later(self._clients, transaction.key)
            on_response(response)

        transaction = ClientTransaction(
            request, self.timers, lambda message: self.send(message, address), take
        )
        self._clients[transaction.key] = transaction
        return transaction

    def datagram_received(self, data: bytes, addr: Address) -> None:
        if len(data) < 8:  # keep-alive
            return
        try:
            message = parse(data)
        except ParseError:
            return
        if isinstance(message, Response):
            self._take_response(message)
        elif not self.deaf:
            self._take_request(message, addr)

    def _take_response(self, response: Response) -> None:
        transaction = self._clients.get((response.branch, response.cseq[1]))
        if transaction:
            transaction.receive(response)

    def _take_request(self, request: Request, source: Address) -> None:
        via = request.get("Via")
        invite = self._servers.get((via, "INVITE"))
        if request.method == "ACK":
            if invite and invite.status >= 300:
                invite.acknowledged()
            else:
                self._core.on_ack(request)
            return
        key = via, request.method
        if known := self._servers.get(key):
            known.repeat()
            return
        if request.method == "CANCEL" and invite and invite.silent:
            return

        def answer(response: Response) -> None:
            if response.status >= 200:
                self._forget_later(self._servers, key)
            self.send(response, source)

        transaction = ServerTransaction(request, source, self.timers, answer)
        self._servers[key] = transaction
        if request.method == "CANCEL":
            self._cancel(transaction, invite)
        else:
            self._core.on_request(transaction)

    def _cancel(self, transaction: ServerTransaction, invite: ServerTransaction | None) -> None:
        if invite is None:
            transaction.respond(481)
            return
        transaction.tag = invite.tag
        transaction.respond(200)
        if invite.on_cancel and invite.status < 200:
            invite.on_cancel(transaction.request)

    def _forget_later(self, table: dict[tuple[str, str], Any], key: tuple[str, str]) -> None:
        self.timers.after(GIVE_UP, lambda: table.pop(key, None))
