"""Three `hookswitch worker` processes on one PostgreSQL: what one learns of an endpoint is shared.

Doubles: none but the node, whose part (committing events) is the test's own store. The receiver is
real and says how it answers; the workers are processes as operators start them.
"""

import asyncio
import base64
import re
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from msgspec import Struct

from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.revisions import Revisions
from hookswitch.app.configuration.submission import Submission
from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.config.check import parse_text
from hookswitch.model.delivery import NewDelivery
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.store.postgres import PostgresStore
from hookswitch.store.rows import Batch
from hookswitch.vault import Vault
from kit.command import Served, up
from kit.mailbox import Mailbox, mail_server
from kit.postgres import Cluster

NAMES = ("w1", "w2", "w3")
DELIVERING = re.compile(r"delivering; health and metrics at (http\S+)")
RATE = 10
OLD = EndpointId("old")
"""One that has failed for more than half of the time that it may when the workers start."""
SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
DOCUMENT = """\
hookswitch: 1
webhooks:
{webhooks}
allowed_networks:
  - {{network: 127.0.0.1/32, ports: [{port}]}}
"""
WEBHOOK = """\
  - name: {name}
    url: "http://127.0.0.1:{port}/{name}"
    secret_token: t0ken
    signing_secret: "{secret}"
    triggers: [voicemail]
    {more}
"""


class Receiver:
    """Answers each endpoint with what `statuses` says, after `delay_s`; keeps when each came."""

    def __init__(self) -> None:
        self.statuses: dict[str, int] = {}
        self.delay_s = 0.0
        self.came: dict[str, list[float]] = {"busy": [], "broken": [], "slow": []}
        self.under_way = 0
        self.most = 0

    async def answer(self, request: web.Request) -> web.Response:
        name = request.path.strip("/")
        self.came[name].append(time.monotonic())
        status = self.statuses.get(name, 200)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await asyncio.sleep(self.delay_s)
        finally:
            self.under_way -= 1
        return web.Response(status=status, headers={"Retry-After": "2"} if status == 429 else {})


class Site(Struct, kw_only=True):
    """The workers, what they send to, and the store they share."""

    store: PostgresStore
    receiver: Receiver
    workers: dict[str, Served]
    server: Cluster
    mailbox: Mailbox
    committed: int = 0

    async def commit(self, endpoint: str, count: int) -> None:
        """Each event is of a call of its own."""
        first, self.committed = self.committed, self.committed + count
        numbers = range(first, self.committed)
        events = [
            Event(
                id=EventId(f"evt_{n}"), type="voicemail", call=CallId(f"c{n}"), revision=1,
                at=now_ms(), body=b'{"type":"voicemail"}',
            )
            for n in numbers
        ]  # fmt: skip
        deliveries = [
            NewDelivery(event=event.id, endpoint=EndpointId(endpoint), call=event.call)
            for event in events
        ]
        batch = Batch(
            node="n1", cursor=Cursor(1, self.committed), events=events, deliveries=deliveries,
            at=now_ms(),
        )  # fmt: skip
        await self.store.commit(batch)

    async def held(self, endpoint: str) -> Ms | None:
        for runtime in await self.store.endpoint_runtime():
            if runtime.endpoint == endpoint:
                return runtime.held_until
        return None

    async def delivered(self, endpoint: str) -> int:
        rows = await self.store.deliveries(limit=10_000)
        return sum(row.endpoint == endpoint and row.state == "delivered" for row in rows)

    async def metrics(self, name: str) -> str:
        status, text = await get(self.workers[name].url + "/metrics")
        assert status == 200
        return text


async def get(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.text()


async def until(condition: Callable[[], object], within: float = 60.0) -> None:
    """The condition may be a coroutine function."""
    async with asyncio.timeout(within):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.02)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> AsyncIterator[Site]:
    place = tmp_path_factory.mktemp("workers")
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{name}", receiver.answer)
    async with AsyncExitStack() as stack:
        runner = web.AppRunner(app)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        listening = web.TCPSite(runner, "127.0.0.1", 0)
        await listening.start()
        port = runner.addresses[0][1]
        url = await stack.enter_async_context(postgres.database())
        store = await PostgresStore.open(url)
        stack.push_async_callback(store.close)
        await make_live(store, place / NAMES[0], port)
        long_ago = now_ms() - round(0.6 * Settings().delivery_failing_hours * 3_600_000)
        await store.set_endpoint_health(OLD, held_until=None, failing_since=long_ago)
        mailbox, smtp = await stack.enter_async_context(mail_server())
        told = {
            "HOOKSWITCH_DATABASE": url, "HOOKSWITCH_ALERT_EMAIL": "ops@example.com",
            "HOOKSWITCH_SMTP_HOST": smtp.host, "HOOKSWITCH_SMTP_PORT": str(smtp.port),
            "HOOKSWITCH_SMTP_TLS": smtp.tls, "HOOKSWITCH_SMTP_SENDER": smtp.sender,
        }  # fmt: skip
        workers = {}
        for name in NAMES:
            data = place / name
            data.mkdir(mode=0o700, exist_ok=True)
            if name != NAMES[0]:
                shutil.copy(DataDir(place / NAMES[0]).secrets_key, data)
            args = ("worker", "--data-dir", data)
            workers[name] = await stack.enter_async_context(
                up(*args, data=data, ready=DELIVERING, **told)
            )
        yield Site(
            store=store, receiver=receiver, workers=workers, server=postgres, mailbox=mailbox
        )


