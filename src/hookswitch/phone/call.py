"""One call, in either direction, as the person at the phone sees it."""

from collections.abc import Sequence
from contextlib import suppress

from hookswitch.phone import transfer
from hookswitch.phone.address import NameAddr, parse_address, parse_uri
from hookswitch.phone.errors import CallFailed, PhoneError
from hookswitch.phone.incoming import IncomingInvite
from hookswitch.phone.indialog import InDialog
from hookswitch.phone.media import Media
from hookswitch.phone.message import Request
from hookswitch.phone.outgoing import OutgoingInvite
from hookswitch.phone.progress import CallState, EndedBy, Moment
from hookswitch.phone.session import Session
from hookswitch.phone.transaction import Header

ANSWER_TIMEOUT = 30.0
QUICK_TIMEOUT = 4.0


class Call:
    """A call; every wait is bounded and tells what it saw when it runs out.

    `request` is the INVITE, `invite` the side of it that we play, `asked` what the other side
    asked since.
    """

    def __init__(
        self,
        session: Session,
        request: Request,
        invite: OutgoingInvite | IncomingInvite,
    ) -> None:
        self.session = session
        self.request = request
        self._invite = invite
        self._progress = session.progress
        self.asked = InDialog(session, invite if isinstance(invite, IncomingInvite) else None)

    def __repr__(self) -> str:
        way = "from" if self.inbound else "to"
        return f"<Call {way} {self.remote_number} {self.state}>"

    @property
    def inbound(self) -> bool:
        """Whether the other side called."""
        return isinstance(self._invite, IncomingInvite)

    @property
    def state(self) -> CallState:
        """How far it is."""
        return self._progress.state

    @property
    def media(self) -> Media:
        """Its audio: `received`, `sent`, `digits`, `sound`, `recorded()`."""
        return self.session.media

    @property
    def call_id(self) -> str:
        """The SIP Call-ID."""
        return self.session.dialog.call_id

    @property
    def remote(self) -> NameAddr:
        """The other side as From or To names it; bytes that are no UTF-8 are surrogates."""
        return parse_address(self.session.dialog.remote)

    @property
    def remote_number(self) -> str:
        """The user part of the other side's address."""
        return parse_uri(self.remote.uri).user

    @property
    def remote_name(self) -> str:
        """The other side's display name."""
        return self.remote.name

    @property
    def dialled(self) -> str:
        """The user part that the INVITE asks for."""
        return parse_uri(self.request.uri).user

    @property
    def final_status(self) -> int | None:
        """The status that answered or refused the INVITE, once there is one."""
        return self._progress.final_status

    @property
    def ended_by(self) -> EndedBy | None:
        """Who ended it."""
        return self._progress.ended_by

    @property
    def reason(self) -> str:
        """The phrase of a refusal, or the Reason header of the BYE."""
        return self._progress.reason

    @property
    def held(self) -> bool:
        """Whether the other side has put us on hold."""
        return self.session.remote_direction in {"sendonly", "inactive"}

    @property
    def digits(self) -> str:
        """The keys that the other side pressed, by telephone event or INFO."""
        return self.media.digits + self.asked.digits

    @property
    def moments(self) -> list[Moment]:
        """The SIP messages of this call with their times, oldest first."""
        return self._progress.moments

    def moment(self, what: str) -> Moment:
        """Give the first such message, for example `received 180`."""
        for moment in self.moments:
            if moment.what == what:
                return moment
        raise PhoneError(f"no {what!r} in this call: {[m.what for m in self.moments]}")

    async def ringing(self, timeout: float = ANSWER_TIMEOUT) -> int:  # noqa: ASYNC109
        """Wait for 180 or 183 (or an answer), and give the status; CallFailed on a refusal."""
        progress = self._progress
        await progress.until(lambda: progress.state is not CallState.CALLING, timeout, "ringing")
        if progress.ring_status is None and not progress.answered:
            raise self._failed()
        return progress.ring_status or progress.final_status or 0

    async def answered(self, timeout: float = ANSWER_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait for the answer; CallFailed when the call ends without one."""
        progress = self._progress
        await progress.until(lambda: progress.answered or progress.over, timeout, "answered")
        if not progress.answered:
            raise self._failed()

    async def ended(self, timeout: float = ANSWER_TIMEOUT) -> None:  # noqa: ASYNC109
        """Wait for the end, whoever brings it."""
        await self._progress.until(lambda: self._progress.over, timeout, "ended")

    def _failed(self) -> CallFailed:
        return CallFailed(self.final_status or 487, self.reason or "the call is over")

    def ring(self, status: int = 180) -> None:
        """Ring (180), or give early media (183)."""
        self._called().ring(status)

    def answer(self) -> None:
        """Answer at once."""
        self._called().answer()

    def reject(self, status: int = 486, reason: str = "") -> None:
        """Refuse with any final status."""
        self._called().reject(status, reason=reason)

    def redirect(self, uri: str) -> None:
        """Answer 302 with another address; a plain number is taken as one of the server's."""
        self._called().reject(302, [("Contact", f"<{self._uri(uri)}>")])

    def ignore(self) -> None:
        """Answer nothing, not even a CANCEL."""
        self._called().ignore()

    async def hang_up(self, timeout: float = QUICK_TIMEOUT) -> None:  # noqa: ASYNC109
        """End it: BYE, CANCEL or 603, as its state wants; harmless on a call that is over."""
        if self.state is CallState.ENDED:
            return
        if self.state is CallState.ANSWERED:
            await self.session.hang_up(timeout)
        elif isinstance(self._invite, IncomingInvite):
            self._invite.reject(603)
        else:
            with suppress(TimeoutError):
                await self.cancel(timeout)

    def drop(self) -> None:
        """Let go of it without telling the other side: the phone is closed."""
        self.session.end(EndedBy.LOCAL, reason="the phone was closed")

    async def cancel(self, timeout: float = QUICK_TIMEOUT) -> None:  # noqa: ASYNC109
        """Take an unanswered call back and wait for its end; an answer that crosses gets a BYE."""
        if not isinstance(self._invite, OutgoingInvite):
            raise PhoneError("only a caller can cancel")
        if self._progress.answered:
            raise PhoneError("the call is answered: hang up")
        if self.state is not CallState.ENDED:
            self._invite.cancel()
            await self.ended(timeout)

    async def hold(self) -> None:
        """Put the other side on hold."""
        await self._hold(holding=True)

    async def resume(self) -> None:
        """Take it from hold."""
        await self._hold(holding=False)

    async def _hold(self, *, holding: bool) -> None:
        self._check_answered()
        before, self.session.holding = self.session.holding, holding
        try:
            await self.session.reinvite()
        except CallFailed:
            self.session.holding = before
            raise

    async def transfer(self, target: str, timeout: float = ANSWER_TIMEOUT) -> int:  # noqa: ASYNC109
        """Transfer blindly to a number or URI, and leave once it rings there (180) or answers."""
        self._check_answered()
        return await transfer.refer(self.session, self.asked, f"<{self._uri(target)}>", timeout)

    async def transfer_to(self, other: "Call", timeout: float = ANSWER_TIMEOUT) -> int:  # noqa: ASYNC109
        """Join the other side of this call with that of another one, and leave both."""
        self._check_answered()
        target = transfer.replacing(other.session)
        status = await transfer.refer(self.session, self.asked, target, timeout)
        with suppress(TimeoutError):  # the engine ends that one; cancelling it stops the target
            await other.ended(QUICK_TIMEOUT)
        await other.hang_up()
        return status

    async def report_transfer(self, status: int) -> None:
        """Tell the other side how the transfer goes that it asked for (`asked.referrals`)."""
        await transfer.notify(self.session, status)

    async def dtmf(self, digits: str, *, info: bool = False) -> None:
        """Press keys: telephone events in the audio, or INFO requests."""
        if not info:
            await self.media.dtmf(digits)
            return
        for digit in digits:
            body = f"Signal={digit}\r\nDuration=100\r\n".encode()
            await self.session.request("INFO", [("Content-Type", "application/dtmf-relay")], body)

    async def play(self, ulaw: bytes) -> None:
        """Send 8 kHz mu-law audio (`g711.encode` makes it from PCM), and return at its end."""
        await self.media.play(ulaw)

    async def send(self, method: str, headers: Sequence[Header] = (), body: bytes = b"") -> int:
        """Send any other request inside the call; give the status of its answer."""
        return (await self.session.request(method, headers, body)).status

    def _called(self) -> IncomingInvite:
        if not isinstance(self._invite, IncomingInvite):
            raise PhoneError("only the called side can do that")
        return self._invite

    def _check_answered(self) -> None:
        if self.state is not CallState.ANSWERED:
            raise PhoneError(f"the call is {self.state}, not answered")

    def _uri(self, target: str) -> str:
        return target if ":" in target else f"sip:{target}@{self.session.domain}"
