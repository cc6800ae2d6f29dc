"""What people are told of an endpoint: one of those that share the store tells it, once."""

import asyncio

import pytest
from msgspec.structs import replace
from store_builders import START

from hookswitch.app.webhooks.alerts import CLAIM_MS, EndpointAlerts
from hookswitch.mail.smtp import MailError
from hookswitch.model.ids import EndpointId
from hookswitch.store.alerts import Alert
from hookswitch.store.port import Store
from hookswitch.store.postgres import PostgresStore
from kit.mailbox import mail_server

HALF = Alert(EndpointId("crm"), START, 0.5)
HOUR = 3_600_000


async def claims(store: Store, alert: Alert, now: int = START) -> bool:
    return await store.claim_alert(alert, now, now + 1000)


async def test_one_of_many_has_it(store: Store) -> None:
    assert sum(await asyncio.gather(*(claims(store, HALF) for _ in range(20)))) == 1
    await store.end_alert(HALF, told=True)
    assert not await claims(store, HALF, START + 10 * HOUR)
    assert await claims(store, replace(HALF, endpoint=EndpointId("desk")))


async def test_what_is_worse_and_what_is_new_are_told_again(store: Store) -> None:
    for alert in (HALF, replace(HALF, stage=0.9), replace(HALF, trouble=START + HOUR)):
        assert await claims(store, alert)
        await store.end_alert(alert, told=True)
        assert not await claims(store, alert)
    assert not await claims(store, replace(HALF, stage=0.9)), "it is over"


async def test_what_could_not_be_told_is_free_at_once(store: Store) -> None:
    assert await claims(store, HALF)
    await store.end_alert(HALF, told=False)
    assert await claims(store, HALF)


async def test_what_a_killed_process_had_is_free_when_its_time_is_over(store: Store) -> None:
    assert await claims(store, HALF)
    assert not await claims(store, HALF, START + 999)
    assert await claims(store, HALF, START + 1000)


async def test_one_that_ends_late_does_not_end_what_is_worse(store: Store) -> None:
    assert await claims(store, HALF)
    worse = replace(HALF, stage=0.9)
    assert await claims(store, worse)
    await store.end_alert(HALF, told=False)
    assert not await claims(store, worse)


async def test_two_workers_of_one_database_send_one_email(url: str) -> None:
    stores = [await PostgresStore.open(url) for _ in range(2)]
    await stores[0].set_endpoint_health(HALF.endpoint, held_until=None, failing_since=START)
    now = START + 6 * HOUR
    async with mail_server() as (mailbox, smtp):
        workers = [
            EndpointAlerts(
                store, smtp, "ops@example.com", budget_ms=10 * HOUR,
                is_live=lambda _: True, clock=lambda: now,
            )
            for store in stores
        ]  # fmt: skip
        mailbox.answer = "451 later"
        ended = await asyncio.gather(*(one.look() for one in workers), return_exceptions=True)
        assert MailError in map(type, ended)
        assert mailbox.taken == []
        mailbox.answer = "250 OK"
        for later in (now, now + CLAIM_MS, now + HOUR):
            now = later
            await asyncio.gather(*(one.look() for one in workers))
            assert len(mailbox.taken) == 1
        now = START + 9 * HOUR
        await asyncio.gather(*(one.look() for one in workers))
        assert len(mailbox.taken) == 2
    for store in stores:
        await store.close()


@pytest.mark.parametrize("told", [True, False])
async def test_the_end_of_what_nobody_claimed_is_nothing(store: Store, told: bool) -> None:
    await store.end_alert(HALF, told=told)
    assert await claims(store, HALF)
