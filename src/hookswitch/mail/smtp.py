"""One email over SMTP."""

import asyncio
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Final, Literal

import aiosmtplib
from msgspec import Struct

from hookswitch.model.media import NewEmail
from hookswitch.model.secret import Secret

DEADLINE_S: Final = 60
LARGEST_ATTACHMENT: Final = 20 << 20
SUBTYPES: Final = {".wav": "wav", ".opus": "ogg"}


class SmtpSettings(Struct, frozen=True, kw_only=True):
    """The server that takes our email; with `starttls` it must offer it."""

    host: str
    port: int = 587
    username: str = ""
    password: Secret = Secret("")
    tls: Literal["none", "starttls", "tls"] = "starttls"
    sender: str = "hookswitch@localhost"


class MailError(Exception):
    """The email was not taken; `permanent` if trying again is no use. Holds no secret."""

    def __init__(self, message: str, *, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


def compose(email: NewEmail, sender: str, audio: bytes | None) -> EmailMessage:
    """Build the message; header values are encoded, so no caller's text can add a header."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = email.recipients
    message["Subject"] = " ".join(email.subject.split())
    message["Date"] = formatdate(usegmt=True)
    message["Message-ID"] = make_msgid(idstring=email.event, domain="hookswitch")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(email.message)
    if audio is not None:
        suffix = Path(email.audio).suffix
        message.add_attachment(
            audio, maintype="audio", subtype=SUBTYPES[suffix], filename=f"audio{suffix}"
        )
    return message


async def send(email: NewEmail, settings: SmtpSettings, media: Path) -> None:
    """Send one email; raises MailError."""
    message = compose(email, settings.sender, await asyncio.to_thread(_audio, email, media))
    try:
        await aiosmtplib.send(
            message,
            hostname=settings.host,
            port=settings.port,
            username=settings.username or None,
            password=settings.password.reveal() or None,
            use_tls=settings.tls == "tls",
            start_tls=settings.tls == "starttls",
            timeout=DEADLINE_S,
        )
    except aiosmtplib.SMTPResponseException as error:
        # 5xx is a final word, except on logging in, which an administrator can mend
        final = error.code >= 500 and not isinstance(error, aiosmtplib.SMTPAuthenticationError)
        raise MailError(f"the server answered {error.code}", permanent=final) from error
    except aiosmtplib.SMTPRecipientsRefused as error:
        raise MailError("the server refused every recipient", permanent=True) from error
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        raise MailError(f"the server cannot be reached ({type(error).__name__})") from error


def _audio(email: NewEmail, media: Path) -> bytes | None:
    """The attachment; without one that is gone or too large, the message goes all the same."""
    if not email.attach:
        return None
    path = media / email.audio
    try:
        return path.read_bytes() if path.stat().st_size <= LARGEST_ATTACHMENT else None
    except FileNotFoundError:
        return None
