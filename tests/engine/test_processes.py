"""Nodes, workers and web processes apart, on one PostgreSQL database.

All are processes of their own, as operators start them; calls are real. One database and its
processes serve the whole module.
"""

import asyncio
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from msgspec import Struct

from hookswitch.app.demo import example
from hookswitch.app.webhooks.listener import Listener, Received
from hookswitch.phone import NOTHING, CallFailed, Phone
from hookswitch.phone.behaviour import answer_after, ring_only
from kit.command import READY, Served, run, up
from kit.postgres import Cluster
from kit.stream import watching
from kit.web import Browser, bearer

CARRIER_HOST = "127.0.0.2"
ANSWERED = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]
DELIVERING = re.compile("(delivering)")


class Site(Struct, kw_only=True):
    """Two nodes, two workers, one web process, and what they talk to."""

    place: Path
    url: str
    document: Path
    accounts: example.Accounts
    received: list[Received]
    carrier: Phone
    receiver_port: int
    nodes: list[Served] = []
    workers: list[Served] = []
    web: Served | None = None
    whole: Served | None = None
    """A `hookswitch serve` beside them."""

    def data(self, name: str) -> Path:
        """A data directory, as of another machine, with a copy of the key file."""
        path = self.place / name
        path.mkdir(mode=0o700, exist_ok=True)
        key = self.place / "n1" / "secrets.key"
        if key.exists() and not (path / key.name).exists():
            shutil.copy(key, path)
        return path

    async def call(self, node: Served, alice: Phone) -> list[str]:
        """An answered call through a node; gives the types of its webhooks once they are in."""
        skip = len(self.received)
        uri = f"sip:{example.NUMBER}@127.0.0.1:{node.sip[1]}"
        call = await self.carrier.call(uri, name=example.CALLER_NAME, caller=example.CALLER)
        await call.answered()
        await call.hang_up()
        async with asyncio.timeout(60):
            while len(self.received) < skip + len(ANSWERED):
                await asyncio.sleep(0.05)
        return [each.document["type"] for each in self.received[skip:]]

    def alice(self, node: Served) -> Phone:
        password = self.accounts.alice_password
        phone = Phone("1001", server=node.sip, password=password, sound=NOTHING)
        phone.on_call = answer_after(0.1)
        return phone


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, postgres: Cluster) -> AsyncIterator[Site]:
    place = tmp_path_factory.mktemp("site")
    received: list[Received] = []
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(postgres.database())
        listener = await stack.enter_async_context(Listener(received.append))
        carrier = await stack.enter_async_context(Phone("carrier", CARRIER_HOST, sound=NOTHING))
        accounts = example.make_accounts()
        document = place / "office.yaml"
        document.write_text(
            example.document(accounts, carrier_port=carrier.address[1], receiver_port=listener.port)
        )
        made = Site(
            place=place, url=url, document=document, accounts=accounts, received=received,
            carrier=carrier, receiver_port=listener.port,
        )  # fmt: skip

        async def begin(command: str, name: str, ready: re.Pattern[str] = READY) -> Served:
            data = made.data(name)
            extra = {"serve": ("--node", name, "--sip-port", "0", "--port", "0"),
                     "node": ("--node", name, "--sip-port", "0", "--port", "0"),
                     "web": ("--port", "0"), "worker": ()}[command]  # fmt: skip
            args = (command, "--data-dir", data, *extra)
            return await stack.enter_async_context(
                up(*args, data=data, ready=ready, HOOKSWITCH_DATABASE=url)
            )

        made.nodes.append(await begin("node", "n1"))
        applied = await run("apply", document, "--data-dir", place / "n1")
        assert applied.code == 0, applied.err
        made.nodes.append(await begin("node", "n2"))
        made.workers = [await begin("worker", name, DELIVERING) for name in ("w1", "w2")]
        made.web = await begin("web", "www")
        made.whole = await begin("serve", "n3")
        yield made


async def test_calls_through_each_node_are_delivered_by_the_workers(site: Site) -> None:
    for node in site.nodes:
        async with site.alice(node) as alice:
            await alice.register()
            assert await site.call(node, alice) == ANSWERED
    ids = {each.document["unique_call_id"][:2] for each in site.received}
    assert ids == {"n1", "n2"}


