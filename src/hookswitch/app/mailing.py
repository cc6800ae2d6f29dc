"""The mail server, and what is told through it by whoever delivers."""

from contextlib import AsyncExitStack
from typing import Protocol

import structlog

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.live import Live
from hookswitch.app.settings import Settings
from hookswitch.app.tasks import Tasks
from hookswitch.app.webhooks.alerts import EndpointAlerts
from hookswitch.mail.smtp import SmtpSettings
from hookswitch.model.secret import Secret
from hookswitch.store.port import Store

log = structlog.get_logger(__name__)


class Delivers(Protocol):
    """A process that sends webhooks."""

    @property
    def settings(self) -> Settings: ...
    @property
    def store(self) -> Store: ...
    @property
    def live(self) -> Live: ...
    @property
    def tasks(self) -> Tasks: ...


def smtp_settings(settings: Settings) -> SmtpSettings | None:
    if not settings.smtp_host:
        return None
    return SmtpSettings(
        host=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_username,
        password=Secret(settings.smtp_password.get_secret_value()),
        tls=settings.smtp_tls,
        sender=settings.smtp_sender,
    )


async def run_alerts(process: Delivers, stack: AsyncExitStack) -> None:
    """If anybody is to be told."""
    settings, live, smtp = process.settings, process.live, smtp_settings(process.settings)
    if not settings.alert_email:
        return
    if smtp is None:
        log.warning("alerts.no_mail_server", mend="set smtp_host")
        return
    alerts = EndpointAlerts(
        process.store,
        smtp,
        settings.alert_email,
        budget_ms=round(settings.delivery_failing_hours * 3_600_000),
        is_live=lambda endpoint: live.resolve(endpoint, live.revision) is not None,
        clock=now_ms,
    )
    await process.tasks.run(stack, "alerts", alerts.run(), alerts.stop)
