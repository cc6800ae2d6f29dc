"""Emails about endpoints: real SMTP and a real store, with a clock of our own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from hookswitch.app.settings import SettingsError, load_settings
from hookswitch.app.webhooks.alerts import EndpointAlerts
from hookswitch.mail.smtp import MailError, SmtpSettings
from hookswitch.model.ids import EndpointId, Ms
from hookswitch.store.sqlite import SqliteStore
from kit.mailbox import Mailbox, mail_server

HOUR: Ms = 3_600_000
START: Ms = 1_790_868_675_000
CRM = EndpointId("crm")


class Site:
    """A store, alerts on it, and the mailbox they reach; `now` is the time."""

    def __init__(self, store: SqliteStore, mailbox: Mailbox, smtp: SmtpSettings) -> None:
        self.store, self.mailbox, self.now = store, mailbox, START
        self._smtp = smtp
        self.alerts = self.started()

    def started(self) -> EndpointAlerts:
        return EndpointAlerts(
            self.store,
            self._smtp,
            "ops@example.com, duty@example.com",
            budget_ms=10 * HOUR,
            is_live=lambda endpoint: endpoint == CRM,
            clock=lambda: self.now,
        )

    async def fails_since(self, since: Ms | None, endpoint: EndpointId = CRM) -> None:
        await self.store.set_endpoint_health(endpoint, held_until=None, failing_since=since)

    async def told(self, after_hours: float) -> list[str]:
        """Look at that time; what was told anew."""
        self.now, before = START + round(after_hours * HOUR), len(self.mailbox.taken)
        await self.alerts.look()
        came = self.mailbox.taken[before:]
        return [mail.content.decode().replace("=\r\n", "") for mail in came]


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    store = await SqliteStore.open(tmp_path / "store.db")
    async with mail_server() as (mailbox, smtp):
        yield Site(store, mailbox, smtp)
    await store.close()


async def test_half_and_nine_tenths_of_the_budget_and_the_pause_are_told_once(site: Site) -> None:
    await site.fails_since(START)
    assert await site.told(4.9) == []
    (half,) = await site.told(5)
    assert "Subject: Hookswitch: Webhook endpoint crm fails" in half
    assert "succeeded since 2026-10-01T15:31:15.000Z" in half
    assert site.mailbox.taken[0].rcpt_tos == ["ops@example.com", "duty@example.com"]
    assert await site.told(5.5) == []
    assert len(await site.told(9)) == 1
    assert await site.told(9.5) == []
    await site.store.set_endpoint_state(CRM, "paused", "nothing was delivered for 10 hours", START)
    (paused,) = await site.told(10)
    assert "crm is paused" in paused
    assert "nothing was delivered for 10 hours" in paused
    assert await site.told(11) == []


async def test_a_success_in_between_begins_anew(site: Site) -> None:
    await site.fails_since(START)
    assert len(await site.told(6)) == 1
    await site.fails_since(None)
    assert await site.told(7) == []
    await site.fails_since(START + 7 * HOUR)
    assert await site.told(8) == []
    assert len(await site.told(12)) == 1


async def test_what_could_not_be_sent_is_told_later(site: Site) -> None:
    await site.fails_since(START)
    site.mailbox.answer = "451 later"
    with pytest.raises(MailError):
        await site.told(6)
    site.mailbox.answer = "250 OK"
    assert len(await site.told(6.1)) == 1


async def test_after_a_start_what_fails_is_told_and_what_was_stopped_is_not(site: Site) -> None:
    await site.store.set_endpoint_state(CRM, "disabled", "by hand", START)
    assert await site.told(1) == []
    await site.store.set_endpoint_state(CRM, "active", "", START)
    await site.fails_since(START)
    site.alerts = site.started()
    assert len(await site.told(6)) == 1


async def test_what_is_no_longer_in_the_configuration_is_not_told(site: Site) -> None:
    await site.fails_since(START, EndpointId("removed"))
    assert await site.told(9.9) == []


@pytest.mark.parametrize("address", ["nobody", "a@b;c@d", "a@b\nBcc: x@y", "a@b, ", "a b@c"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="alert_email"):
        load_settings(alert_email=address)
