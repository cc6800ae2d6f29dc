"""Voicemail messages as they are left: the audio kept, the email queued, the link made."""

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from hookswitch.app.live import Live
from hookswitch.events import voicemail
from hookswitch.media.keep import SUFFIX, keep, media_path
from hookswitch.media.links import Links, token_hash
from hookswitch.model.facts import Fact, VoicemailLeft
from hookswitch.model.media import LINK_LIFETIME_MS, BuildEnv, NewEmail, NewMedia

log = structlog.get_logger(__name__)


class Extras(Struct, frozen=True):
    """What is committed with the events of a batch."""

    media: Sequence[NewMedia] = ()
    emails: Sequence[NewEmail] = ()


class MessageKeeper:
    """Acts on the facts of a batch before it is committed; doing it again changes nothing."""

    def __init__(self, media: Path, links: Links, live: Live) -> None:
        self._media = media
        self._links = links
        self._live = live

    @property
    def env(self) -> BuildEnv:
        return BuildEnv(self._links.url, self._live.message_settings)

    def extras(self, facts: Sequence[Fact]) -> Extras:
        """Keep the audio of each message left; blocking, but for a hard link only."""
        left = [fact for fact in facts if isinstance(fact, VoicemailLeft)]
        return Extras(
            [self._keep(fact) for fact in left],
            [email for fact in left if (email := self._email(fact))],
        )

    def _keep(self, fact: VoicemailLeft) -> NewMedia:
        event = voicemail.identify(fact)
        path = media_path(event, fact.at)
        keep(Path(fact.file + SUFFIX), self._media, path)
        return NewMedia(
            event=event,
            call=fact.call.id,
            path=path,
            token_hash=token_hash(self._links.token(event)),
            expires_at=fact.at + LINK_LIFETIME_MS,
        )

    def _email(self, fact: VoicemailLeft) -> NewEmail | None:
        settings = self._live.message_settings(fact.call.revision, fact.node)
        if settings is None:
            return None
        return voicemail.email(fact, settings, media_path(voicemail.identify(fact), fact.at))


def link_key(path: Path) -> bytes:
    """The key of all links, made at the first call; without it old links still work."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(file, "wb") as out:
            out.write(key)
        return key
