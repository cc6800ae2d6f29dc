"""The product as it runs, with a provider's gateway and a receiver of webhooks."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from msgspec import Struct

from desk.slowness import slowed
from hookswitch.app.server import Server, running
from hookswitch.app.settings import Settings
from hookswitch.app.webhooks.listener import Listener, Received
from hookswitch.asterisk import process
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from hookswitch.phone import NOTHING, Phone

NAME, PASSWORD = "alex", "a-password-of-tests"
SIP_PASSWORD = "sip-password-of-tests"
CARRIER_HOST = "127.0.0.2"
TOKEN = "token-of-tests"
SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
NUMBER = "61300000000"


class Office(Struct, kw_only=True):
    """What is up; `code` is the one-time code of the first start."""

    server: Server
    listener: Listener
    received: list[Received]
    carrier: Phone
    code: str

    @property
    def url(self) -> str:
        return self.server.web.url

    def phone(self, username: str) -> Phone:
        sip = "127.0.0.1", self.server.supervisor.ports.sip
        return Phone(username, server=sip, password=SIP_PASSWORD, sound=NOTHING)

    def types(self, call: str = "") -> list[str]:
        return [
            str(one.document["type"])
            for one in self.received
            if call in {"", one.document["unique_call_id"]}
        ]

    async def receives(self, *types: str) -> list[Received]:
        """Wait until the receiver got all of these types."""
        await until(lambda: set(types) <= set(self.types()))
        return self.received


class Caller:
    """Uses the API as the console does."""

    def __init__(self, office: Office, http: aiohttp.ClientSession, csrf: str) -> None:
        self.office, self.http, self.csrf = office, http, csrf

    async def ask(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[Any, Mapping[str, str]]:
        headers = {"X-CSRF-Token": self.csrf, **headers}
        url = self.office.url + path
        async with self.http.request(method, url, json=body, headers=headers) as answer:
            assert answer.status < 300, await answer.text()
            return (await answer.json() if answer.content_type == "application/json" else None), (
                answer.headers
            )

    async def draw(self, **sections: Any) -> None:
        """Make this the draft."""
        _, headers = await self.ask("GET", "/api/draft")
        document = {**sections, "hookswitch": 1}
        await self.ask("PUT", "/api/draft", document, **{"If-Match": headers["ETag"]})

    async def apply(self, **sections: Any) -> None:
        """Make this live; nothing is done if it is already."""
        await self.draw(**sections)
        found, headers = await self.ask("GET", "/api/draft")
        assert not found["findings"], found["findings"]
        if found["changes"]:
            await self.ask(
                "POST", "/api/draft/apply", {"comment": ""}, **{"If-Match": headers["ETag"]}
            )


@asynccontextmanager
async def opened(data: Path, port: int = 0) -> AsyncIterator[Office]:
    """Everything running on free ports below `data`; nothing is left behind."""
    await install(ENGINE, default_prefix())
    said: list[str] = []
    received: list[Received] = []
    settings = Settings(data_dir=data, port=port, sip_port=0)
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(Listener(received.append))
        with slowed():
            server = await stack.enter_async_context(running(settings, say=said.append))
        sip = "127.0.0.1", server.supervisor.ports.sip
        async with Phone("carrier", CARRIER_HOST, server=sip, sound=NOTHING) as carrier:
            code = said[-1].rpartition(" ")[2]
            yield Office(
                server=server, listener=listener, received=received, carrier=carrier, code=code
            )
    left = [found for found, _ in process.having_argument(f"{data}/")]
    assert not left, f"left behind: {left}"


@asynccontextmanager
async def signed_in(office: Office, *, first: bool = False) -> AsyncIterator[Caller]:
    jar = aiohttp.CookieJar(unsafe=True)  # an address, not a name
    async with aiohttp.ClientSession(cookie_jar=jar) as http:
        path = "/api/setup" if first else "/api/session"
        body = {"name": NAME, "password": PASSWORD}
        given = {**body, "code": office.code} if first else body
        async with http.post(office.url + path, json=given) as answer:
            assert answer.status == 200, await answer.text()
            csrf = (await answer.json())["csrf"]
        yield Caller(office, http, csrf)


def sections(office: Office) -> dict[str, Any]:
    """Two users, the gateway, the receiver with every trigger; no flow."""
    return {
        "users": [user("Alice", "1001"), user("Bob", "1002")],
        "mailboxes": [{"box": "1001", "name": "Office", "pin": "4711"}],
        "trunks": [{"name": "carrier", "host": CARRIER_HOST, "port": office.carrier.address[1]}],
        "webhooks": [
            {
                "name": "crm",
                "url": f"{office.listener.url.rstrip('/')}/events",
                "secret_token": TOKEN,
                "signing_secret": SIGNING,
                "triggers": list(TICKED),
            }
        ],
        "allowed_networks": [{"network": "127.0.0.1/32", "ports": [office.listener.port]}],
    }


TICKED: Sequence[str] = (
    "user_inbound",
    "user_inbound_answered",
    "user_inbound_completed",
    "queue_call",
    "ring_group_call",
    "voicemail",
)


def user(name: str, extension: str) -> dict[str, Any]:
    device = {"username": extension, "password": SIP_PASSWORD}
    return {"name": name, "extension": extension, "devices": [device], "mailbox": "1001"}


def flow(office: Office, *, max_wait: int = 3) -> dict[str, Any]:
    """Number, queue, Webhook object on its timeout, voicemail."""
    webhook = {
        "url": f"{office.listener.url.rstrip('/')}/timeout",
        "secret_token": TOKEN,
        "signing_secret": SIGNING,
    }
    queue = {
        "members": [{"user": "1001"}],
        "join_when_empty": True,
        "leave_when_empty": False,
        "max_wait": max_wait,
    }
    objects = [
        {"id": "main", "kind": "number", "name": "Main number", "numbers": [NUMBER],
         "outputs": {"next": "support"}, "position": [0, 0]},
        {"id": "support", "kind": "queue", "name": "Support", **queue,
         "outputs": {"timeout": "missed"}, "position": [304, 0]},
        {"id": "missed", "kind": "webhook", "name": "Missed", **webhook,
         "outputs": {"next": "voicemail"}, "position": [608, 0]},
        {"id": "voicemail", "kind": "voicemail", "name": "Voicemail", "box": "1001",
         "position": [912, 0]},
    ]  # fmt: skip
    return {"name": "Office", "objects": objects}


async def until(check: Callable[[], bool], within: float = 20.0) -> None:
    """Wait for a condition; the bound is for a busy machine."""
    async with asyncio.timeout(within):
        while not check():
            await asyncio.sleep(0.05)
