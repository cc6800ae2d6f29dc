"""A phone in a web page, as far as we and the engine go: SIP over WebSocket, offers for WebRTC.

The page itself and its media are tested with the console, in a real browser.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

import aiohttp
import pytest
from support.serving import PASSWORD, Serving, device, serving
from support.wire import WirePhone

from hookswitch.asterisk.engine import Engine

NUMBER = "61300000008"


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    flow = [
        {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
         "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
    ]  # fmt: skip
    alice = {"name": "Alice", "extension": "1001", "ring_time": 5}
    devices = [{**device("alice-web"), "kind": "browser"}]
    async with serving(tmp_path_factory.mktemp("browser")) as at:
        await at.apply(
            at.document(
                users=[{**alice, "devices": devices}], flows=[{"name": "Flow", "objects": flow}]
            )
        )
        yield at


class WebWire:
    """The WebSocket of our own web server, as somebody who is signed in."""

    transport = "WS"
    host = "web.invalid"

    def __init__(self, at: Serving) -> None:
        self._at = at

    async def __aenter__(self) -> Self:
        token = {"Authorization": f"Bearer {self._at.server.data.token()}"}
        self._session = aiohttp.ClientSession(headers=token)
        url = f"{self._at.server.web.url}/phone/ws"
        self._socket = await self._session.ws_connect(url, protocols=["sip"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()
        await self._session.close()

    async def send(self, message: bytes) -> None:
        await self._socket.send_str(message.decode())

    async def receive(self) -> bytes:
        return (await self._socket.receive_str()).encode()


@asynccontextmanager
async def web_phone(at: Serving, password: str = PASSWORD) -> AsyncIterator[WirePhone]:
    async with WebWire(at) as wire:
        yield WirePhone(wire, "alice-web", password)


async def test_it_registers_and_is_offered_a_call_for_webrtc(office: Serving) -> None:
    async with web_phone(office) as phone:
        assert await phone.register() == 200
        call = await office.carrier.call(NUMBER)
        invite = await phone.asked()
        offer = invite.body.decode()
        assert invite.method == "INVITE"
        assert re.search(r"(?m)^m=audio \d+ UDP/TLS/RTP/SAVPF ", offer)
        assert re.search(r"(?m)^a=fingerprint:SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}\r?$", offer)
        assert "a=setup:actpass" in offer
        assert "a=ice-ufrag:" in offer
        assert "a=candidate:" in offer
        assert "a=rtcp-mux" in offer
        assert re.search(r"(?m)^a=rtpmap:\d+ opus/48000/2", offer)
        await phone.answer(invite, 486)
        await call.ended()
    async with asyncio.timeout(60):
        while "alice-web/sip" in await office.server.supervisor.ami.command("pjsip show contacts"):
            await asyncio.sleep(0.05)


async def test_a_wrong_password_does_not_register(office: Serving) -> None:
    async with web_phone(office, "another-password") as phone:
        assert await phone.register() == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer hsk_wrong"}])
async def test_a_stranger_is_not_let_through(office: Serving, headers: dict[str, str]) -> None:
    url = f"{office.server.web.url}/phone/ws"
    async with aiohttp.ClientSession(headers=headers) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await session.ws_connect(url, protocols=["sip"])
    assert refused.value.status in {401, 403}


async def test_another_protocol_than_sip_is_refused(office: Serving) -> None:
    token = {"Authorization": f"Bearer {office.server.data.token()}"}
    async with aiohttp.ClientSession(headers=token) as session:
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await session.ws_connect(f"{office.server.web.url}/phone/ws")
