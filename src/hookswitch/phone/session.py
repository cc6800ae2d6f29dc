"""What both directions of a call share: dialog, audio, progress."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress

from hookswitch.phone.dialog import ALLOW, Dialog
from hookswitch.phone.digest import Credentials
from hookswitch.phone.endpoint import Endpoint
from hookswitch.phone.errors import CallFailed, ParseError
from hookswitch.phone.exchange import exchange
from hookswitch.phone.media import Media
from hookswitch.phone.message import Request, Response, reason_of
from hookswitch.phone.progress import EndedBy, Progress
from hookswitch.phone.sdp import CONTENT_TYPE, EVENTS, MIRRORED, Description, parse_sdp
from hookswitch.phone.transaction import GIVE_UP, Header, ServerTransaction

WITH_SDP = ("Content-Type", CONTENT_TYPE)


class Session:
    """One call's dialog with its audio; `domain` is where a plain number lives."""

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        dialog: Dialog,
        media: Media,
        domain: str,
    ) -> None:
        self.endpoint = endpoint
        self.credentials = credentials
        self.dialog = dialog
        self.media = media
        self.domain = domain
        self.progress = Progress()
        self.on_end: Callable[[], object] | None = None
        self.holding = False
        self.remote_direction = "sendrecv"
        self.changing = False
        self._events: int | None = EVENTS
        self._version = 0
        self._unacknowledged: dict[int, ServerTransaction] = {}

    @property
    def confirmed(self) -> bool:
        """Whether every 200 of ours has its ACK."""
        return not self._unacknowledged

    def describe(self) -> bytes:
        """Write our offer, or our answer to the last one."""
        self._version += 1
        wanted = "sendonly" if self.holding else "sendrecv"
        direction = MIRRORED.get(self.remote_direction, wanted)
        host = self.endpoint.address[0]
        port, codec = self.media.port, self.media.codec
        ours = Description(host, port, events=self._events, direction=direction, codec=codec)
        return ours.write(self._version)

    def take_description(self, body: bytes) -> bool:
        """Take the other side's offer or answer; False if we cannot talk with it."""
        try:
            theirs = parse_sdp(body, self.media.codec)
        except ParseError:
            return False
        if not theirs.known:
            return False
        self.remote_direction = theirs.direction
        self._events = theirs.events
        self.media.remote = theirs.address
        self.media.events = theirs.events or EVENTS
        self.media.sending = not self.holding and theirs.direction in {"sendrecv", "recvonly"}
        return True

    def accept(self, invite: ServerTransaction) -> bool:
        """Answer an INVITE with 200, or with 488 if its offer is of no use."""
        body = invite.request.body
        if body and not self.take_description(body):
            invite.respond(488)
            return False
        number, _ = invite.request.cseq
        self._unacknowledged[number] = invite
        invite.on_unacknowledged = lambda: self._unconfirmed(number)
        headers = [("Contact", self.dialog.contact), ("Allow", ALLOW), WITH_SDP]
        invite.respond(200, headers, self.describe())
        return True

    def acknowledged(self, ack: Request) -> None:
        """Take the ACK of a 200; it has the answer if the INVITE had no offer."""
        invite = self._unacknowledged.pop(ack.cseq[0], None)
        if invite is None:
            return
        invite.acknowledged()
        if ack.body:
            self.take_description(ack.body)
        self.progress.note("received ACK")
        self.progress.changed()

    def _unconfirmed(self, number: int) -> None:
        self._unacknowledged.pop(number, None)
        if self.progress.over:
            return
        self.bye()
        self.end(EndedBy.FAILED, reason="no ACK")

    def acknowledge(self, request: Request, response: Response) -> None:
        """Acknowledge a 2xx to an INVITE of ours, each time it comes."""
        ack = self.dialog.request("ACK", self.endpoint.via(), request.cseq[0])
        if not request.body:
            ack.headers.append(WITH_SDP)
            ack.body = self.describe()
        ack.headers += [h for h in request.headers if "Authorization" in h[0]]
        self.endpoint.send(ack, self.dialog.next_hop)

    async def request(
        self,
        method: str,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        on_final: Callable[[Request, Response], object] | None = None,
    ) -> Response:
        """Send a request inside the dialog and give its final answer."""
        request = self.dialog.request(method, self.endpoint.via())
        request.headers += headers
        request.body = body
        self.progress.note(f"sent {method}")
        hop = self.dialog.next_hop
        request, response = await exchange(self.endpoint, self.credentials, request, hop, on_final)
        self.dialog.cseq = max(self.dialog.cseq, request.cseq[0])
        if response.headers:
            self.progress.note(f"received {response.status} {method}")
        return response

    async def reinvite(self) -> None:
        """Offer again in mid-call; a refusal leaves the call as it is.

        Before the ACK of our answer the other side may take no notice of it (RFC 3261, 14.1).
        """
        if self.changing:
            raise CallFailed(491, reason_of(491))
        self.changing = True
        # The offer says what we want, whatever the other side said last.
        self.remote_direction = "sendrecv"
        try:
            await self.progress.until(lambda: self.confirmed, GIVE_UP, "acknowledged")
            if self.progress.over:
                raise CallFailed(487, "the call is over")
            response = await self.request("INVITE", [WITH_SDP], self.describe(), self._reinvited)
        finally:
            self.changing = False
        if response.status >= 300:
            raise CallFailed(response.status, response.reason)

    def _reinvited(self, request: Request, response: Response) -> None:
        if response.status < 300:
            self.dialog.learn(response)
            self.take_description(response.body)
            self.acknowledge(request, response)

    def bye(self) -> None:
        """Send BYE without waiting for its answer."""
        request = self.dialog.request("BYE", self.endpoint.via())
        self.progress.note("sent BYE")
        self.endpoint.request(request, self.dialog.next_hop, lambda _: None)

    async def hang_up(self, timeout: float) -> None:  # noqa: ASYNC109
        """End an answered call; a missing answer to the BYE is not our trouble."""
        with suppress(TimeoutError):
            await self.progress.until(lambda: self.confirmed, timeout, "acknowledged")
        if self.progress.over:
            return
        self.end(EndedBy.LOCAL)
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self.request("BYE")

    def end(self, by: EndedBy, status: int | None = None, reason: str = "") -> None:
        """Close the call; late requests of the other side are still answered for a while."""
        if self.progress.over:
            return
        self.media.close()
        for invite in self._unacknowledged.values():  # a BYE tells as much as the ACK
            invite.acknowledged()
        self._unacknowledged.clear()
        self.progress.end(by, status, reason)
        if self.on_end and self.endpoint.transport:
            self.endpoint.timers.after(GIVE_UP, self.on_end)
