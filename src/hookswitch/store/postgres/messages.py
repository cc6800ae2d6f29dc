"""Kept audio and queued emails on PostgreSQL; the statements are in messages.sql."""

from collections.abc import Sequence
from typing import Final

from hookswitch.model.delivery import Claim
from hookswitch.model.ids import EventId, Ms
from hookswitch.model.media import LINK_LIFETIME_MS, EmailClaim, Media, NewEmail
from hookswitch.store.postgres.database import Connection, Database, Row
from hookswitch.store.queries import load_queries
from hookswitch.store.rows import Batch

SQL: Final = load_queries("hookswitch.store.postgres", "messages.sql")

WITH_LINKS: Final = frozenset({"voicemail", "recording_inbound", "recording_outbound"})


async def save(connection: Connection, batches: Sequence[Batch]) -> None:
    """Write what batches keep; what is already there is left as it is."""
    media = [
        (m.event, m.call, m.path, m.token_hash, batch.at, m.expires_at)
        for batch in batches
        for m in batch.media
    ]
    emails = [
        (
            *(e.event, e.recipients, e.subject, e.message, e.audio, e.attach, e.delete_from),
            batch.at,
        )
        for batch in batches
        for e in batch.emails
    ]
    await connection.executemany(SQL["save_media"], media)
    await connection.executemany(SQL["save_email"], emails)


async def prolong(database: Database, claims: Sequence[Claim], now: Ms) -> None:
    """Each attempt to deliver an event gives its link a full life again."""
    events = [claim.event for claim in claims if claim.type in WITH_LINKS]
    if events:
        await database.run(SQL["prolong_media"], events, now + LINK_LIFETIME_MS)


class Messages:
    """The part of the store that `media` and `mail` use."""

    _db: Database
    node: str | None

    async def media_by_token(self, token_hash: str, now: Ms) -> Media | None:
        row = await self._db.row(SQL["media_by_token"], token_hash, now)
        return Media(**row) if row else None

    async def media_of(self, event: EventId) -> Media | None:
        row = await self._db.row(SQL["media_of"], event)
        return Media(**row) if row else None

    async def revoke_media(self, event: EventId) -> bool:
        return await self._db.run(SQL["revoke_media"], event) > 0

    async def next_email(self, now: Ms) -> EmailClaim | None:
        row = await self._db.row(SQL["next_email"], now, self.node)
        return _email(row) if row else None

    async def email_sent(self, event: EventId, now: Ms) -> None:
        await self._db.run(SQL["email_sent"], event, now)

    async def email_failed(self, event: EventId, due_at: Ms | None, error: str) -> None:
        await self._db.run(SQL["email_failed"], event, due_at, error)

    async def emails_waiting(self) -> int:
        return int(await self._db.value(SQL["emails_waiting"]))


def _email(row: Row) -> EmailClaim:
    values = dict(row)
    failures = values.pop("failures")
    return EmailClaim(email=NewEmail(**values), failures=failures)
