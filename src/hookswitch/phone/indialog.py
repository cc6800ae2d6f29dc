"""What the other side asks inside a call: BYE, hold, INFO, REFER and its NOTIFY."""

import re
from collections.abc import Callable

from hookswitch.phone.dialog import ALLOW
from hookswitch.phone.incoming import IncomingInvite
from hookswitch.phone.progress import EndedBy
from hookswitch.phone.session import WITH_SDP, Session
from hookswitch.phone.transaction import ServerTransaction

_SIPFRAG = re.compile(rb"SIP/2\.0 ([1-6][0-9][0-9])")
_SIGNAL = re.compile(rb"(?:Signal\s*=\s*)?([0-9A-D*#])", re.IGNORECASE)


class InDialog:
    """Answers requests inside the dialog and keeps what they said."""

    def __init__(self, session: Session, invite: IncomingInvite | None) -> None:
        self._session = session
        self._invite = invite
        self.referrals: list[str] = []
        self.refer_status: int | None = None
        self.digits = ""
        self._answers: dict[str, Callable[[ServerTransaction], None]] = {
            "BYE": self._bye,
            "INVITE": self._reinvite,
            "UPDATE": self._update,
            "REFER": self._refer,
            "NOTIFY": self._notify,
            "INFO": self._info,
            "OPTIONS": lambda transaction: transaction.respond(200, [("Allow", ALLOW)]),
        }

    def take(self, transaction: ServerTransaction) -> None:
        """Answer a request."""
        method = transaction.request.method
        self._session.progress.note(f"received {method}")
        answer = self._answers.get(method)
        if answer is None:
            transaction.respond(405, [("Allow", ALLOW)])
        elif self._session.progress.over and method not in {"NOTIFY", "BYE"}:
            transaction.respond(481)
        else:
            answer(transaction)
        self._session.progress.changed()

    def _bye(self, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        if self._invite:
            self._invite.hung_up()
        self._session.end(EndedBy.REMOTE, reason=transaction.request.get("Reason"))

    def _reinvite(self, transaction: ServerTransaction) -> None:
        session = self._session
        if session.changing or not session.confirmed or not session.progress.answered:
            transaction.respond(491)
            return
        session.dialog.refresh(transaction.request)
        session.accept(transaction)

    def _update(self, transaction: ServerTransaction) -> None:
        session, body = self._session, transaction.request.body
        session.dialog.refresh(transaction.request)
        contact = ("Contact", session.dialog.contact)
        if not body:
            transaction.respond(200, [contact])
        elif session.take_description(body):
            transaction.respond(200, [contact, WITH_SDP], session.describe())
        else:
            transaction.respond(488)

    def _refer(self, transaction: ServerTransaction) -> None:
        target = transaction.request.get("Refer-To")
        if not target:
            transaction.respond(400)
            return
        self.referrals.append(target)
        transaction.respond(202, [("Contact", self._session.dialog.contact)])

    def _notify(self, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        if found := _SIPFRAG.match(transaction.request.body):
            self.refer_status = int(found[1])

    def _info(self, transaction: ServerTransaction) -> None:
        transaction.respond(200)
        if "dtmf" in transaction.request.get("Content-Type").lower():
            found = _SIGNAL.match(transaction.request.body.lstrip())
            self.digits += found[1].decode().upper() if found else ""