async def make_live(store: PostgresStore, place: Path, port: int) -> None:
    """As Apply on another machine leaves it."""
    data = DataDir(place)
    data.make()
    more = {"busy": "", "broken": "", OLD: "", "slow": f"max_per_second: {RATE}"}
    webhooks = "".join(
        WEBHOOK.format(name=name, port=port, more=also, secret=SECRET)
        for name, also in more.items()
    )
    document = parse_text(DOCUMENT.format(webhooks=webhooks, port=port))
    vault = Vault(data.secrets_key, store)
    await vault.check()
    _, ready = await Revisions(store, vault).prepare(Submission.of(document, "ada"))
    number = await store.stage_revision(ready.archive, "ada", now_ms())
    sealed = await vault.seal(ready.secrets, now_ms())
    await store.set_revision_live(number, now_ms(), secrets=sealed)


async def test_each_worker_tells_its_health_and_metrics(site: Site) -> None:
    for name in NAMES:
        status, text = await get(site.workers[name].url + "/healthz")
        assert (status, text) == (
            200, '{"ok":true,"parts":{"store":"ok","configuration":"ok","running":"ok"}}'
        )  # fmt: skip
        await until(lambda name=name: _says(site, name, "hookswitch_workers 3.0"))
    for path in ("/", "/api/calls", "/metrics/x"):
        assert (await get(site.workers["w1"].url + path))[0] == 404


async def _says(site: Site, name: str, line: str) -> bool:
    return line in await site.metrics(name)


async def test_one_workers_429_holds_the_endpoint_for_all(site: Site) -> None:
    came = site.receiver.came["busy"]
    site.receiver.statuses["busy"] = 429
    await site.commit("busy", 1)
    await until(lambda: site.held("busy"))
    site.receiver.statuses["busy"] = 200
    await site.commit("busy", 30)
    await until(lambda: _count(site, "busy", 30))
    assert came[1] - came[0] > 1.9, "nobody sent before what Retry-After asked for was over"


async def test_one_probe_of_three_workers_goes_to_a_broken_endpoint(site: Site) -> None:
    came, receiver = site.receiver.came["broken"], site.receiver
    receiver.statuses["broken"] = 500
    await site.commit("broken", 60)
    await until(lambda: site.held("broken"))
    await until(lambda: receiver.under_way == 0)
    before, receiver.most, receiver.delay_s = len(came), 0, 1.0
    await until(lambda: len(came) > before)
    assert (await site.held("broken") or 0) <= now_ms(), "not before the hold was over"
    await until(lambda: receiver.under_way == 0)
    assert (len(came), receiver.most) == (before + 1, 1)
    receiver.statuses["broken"], receiver.delay_s = 200, 0.0
    await until(lambda: _count(site, "broken", 60 - before - 1), within=120)


async def _count(site: Site, endpoint: str, at_least: int) -> bool:
    return await site.delivered(endpoint) >= at_least


async def test_a_rate_is_that_of_all_workers_together(site: Site) -> None:
    came, count = site.receiver.came["slow"], 40
    for name in NAMES:
        await until(lambda name=name: _says(site, name, "hookswitch_workers 3.0"))
    await site.commit("slow", count)
    await until(lambda: _count(site, "slow", count))
    burst = 3 * (RATE // 3 + 1)
    assert came[-1] - came[0] > (count - burst) / RATE - 0.3
    for name in NAMES:
        told = re.search(
            r'hookswitch_endpoint_attempts_total\{endpoint="slow",result="delivered"\} (\S+)',
            await site.metrics(name),
        )
        assert told is not None, "each had a part in it"


async def test_of_three_that_saw_it_fail_for_long_one_told_it(site: Site) -> None:
    """Each looks as it starts, and the mails of all would have come by now."""
    await until(lambda: site.mailbox.taken)
    for name in NAMES:
        assert (await get(site.workers[name].url + "/healthz"))[0] == 200
    [mail] = site.mailbox.taken
    assert "Subject: Hookswitch: Webhook endpoint old fails" in mail.content.decode()


async def test_a_worker_whose_database_is_gone_says_so(site: Site) -> None:
    """The last of the module: it stops the server."""
    site.server.kill()
    try:
        await until(lambda: _is_told(site, 503, "the database does not answer"))
        assert (await get(site.workers["w1"].url + "/metrics"))[0] == 503
    finally:
        site.server.start()
    await until(lambda: _is_told(site, 200, '"ok":true'))


async def _is_told(site: Site, status: int, text: str) -> bool:
    said = await get(site.workers["w1"].url + "/healthz")
    return said[0] == status and text in said[1]
