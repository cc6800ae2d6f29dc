"""Audio that was kept, and the emails that carry it."""

from collections.abc import Callable
from typing import Final

from msgspec import Struct

from hookswitch.model.ids import CallId, EventId, Ms

LINK_LIFETIME_MS: Final[Ms] = 30 * 24 * 3600 * 1000
"""From the newest attempt to tell of it: bytes never change, so the server's date moves."""


class NewMedia(Struct, frozen=True, kw_only=True):
    """An audio file to remember: one per event, with one link.

    `path` is below the media directory; `token_hash` is all that is kept of the link's secret.
    """

    event: EventId
    call: CallId
    path: str
    token_hash: str
    expires_at: Ms


class Media(Struct, frozen=True, kw_only=True):
    """A kept file as it is known now."""

    event: EventId
    call: CallId
    path: str
    created_at: Ms
    expires_at: Ms
    revoked: bool


class NewEmail(Struct, frozen=True, kw_only=True):
    """An email to send about an event; `audio` is a path below the media directory."""

    event: EventId
    recipients: str
    subject: str
    message: str
    audio: str
    attach: bool = True
    delete_from: str | None = None
    """The mailbox to delete the message from once it is sent, or None to keep it."""


class EmailClaim(Struct, frozen=True, kw_only=True):
    """An email taken for sending."""

    email: NewEmail
    failures: int


class MessageSettings(Struct, frozen=True, kw_only=True):
    """What is said about telling of a message or a recording."""

    emails: tuple[str, ...]
    subject: str
    message: str
    attach_audio: bool
    box: str = ""
    delete_after_sending: bool = False


class BuildEnv(Struct, frozen=True):
    """What events need besides facts: links, and what to tell, by revision and who asked for it
    (an object's id, or a recording's `by`).
    """

    link: Callable[[EventId], str]
    message_settings: Callable[[int, str], MessageSettings | None]
