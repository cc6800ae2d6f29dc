"""For how long what was is kept: what the document says, else the server's settings."""

from msgspec import Struct

from hookswitch.app.settings import Settings
from hookswitch.config.document import Document


class Limits(Struct, frozen=True, kw_only=True):
    """Days, 0 for good; `deliveries_days` 0 is as long as their calls."""

    history_days: int
    deliveries_days: int
    recordings_days: int
    voicemail_days: int
    audio_mb: int


def limits_of(settings: Settings, document: Document) -> Limits:
    said = document.retention
    return Limits(
        history_days=_first(said.history_days, settings.history_keep_days),
        deliveries_days=_first(said.deliveries_days, 0),
        recordings_days=_first(said.recordings_days, settings.media_keep_days),
        voicemail_days=_first(said.voicemail_days, settings.media_keep_days),
        audio_mb=_first(said.audio_mb, settings.media_keep_mb),
    )


def _first(said: int | None, otherwise: int) -> int:
    return otherwise if said is None else said
