"""The called side of an INVITE."""

from collections.abc import Sequence

from hookswitch.phone.errors import PhoneError
from hookswitch.phone.message import Request, reason_of
from hookswitch.phone.progress import EndedBy
from hookswitch.phone.session import WITH_SDP, Session
from hookswitch.phone.transaction import Header, ServerTransaction

TRYING_AFTER = 0.2


class IncomingInvite:
    """Answers an INVITE; sends 100 by itself when nothing else was sent in 0.2 s."""

    def __init__(self, session: Session, transaction: ServerTransaction) -> None:
        self._session = session
        self._transaction = transaction
        transaction.on_cancel = self._cancelled
        session.progress.note("received INVITE")
        session.endpoint.timers.after(TRYING_AFTER, self._trying)

    def _trying(self) -> None:
        if not self._transaction.status:
            self._transaction.respond(100)

    def ring(self, status: int) -> None:
        """Send 180, or 183 with early media."""
        self._check("ring")
        session, asked = self._session, self._transaction.request
        headers = [("Contact", session.dialog.contact)]
        body = b""
        if status == 183 and session.take_description(asked.body):
            session.media.start()
            headers.append(WITH_SDP)
            body = session.describe()
        self._respond(status, headers, body)
        session.progress.ring(status)

    def answer(self) -> None:
        """Send 200 and begin to talk."""
        self._check("answer")
        session = self._session
        session.progress.note("sent 200")
        if not session.accept(self._transaction):
            session.end(EndedBy.FAILED, 488, reason_of(488))
            raise PhoneError("the caller's audio is none we can talk: 488 sent")
        session.media.start()
        session.progress.answer()

    def reject(self, status: int, headers: Sequence[Header] = (), reason: str = "") -> None:
        """Send a final refusal."""
        self._check("reject")
        self._respond(status, headers, reason=reason)
        self._session.end(EndedBy.LOCAL, status, reason or reason_of(status))

    def ignore(self) -> None:
        """Never answer anything about this call, as a dead phone."""
        self._check("ignore")
        self._transaction.silent = True

    def hung_up(self, status: int = 487) -> None:
        """Close it from the other side before it was answered."""
        if self._session.progress.over or self._transaction.status >= 200:
            return
        self._respond(status)
        self._session.end(EndedBy.REMOTE, status, "cancelled")

    def _cancelled(self, cancel: Request) -> None:
        self._session.progress.note("received CANCEL")
        self.hung_up()

    def _respond(
        self,
        status: int,
        headers: Sequence[Header] = (),
        body: bytes = b"",
        reason: str = "",
    ) -> None:
        self._session.progress.note(f"sent {status}")
        self._transaction.respond(status, headers, body, reason)

    def _check(self, what: str) -> None:
        if self._transaction.status >= 200 or self._session.progress.over:
            raise PhoneError(f"cannot {what}: the call is {self._session.progress.state}")
