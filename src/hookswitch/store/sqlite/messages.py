"""Kept audio and queued emails on SQLite; the statements are in messages.sql."""

from collections.abc import Sequence
from sqlite3 import Connection
from typing import Any, Final

import msgspec

from hookswitch.model.delivery import Claim
from hookswitch.model.ids import EventId, Ms
from hookswitch.model.media import LINK_LIFETIME_MS, EmailClaim, Media, NewEmail
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import Batch
from hookswitch.store.sqlite.database import Database

SQL: Final = load_queries("hookswitch.store.sqlite", "messages.sql")

WITH_LINKS: Final = frozenset({"voicemail", "recording_inbound", "recording_outbound"})


def save(db: Connection, batch: Batch) -> None:
    """Write what a batch keeps; what is already there is left as it is."""
    at = {"at": batch.at}
    for media in batch.media:
        db.execute(SQL["save_media"], msgspec.structs.asdict(media) | at)
    for email in batch.emails:
        db.execute(SQL["save_email"], msgspec.structs.asdict(email) | at)


def prolong(db: Connection, claims: Sequence[Claim], now: Ms) -> None:
    """Each attempt to deliver an event gives its link a full life again."""
    linked = [claim.event for claim in claims if claim.type in WITH_LINKS]
    if linked:
        events = msgspec.json.encode(linked).decode()
        db.execute(SQL["prolong_media"], {"events": events, "expires_at": now + LINK_LIFETIME_MS})


class Messages:
    """The part of the store that `media` and `mail` use."""

    _db: Database

    async def media_by_token(self, token_hash: str, now: Ms) -> Media | None:
        wanted = {"token_hash": token_hash, "now": now}
        return await self._db.read(lambda db: _media(db, "media_by_token", wanted))

    async def media_of(self, event: EventId) -> Media | None:
        return await self._db.read(lambda db: _media(db, "media_of", {"event": event}))

    async def revoke_media(self, event: EventId) -> bool:
        return await self._db.write(
            lambda db: db.execute(SQL["revoke_media"], {"event": event}).rowcount > 0
        )

    async def next_email(self, now: Ms) -> EmailClaim | None:
        def work(db: Connection) -> EmailClaim | None:
            row = db.execute(SQL["next_email"], {"now": now}).fetchone()
            return EmailClaim(email=_email(row[:-1]), failures=row[-1]) if row else None

        return await self._db.read(work)

    async def email_sent(self, event: EventId, now: Ms) -> None:
        await self._write("email_sent", {"event": event, "now": now})

    async def email_failed(self, event: EventId, due_at: Ms | None, error: str) -> None:
        await self._write("email_failed", {"event": event, "due_at": due_at, "error": error})

    async def emails_waiting(self) -> int:
        return await self._db.read(lambda db: int(db.execute(SQL["emails_waiting"]).fetchone()[0]))

    async def _write(self, query: str, values: dict[str, object]) -> None:
        await self._db.write(lambda db: db.execute(SQL[query], values).rowcount)


def _media(db: Connection, query: str, wanted: dict[str, object]) -> Media | None:
    row = db.execute(SQL[query], wanted).fetchone()
    if row is None:
        return None
    values = dict(zip(Media.__struct_fields__, row, strict=True))
    return Media(**values | {"revoked": bool(values["revoked"])})


def _email(row: tuple[Any, ...]) -> NewEmail:
    values = dict(zip(NewEmail.__struct_fields__, row, strict=True))
    return NewEmail(**values | {"attach": bool(values["attach"])})
