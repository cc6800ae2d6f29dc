"""Tells by email of endpoints that fail for long, and of those that are no longer sent to."""

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog
from msgspec import Struct

from hookswitch.mail.smtp import MailError, SmtpSettings, send
from hookswitch.model.delivery import EndpointRuntime
from hookswitch.model.ids import EndpointId, EventId, Ms
from hookswitch.model.instants import iso
from hookswitch.model.media import NewEmail
from hookswitch.store.alerts import Alert
from hookswitch.store.port import Store, StoreError

EVERY_S: Final = 30.0
CLAIM_MS: Final = 120_000
"""Longer than a mail server is waited for."""
STOPPED: Final = 1.0
STAGES: Final = (0.9, 0.5)
"""Parts of the failure budget that are told of."""

log = structlog.get_logger(__name__)


class Trouble(Struct, frozen=True):
    """An alert in words; its stage grows as it gets worse."""

    alert: Alert
    subject: str
    text: str


class EndpointAlerts:
    """Each stage of an endpoint's trouble is told once, by one of those that share the store.

    What was stopped before we started is left to those that saw it.
    """

    def __init__(
        self,
        store: Store,
        smtp: SmtpSettings,
        recipients: str,
        *,
        budget_ms: Ms,
        is_live: Callable[[EndpointId], bool],
        clock: Callable[[], Ms],
    ) -> None:
        self._store = store
        self._smtp = smtp
        self._recipients = recipients
        self._budget_ms = budget_ms
        self._is_live = is_live
        self._clock = clock
        self._before: set[EndpointId] | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self.look()
            except (StoreError, MailError) as error:
                log.warning("alerts.not_sent", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._stopping.wait()

    async def look(self) -> None:
        """Tell what is new; raises what kept it from being told, which is then tried again."""
        now = self._clock()
        runtimes = await self._store.endpoint_runtime()
        known = [one for one in runtimes if self._is_live(one.endpoint)]
        found = [trouble for one in known if (trouble := self._trouble(one, now))]
        stopped = {one.alert.endpoint for one in found if one.alert.stage == STOPPED}
        self._before = stopped if self._before is None else self._before & stopped
        for trouble in found:
            alert = trouble.alert
            if alert.endpoint in self._before:
                continue
            if await self._store.claim_alert(alert, now, now + CLAIM_MS):
                await self._tell_claimed(trouble)

    async def _tell_claimed(self, trouble: Trouble) -> None:
        try:
            await self._tell(trouble)
        except MailError:
            await self._store.end_alert(trouble.alert, told=False)
            raise
        await self._store.end_alert(trouble.alert, told=True)
        alert = trouble.alert
        log.info("alerts.sent", endpoint_id=alert.endpoint, stage=alert.stage)

    def _trouble(self, runtime: EndpointRuntime, now: Ms) -> Trouble | None:
        name = runtime.endpoint
        if runtime.state != "active":
            text = f"Its events wait and none is lost. Why: {runtime.reason}."
            alert = Alert(name, runtime.changed_at, STOPPED)
            return Trouble(alert, f"Webhook endpoint {name} is {runtime.state}", text)
        since = runtime.failing_since
        if since is None:
            return None
        for part in STAGES:
            if now - since >= part * self._budget_ms:
                text = (
                    f"No attempt has succeeded since {iso(since)}. Unless one does, the endpoint is"
                    f" paused at {iso(since + self._budget_ms)}; its events wait and none is lost."
                )
                return Trouble(Alert(name, since, part), f"Webhook endpoint {name} fails", text)
        return None

    async def _tell(self, trouble: Trouble) -> None:
        email = NewEmail(
            event=EventId(f"alert.{secrets.token_hex(8)}"),
            recipients=self._recipients,
            subject=f"Hookswitch: {trouble.subject}",
            message=f"{trouble.subject}. {trouble.text}\n",
            audio="",
            attach=False,
        )
        await send(email, self._smtp, Path())
