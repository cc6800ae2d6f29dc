"""Transfers by REFER (RFC 3515, RFC 3891)."""

from urllib.parse import quote

from hookswitch.phone.address import parse_address
from hookswitch.phone.errors import CallFailed
from hookswitch.phone.indialog import InDialog
from hookswitch.phone.message import reason_of
from hookswitch.phone.session import Session

GOODBYE_WITHIN = 4.0


def replacing(other: Session) -> str:
    """Write the Refer-To of an attended transfer: the other call's party, and that dialog."""
    dialog = other.dialog
    replaces = f"{dialog.call_id};to-tag={dialog.remote_tag};from-tag={dialog.local_tag}"
    uri = parse_address(dialog.remote).uri
    return f"<{uri}?Replaces={quote(replaces, safe='')}>"


async def refer(session: Session, asked: InDialog, refer_to: str, timeout: float) -> int:  # noqa: ASYNC109
    """Send the other side to `refer_to`; give the status its NOTIFY reported, 180 or 200.

    Raises CallFailed when the transfer is refused: the call is then still up. Else we hang up as
    soon as the target rings, for the engine leaves that to the transferer (RFC 5589, 6.1); an
    engine that hangs up first, without a word, counts as 200.
    """
    asked.refer_status = None
    progress = session.progress
    local = parse_address(session.dialog.local).uri
    headers = [("Refer-To", refer_to), ("Referred-By", f"<{local}>")]
    response = await session.request("REFER", headers)
    if response.status >= 300:
        raise CallFailed(response.status, response.reason)
    await progress.until(lambda: progress.over or _done(asked), timeout, "transferred")
    status = asked.refer_status if _done(asked) else 200
    if status is None or status >= 300:
        raise CallFailed(status or 500, reason_of(status or 500))
    await session.hang_up(GOODBYE_WITHIN)
    return status


def _done(asked: InDialog) -> bool:
    return asked.refer_status is not None and asked.refer_status >= 180


async def notify(session: Session, status: int) -> None:
    """Report how a transfer goes that the other side asked for."""
    over = status >= 200
    state = "terminated;reason=noresource" if over else "active;expires=60"
    headers = [
        ("Event", "refer"),
        ("Subscription-State", state),
        ("Content-Type", "message/sipfrag;version=2.0"),
    ]
    await session.request("NOTIFY", headers, f"SIP/2.0 {status} {reason_of(status)}\r\n".encode())
