"""Sends queued emails until stopped."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final, Literal

import structlog

from hookswitch.mail.smtp import MailError, SmtpSettings, send
from hookswitch.model.ids import Ms
from hookswitch.model.media import EmailClaim, NewEmail
from hookswitch.store.port import MailStore, StoreError

LADDER_MS: Final = (60_000, 300_000, 1_800_000, 7_200_000, 43_200_000)
POLL_S: Final = 5.0
Result = Literal["sent", "put_off", "failed"]

log = structlog.get_logger(__name__)


class MailWorker:
    """One email at a time; what is not taken is tried again, at last kept as failed."""

    def __init__(
        self,
        store: MailStore,
        settings: SmtpSettings | None,
        media: Path,
        clock: Callable[[], Ms],
        on_sent: Callable[[NewEmail], Awaitable[None]],
        *,
        on_result: Callable[[Result], None],
    ) -> None:
        self._store = store
        self._settings = settings
        self._media = media
        self._clock = clock
        self._on_sent = on_sent
        self._on_result = on_result
        self._wake = asyncio.Event()
        self._stopping = False

    def wake(self) -> None:
        self._wake.set()

    def stop(self) -> None:
        self._stopping = True
        self._wake.set()

    async def run(self) -> None:
        while not self._stopping:
            self._wake.clear()
            try:
                busy = await self._round()
            except StoreError as error:
                log.warning("mail.store_failed", error=str(error))
                busy = False
            if not busy:
                await self._rest()

    async def _round(self) -> bool:
        if self._settings is None:
            return False
        claim = await self._store.next_email(self._clock())
        if claim is None:
            return False
        await self._attempt(claim, self._settings)
        return True

    async def _attempt(self, claim: EmailClaim, settings: SmtpSettings) -> None:
        email = claim.email
        try:
            await send(email, settings, self._media)
        except MailError as error:
            due = self._due(claim, error)
            await self._store.email_failed(email.event, due, str(error))
            log.warning("mail.failed", event_id=email.event, error=str(error), again_at=due)
            self._on_result("failed" if due is None else "put_off")
            return
        await self._store.email_sent(email.event, self._clock())
        log.info("mail.sent", event_id=email.event)
        self._on_result("sent")
        await self._on_sent(email)

    def _due(self, claim: EmailClaim, error: MailError) -> Ms | None:
        if error.permanent or claim.failures >= len(LADDER_MS):
            return None
        return self._clock() + LADDER_MS[claim.failures]

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(POLL_S):
                await self._wake.wait()
        except TimeoutError:
            pass
