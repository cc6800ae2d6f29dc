"""The calling side of an INVITE."""

from hookswitch.phone.address import Address
from hookswitch.phone.exchange import MOST_TRIES
from hookswitch.phone.message import Request, Response
from hookswitch.phone.progress import EndedBy
from hookswitch.phone.session import Session
from hookswitch.phone.transaction import GIVE_UP


class OutgoingInvite:
    """Sends an INVITE and follows its answers until the call is answered or refused."""

    def __init__(self, session: Session, address: Address) -> None:
        self._session = session
        self._address = address
        self._request: Request | None = None
        self._tries = 0
        self._heard = False
        self._cancelling = False
        self._cancelled = False

    def send(self, request: Request) -> None:
        """Send it, the first time or with an answer to a challenge."""
        self._request = request
        self._tries += 1
        self._heard = False
        self._session.dialog.cseq = request.cseq[0]
        self._session.progress.note("sent INVITE")
        self._session.endpoint.request(
            request, self._address, lambda response: self._take(request, response)
        )

    def cancel(self) -> None:
        """Take the call back; RFC 3261 wants a sign of life first, so it may go out later."""
        self._cancelling = True
        if self._heard and not self._cancelled:
            self._send_cancel()

    def _send_cancel(self) -> None:
        self._cancelled = True
        session, invite = self._session, self._request
        if invite is None:
            return
        kept = ("Via", "Max-Forwards", "From", "To", "Call-ID", "Route")
        cancel = Request("CANCEL", invite.uri)
        cancel.headers = [header for header in invite.headers if header[0] in kept]
        cancel.headers.append(("CSeq", f"{invite.cseq[0]} CANCEL"))
        session.progress.note("sent CANCEL")
        session.endpoint.request(cancel, self._address, lambda _: None)
        session.endpoint.timers.after(GIVE_UP, lambda: session.end(EndedBy.LOCAL, 487))

    def _take(self, request: Request, response: Response) -> None:
        progress = self._session.progress
        if response.headers:
            progress.note(f"received {response.status}")
        if response.status < 200:
            self._provisional(response)
        elif response.status < 300:
            self._accepted(request, response)
        else:
            self._refused(request, response)

    def _provisional(self, response: Response) -> None:
        session = self._session
        self._heard = True
        if self._cancelling:
            self.cancel()
        if response.status == 100 or session.progress.answered:
            return
        session.dialog.learn(response)
        if response.body and session.take_description(response.body):
            session.media.start()
        session.progress.ring(response.status)

    def _accepted(self, request: Request, response: Response) -> None:
        session = self._session
        if session.progress.answered or session.progress.over:
            session.acknowledge(request, response)
            return
        session.dialog.learn(response)
        usable = session.take_description(response.body)
        session.acknowledge(request, response)
        if usable and not self._cancelling:
            session.media.start()
            session.progress.answer()
            return
        session.progress.answer()
        session.bye()
        session.end(EndedBy.LOCAL, reason="cancelled" if usable else "no usable audio")

    def _refused(self, request: Request, response: Response) -> None:
        session = self._session
        if self._tries < MOST_TRIES and not self._cancelling:
            again = session.credentials.retry(request, response, session.endpoint.via())
            if again:
                self.send(again)
                return
        by = EndedBy.LOCAL if self._cancelling else EndedBy.FAILED
        session.end(by, response.status, response.reason)
