"""Links to audio: unguessable, revocable, expiring; the store keeps only a hash of each.

The secret part is derived from the event's id, so that a replay of the journal gives the same
body; without the key nobody can derive it.
"""

import base64
import hashlib
import hmac

from hookswitch.model.ids import EventId


class Links:
    """Makes links below `public_url`; `key` is 32 random bytes kept in the data directory."""

    def __init__(self, key: bytes, public_url: str) -> None:
        self._key = key
        self._base = public_url.rstrip("/")

    def url(self, event: EventId) -> str:
        return f"{self._base}/m/{self.token(event)}"

    def token(self, event: EventId) -> str:
        digest = hmac.digest(self._key, event.encode(), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def token_hash(token: str) -> str:
    """What the store keeps and looks up by."""
    return hashlib.sha256(token.encode()).hexdigest()
