"""Messages and recordings as they are complete: audio kept, emails queued, links made."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog
from msgspec import Struct

from hookswitch.app.configuration.live import Live
from hookswitch.events import recording, voicemail
from hookswitch.media import recordings
from hookswitch.media.keep import SUFFIX, keep, media_path, message_path
from hookswitch.media.links import Links, token_hash
from hookswitch.media.prompts import Prompts
from hookswitch.model.facts import (
    CallInfo,
    Fact,
    PromptRecorded,
    RecordingClosed,
    VoicemailLeft,
)
from hookswitch.model.ids import EventId
from hookswitch.model.media import LINK_LIFETIME_MS, BuildEnv, NewEmail, NewMedia

log = structlog.get_logger(__name__)


class Extras(Struct, frozen=True):
    """What is committed with the events of a batch."""

    media: Sequence[NewMedia] = ()
    emails: Sequence[NewEmail] = ()


class MessageKeeper:
    """Acts on the facts of a batch before it is committed; doing it again changes nothing.

    `media` is where audio is kept, `monitor` where the engine writes recordings. Without `mails`
    no email is queued: nobody would ever send it.
    """

    def __init__(
        self,
        media: Path,
        monitor: Path,
        links: Links,
        live: Live,
        prompts: Prompts,
        *,
        mails: bool,
    ) -> None:
        self._media = media
        self._monitor = monitor
        self._links = links
        self._live = live
        self._prompts = prompts
        self._mails = mails

    @property
    def env(self) -> BuildEnv:
        return BuildEnv(self._links.url, self._live.message_settings)

    async def sift(self, facts: Sequence[Fact]) -> Sequence[Fact]:
        """Keep recordings, and prompts; a recording of which there is no audio is left out."""
        for fact in facts:
            if isinstance(fact, PromptRecorded) and self._prompts.take(fact.name, fact.file):
                log.info("prompt.recorded", prompt=fact.name, call_id=fact.call.id)
        return [
            fact
            for fact in facts
            if not isinstance(fact, RecordingClosed)
            or await asyncio.to_thread(self._keep_recording, fact)
        ]

    def extras(self, facts: Sequence[Fact]) -> Extras:
        """Keep the audio of each message left; blocking, but for a hard link only."""
        left = [fact for fact in facts if isinstance(fact, VoicemailLeft)]
        closed = [fact for fact in facts if isinstance(fact, RecordingClosed)]
        media = [*map(self._keep_message, left), *map(self._recording, closed)]
        emails = [*map(self._message_email, left), *map(self._recording_email, closed)]
        return Extras(media, self._queued([email for email in emails if email is not None]))

    def _queued(self, emails: Sequence[NewEmail]) -> Sequence[NewEmail]:
        if self._mails:
            return emails
        for email in emails:
            log.warning("mail.no_server", event_id=email.event, mend="set smtp_host")
        return ()

    def committed(self, facts: Sequence[Fact]) -> None:
        """Remove what the engine wrote and what is now kept elsewhere."""
        for fact in facts:
            if isinstance(fact, RecordingClosed):
                self._remove(fact)

    def _remove(self, fact: RecordingClosed) -> None:
        source = self._monitor / fact.recording.id
        if (self._media / _recording_path(fact)).exists() or not recordings.is_audible(source):
            recordings.remove(source)

    def _keep_message(self, fact: VoicemailLeft) -> NewMedia:
        event = voicemail.identify(fact)
        path = message_path(event, fact.at)
        keep(Path(fact.file + SUFFIX), self._media, path)
        return self._media_of(event, fact.call, path, fact.at)

    def _message_email(self, fact: VoicemailLeft) -> NewEmail | None:
        settings = self._live.message_settings(fact.call.revision, fact.node)
        if settings is None:
            return None
        return voicemail.email(fact, settings, message_path(voicemail.identify(fact), fact.at))

    def _keep_recording(self, fact: RecordingClosed) -> bool:
        source, path = self._monitor / fact.recording.id, _recording_path(fact)
        if (self._media / path).exists():
            return True
        if not recordings.is_audible(source):
            log.warning("recording.empty", call_id=fact.call.id, file=source.name)
            return False
        keep(recordings.whole(source), self._media, path)
        return True

    def _recording(self, fact: RecordingClosed) -> NewMedia:
        return self._media_of(recording.identify(fact), fact.call, _recording_path(fact), fact.at)

    def _recording_email(self, fact: RecordingClosed) -> NewEmail | None:
        settings = self._live.message_settings(fact.call.revision, fact.recording.by)
        if settings is None:
            return None
        link = self._links.url(recording.identify(fact))
        return recording.email(fact, settings, _recording_path(fact), link)

    def _media_of(self, event: EventId, call: CallInfo, path: str, at: int) -> NewMedia:
        return NewMedia(
            event=event,
            call=call.id,
            path=path,
            token_hash=token_hash(self._links.token(event)),
            expires_at=at + LINK_LIFETIME_MS,
        )


def _recording_path(fact: RecordingClosed) -> str:
    return media_path(recording.identify(fact), fact.at, Path(fact.recording.id).suffix)
