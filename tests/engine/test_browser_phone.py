"""A phone in a web page, as far as we and the engine go: SIP over WebSocket, offers for WebRTC.

The page itself and its media are tested with the console, in a real browser.
"""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from typing import Self

import aiohttp
import pytest
from support.serving import PASSWORD, Serving, device, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.phone.digest import Credentials
from hookswitch.phone.message import Message, Request, Response, parse

NUMBER = "61300000008"
TRANSPORT = "web.invalid"


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


class WebPhone:
    """Just enough of one to register and to be offered a call."""

    def __init__(self, at: Serving, password: str = PASSWORD) -> None:
        self._at = at
        self._credentials = Credentials("alice-web", password)
        self._call_id = secrets.token_hex(8)

    async def __aenter__(self) -> Self:
        token = {"Authorization": f"Bearer {self._at.server.data.token()}"}
        self._session = aiohttp.ClientSession(headers=token)
        url = f"{self._at.server.web.url}/phone/ws"
        self.socket = await self._session.ws_connect(url, protocols=["sip"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.socket.close()
        await self._session.close()

    async def register(self) -> int:
        request = self._register()
        response = await self._ask(request)
        again = self._credentials.retry(request, response, _via())
        return response.status if again is None else (await self._ask(again)).status

    async def asked(self) -> Request:
        """The next request of the engine's, beside OPTIONS and NOTIFY, which are answered."""
        while True:
            message = await self._next()
            if isinstance(message, Request):
                if message.method not in {"OPTIONS", "NOTIFY"}:
                    return message
                await self.answer(message, 200)

    async def answer(self, request: Request, status: int) -> None:
        response = Response(status, "As you like")
        kept = ("Via", "From", "To", "Call-ID", "CSeq")
        response.headers = [h for h in request.headers if h[0] in kept]
        await self.socket.send_str(bytes(response).decode())

    async def _ask(self, request: Request) -> Response:
        await self.socket.send_str(bytes(request).decode())
        while True:
            message = await self._next()
            if isinstance(message, Response) and message.status >= 200:
                return message

    async def _next(self) -> Message:
        async with asyncio.timeout(5):
            return parse((await self.socket.receive_str()).encode())

    def _register(self) -> Request:
        request = Request("REGISTER", "sip:pbx.invalid")
        who = "<sip:alice-web@pbx.invalid>"
        request.headers = [
            ("Via", _via()),
            ("Max-Forwards", "70"),
            ("From", f"{who};tag={secrets.token_hex(4)}"),
            ("To", who),
            ("Call-ID", self._call_id),
            ("CSeq", "1 REGISTER"),
            ("Contact", f"<sip:alice-web@{TRANSPORT};transport=ws>"),
            ("Expires", "60"),
        ]
        return request


def _via() -> str:
    return f"SIP/2.0/WS {TRANSPORT};branch=z9hG4bK{secrets.token_hex(8)}"


async def test_it_registers_and_is_offered_a_call_for_webrtc(office: Serving) -> None:
    async with WebPhone(office) as phone:
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
    async with asyncio.timeout(5):
        while "alice-web/sip" in await office.server.supervisor.ami.command("pjsip show contacts"):
            await asyncio.sleep(0.05)


async def test_a_wrong_password_does_not_register(office: Serving) -> None:
    async with WebPhone(office, "another-password") as phone:
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
