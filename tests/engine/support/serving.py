"""The product as it runs: one server with its engine, a receiver, and a provider's gateway."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from msgspec import Struct
from support.desk import DeskPhone
from support.receiver import Receiver

from hookswitch.app.server import Server, running
from hookswitch.app.settings import Settings
from hookswitch.asterisk import process
from hookswitch.asterisk.control import command
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from hookswitch.config.check import parse_text
from hookswitch.phone import NOTHING, Phone, Sound
from hookswitch.phone.address import Address
from hookswitch.store.port import Store
from hookswitch.store.rows import DeliveryFilter

CARRIER_HOST = "127.0.0.2"
GATEWAY_HOST = "127.0.0.4"
SIPP_HOST = "127.0.0.3"
NOWHERE_HOST = "127.0.0.9"
AWAY_WITHIN = 60.0
SETTLED_WITHIN = 60.0
PASSWORD = "a-password-of-tests"


class Serving(Struct, frozen=True, kw_only=True):
    """What is up; phones made with it are the caller's to start and close.

    `gateway` is another provider's, for documents that have a trunk there.
    """

    server: Server
    receiver: Receiver
    carrier: Phone
    gateway: Phone

    @property
    def store(self) -> Store:
        return self.server.store

    @property
    def sip(self) -> Address:
        return "127.0.0.1", self.server.supervisor.ports.sip

    def phone(self, username: str, sound: Sound = NOTHING, *, record: bool = False) -> DeskPhone:
        return phone_of(self.sip, username, sound, record=record)

    def document(self, **sections: Sequence[Mapping[str, Any]]) -> str:
        return document_of(self.carrier, self.receiver, **sections)

    async def until_known_away(self, trunk: str) -> None:
        """Wait until the engine has found that nobody is there."""
        async with asyncio.timeout(AWAY_WITHIN):
            await self.engine_says(f"pjsip qualify trunk-{trunk}")
            while " Unavail " not in await self.engine_says(f"pjsip show aor trunk-{trunk}"):
                await asyncio.sleep(0.1)

    async def until_settled(self) -> None:
        """Wait until every call is over, the journal is read and each webhook is delivered."""
        async with asyncio.timeout(SETTLED_WITHIN):
            while self.server.line.lag_bytes or self.server.line.open_calls or await self._left():
                await asyncio.sleep(0.05)

    async def _left(self) -> bool:
        return any(
            [
                await self.store.deliveries(DeliveryFilter(state=state), limit=1)
                for state in ("pending", "sending")
            ]
        )

    async def engine_says(self, line: str) -> str:
        return await command(self.server.supervisor.layout.control, line)

    async def add_prompt(self, name: str, audio: bytes) -> None:
        self.server.prompts.add(name, audio)

    async def apply(self, text: str) -> int:
        return await self.server.apply(parse_text(text), "tests")


def phone_of(sip: Address, username: str, sound: Sound, *, record: bool = False) -> DeskPhone:
    """A phone of that account."""
    return DeskPhone(username, server=sip, password=PASSWORD, sound=sound, record=record)


def usual_trunks(carrier: Phone) -> list[dict[str, Any]]:
    """Those of every document, unless it has others."""
    return [
        {"name": "carrier", "host": CARRIER_HOST, "port": carrier.address[1]},
        {"name": "sipp", "host": SIPP_HOST},
        {"name": "nowhere", "host": NOWHERE_HOST},
    ]


def document_of(carrier: Phone, receiver: Receiver, **sections: Sequence[Mapping[str, Any]]) -> str:
    """The text of a document with the trunks and networks that are there."""
    document = {
        "hookswitch": 1,
        "trunks": usual_trunks(carrier),
        "allowed_networks": [{"network": "127.0.0.1/32", "ports": [receiver.port]}],
        **sections,
    }
    return json.dumps(document)


def device(username: str) -> dict[str, str]:
    return {"username": username, "password": PASSWORD}


@asynccontextmanager
async def serving(data: Path, **others: Any) -> AsyncIterator[Serving]:
    """Everything running on free ports below `data`; nothing is left behind."""
    await install(ENGINE, default_prefix())
    settings = Settings(data_dir=data, port=0, sip_port=0, **others)
    async with Receiver() as receiver, running(settings, say=_quiet) as server:
        sip = "127.0.0.1", server.supervisor.ports.sip
        heard: dict[str, Any] = {"server": sip, "sound": NOTHING, "record": True}
        async with (
            Phone("carrier", CARRIER_HOST, **heard) as carrier,
            Phone("gateway", GATEWAY_HOST, **heard) as gateway,
        ):
            yield Serving(server=server, receiver=receiver, carrier=carrier, gateway=gateway)
    left = [found for found, _ in process.having_argument(f"{data}/")]
    assert not left, f"left behind: {left}"


def _quiet(_text: str) -> None:
    """The steps of a start are of no interest to tests."""