async def test_the_live_view_of_the_web_process_tells_of_all_others(site: Site) -> None:
    """A node's calls with their objects, and a worker's deliveries."""
    assert site.web is not None
    node = site.nodes[1]
    async with (
        Browser(site.web.url, bearer(site.web.token)) as browser,
        watching(browser) as stream,
        site.alice(node) as alice,
    ):
        await alice.register()
        alice.on_call = ring_only()
        uri = f"sip:{example.NUMBER}@127.0.0.1:{node.sip[1]}"
        call = await site.carrier.call(uri, caller=example.CALLER)
        arrived = await stream.next("call")
        assert (arrived["state"], arrived["caller"]["number"]) == ("arrived", example.CALLER)
        assert arrived["call"].startswith("n2")
        while (await stream.next("object"))["object"] != "alice":
            pass
        async with watching(browser, calls=[arrived["call"]]) as later:
            assert (await later.next("object"))["call"] == arrived["call"]
        await call.hang_up()
        missing = {"ended", "user_inbound_completed"}
        while missing:
            kind, told = await stream.any("call", "delivery")
            missing.discard(told["state"] if kind == "call" else told["type"])


async def test_what_is_applied_on_the_web_is_taken_up_by_every_node(site: Site) -> None:
    assert site.web is not None
    before = (await site.web.get("/api/configuration"))["revision"]
    text = site.document.read_text().replace("name: Alice", "name: Alicia")
    changed = site.place / "changed.yaml"
    changed.write_text(text)
    applied = await run("apply", changed, "--data-dir", site.web.data)
    assert applied.code == 0, applied.err
    for node in site.nodes:
        async with asyncio.timeout(60):
            while (await node.get("/api/configuration"))["revision"] == before:
                await asyncio.sleep(0.05)
        assert (await node.parts())["configuration"] == "ok"
    node = site.nodes[1]
    async with site.alice(node) as alice:
        await alice.register()
        assert await site.call(node, alice) == ANSWERED
    assert site.received[-1].document["user_name"] == "Alicia"


async def test_a_worker_that_is_killed_is_replaced_by_the_other(site: Site) -> None:
    site.workers[0].process.kill()
    node = site.nodes[0]
    async with site.alice(node) as alice:
        await alice.register()
        assert await site.call(node, alice) == ANSWERED


async def test_a_second_node_of_the_same_name_is_refused(site: Site) -> None:
    ended = await run(
        *("node", "--data-dir", site.data("copy"), "--node", "n1"),
        *("--port", "0", "--sip-port", "0"),
        HOOKSWITCH_DATABASE=site.url,
    )
    assert ended.code == 1
    assert "another process is the node 'n1' of this database" in ended.err


async def test_a_process_without_the_key_file_says_so(site: Site) -> None:
    bare = site.place / "bare"
    ended = await run("worker", "--data-dir", bare, HOOKSWITCH_DATABASE=site.url)
    assert ended.code == 1
    assert "secrets.key is missing" in ended.err
    assert "copy it from the machine that has it" in ended.err


@pytest.mark.parametrize("command", ["node", "worker", "web"])
async def test_processes_apart_need_a_shared_database(command: str, tmp_path: Path) -> None:
    ended = await run(command, "--data-dir", tmp_path / "d")
    assert ended.code == 1
    assert "set `database` (HOOKSWITCH_DATABASE) to postgresql://" in ended.err
    assert "Traceback" not in ended.err


async def test_all_in_one_process_works_beside_the_others(site: Site) -> None:
    assert site.whole is not None
    async with site.alice(site.whole) as alice:
        await alice.register()
        assert await site.call(site.whole, alice) == ANSWERED


async def test_a_call_that_waits_hears_of_its_answer(site: Site) -> None:
    """The answer comes to a worker in another process."""
    number = "61300000009"
    document = f"""
  - name: Waits
    objects:
      - {{id: asks, kind: number, name: Asks, numbers: ["{number}"], outputs: {{next: ask}}}}
      - id: ask
        kind: webhook
        name: Ask
        url: http://127.0.0.1:{site.receiver_port}/ask
        secret_token: t
        signing_secret: {site.accounts.signing_secret}
        wait: true
        time_limit: 10
        outputs: {{success: busy, timeout: congestion}}
      - {{id: busy, kind: hang_up, name: Busy, cause: busy}}
      - {{id: congestion, kind: hang_up, name: Congestion, cause: congestion}}
"""
    text = site.document.read_text()
    end = text.index("\nwebhooks:")
    changed = site.place / "waits.yaml"
    changed.write_text(text[:end] + document + text[end:])
    node = site.nodes[0]
    applied = await run("apply", changed, "--data-dir", node.data)
    assert applied.code == 0, applied.err
    call = await site.carrier.call(f"sip:{number}@127.0.0.1:{node.sip[1]}")
    with pytest.raises(CallFailed):
        await call.answered()
    assert call.final_status == 486
