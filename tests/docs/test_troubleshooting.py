"""docs/guides/troubleshooting.md: each trouble is made on a running system and shows as told."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from msgspec import Struct

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from hookswitch.phone import CallFailed, Phone, PhoneError
from kit.api import cli
from kit.command import Served, serve

DOCS: Final = Path(__file__).parents[2] / "docs"
WITHIN_S: Final = 60.0
NUMBER: Final = "61300000000"
SECRETS: Final = (
    "secret_token: t, signing_secret: whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=,"
    " triggers: [user_inbound_completed]"
)
DOCUMENT: Final = """
hookswitch: 1
users:
  - {{name: Alice, extension: "1001", ring_time: 1,
     devices: [{{username: alice, password: alice-secret}}]}}
trunks:
  - {{name: provider, host: 127.0.0.2}}
  - {{name: away, host: 127.0.0.3, username: us, password: account-secret, registers: true}}
flows:
  - name: Office
    objects:
      - {{id: main, kind: number, name: Main, numbers: ["{number}"], outputs: {{next: alice}}}}
      - {{id: alice, kind: user, name: Alice, user: "1001"}}
webhooks:
  - {{name: private, url: "http://127.0.0.9:{port}/", {secrets}}}
  - {{name: nobody, url: "http://127.0.0.1:1/", {secrets}}}
  - {{name: doubts, url: "http://127.0.0.1:{port}/401", {secrets}}}
  - {{name: moved, url: "http://127.0.0.1:{port}/302", {secrets}}}
  - {{name: gone, url: "http://127.0.0.1:{port}/410", {secrets}}}
allowed_networks:
  - {{network: 127.0.0.1/32, ports: [1, {port}]}}
"""


class Office(Struct, frozen=True):
    served: Served

    def log(self, name: str) -> str:
        return (self.served.data / "engine/log" / name).read_text("utf-8", "replace")

    def has_logged(self, event: str) -> bool:
        return event in self.log("security")

    async def command(self, *words: str) -> str:
        done = await cli(*words, "--data-dir", self.served.data)
        assert done.exit_code == 0, done.output
        return done.stdout

    def phone(self, user: str, password: str, host: str = "127.0.0.1") -> Phone:
        return Phone(user, host, server=self.served.sip, password=password)


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while not true():
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    place = tmp_path_factory.mktemp("trouble")
    await install(ENGINE, default_prefix())

    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=int(request.path[1:]))

    app = web.Application()
    app.router.add_post("/{status}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    file = place / "office.yaml"
    file.write_text(DOCUMENT.format(port=port, secrets=SECRETS, number=NUMBER))
    async with serve(place / "data") as served:
        made = Office(served)
        await made.command("apply", str(file))
        yield made
    await runner.cleanup()


def asked() -> list[str]:
    """Every question to the engine that a page shows."""
    text = "\n".join(page.read_text("utf-8") for page in DOCS.rglob("*.md"))
    return sorted(set(re.findall(r"hookswitch engine ask ([a-z ]+[a-z])", text)))


@pytest.mark.parametrize("words", asked())
async def test_a_question_to_the_engine_is_one(words: str, office: Office) -> None:
    assert "No such command" not in await office.command("engine", "ask", *words.split())


async def test_a_phone_with_a_wrong_name_or_password(office: Office) -> None:
    for user, password in (("alcie", "alice-secret"), ("alice", "wrong-secret")):
        async with office.phone(user, password) as phone:
            with pytest.raises(PhoneError):
                await phone.register()
    async with office.phone("alice", "alice-secret") as phone:
        await phone.register()
        assert "alice" in await office.command("engine", "ask", "pjsip show contacts")
    for event in ("InvalidAccountID", "ChallengeResponseFailed", "SuccessfulAuth"):
        await until(partial(office.has_logged, event))


async def test_a_trunk_that_is_away(office: Office) -> None:
    said = await office.command("engine", "ask", "pjsip show registrations")
    assert re.search(r"away.*(Unregistered|Rejected)", said), said
    contacts = await office.command("engine", "ask", "pjsip show contacts")
    assert re.search(r"127\.0\.0\.3.* (Unavail|NonQual)", contacts), contacts


async def test_a_call_from_an_address_that_no_trunk_has(office: Office) -> None:
    async with office.phone("61400000001", "", host="127.0.0.44") as stranger:
        call = await stranger.call(NUMBER)
        with pytest.raises(CallFailed):
            await call.answered()
    await until(lambda: "No matching endpoint found" in office.log("messages"))


async def test_health_names_its_parts(office: Office) -> None:
    parts = await office.served.parts()
    assert {"engine", "configuration", "store", "disk", "journal"} <= set(parts)


async def test_webhooks_that_do_not_arrive(office: Office) -> None:
    await cli("phone", "call", NUMBER, "--trunk", "provider", "--data-dir", office.served.data)
    wanted = {"private": "blocked", "nobody": "connect", "doubts": "401", "moved": "302"}
    rows: dict[str, str] = {}
    async with asyncio.timeout(WITHIN_S):
        while not wanted.items() <= rows.items():
            said = await office.command("deliveries", "list")
            lines = [line.split() for line in said.splitlines()[1:]]
            rows = {name: line[-1] for line in lines for name in wanted if name in line}
    endpoints = (await office.command("endpoints", "list")).splitlines()
    assert any(line.split()[:2] == ["gone", "disabled"] for line in endpoints), endpoints
