"""`/phone/ws`: a browser phone's SIP over WebSocket, passed on to the engine and back.

The engine listens on the loopback address only; who is let through is the guard's matter, and
which account may register is the engine's. It ends when the session does.
"""

import asyncio
import contextlib
from typing import Final

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from hookswitch.api.access import allowed
from hookswitch.api.ports import Access, Identity, Refused, Services
from hookswitch.store.port import StoreError

SUBPROTOCOL: Final = Subprotocol("sip")
LARGEST_SIP: Final = 1 << 16
"""Bytes of a message."""
PROTOCOL_ERROR: Final = 1002
POLICY_VIOLATION: Final = 1008
ENGINE_DOWN: Final = 1013
GOING_AWAY: Final = 1001
BEAT_S: Final = 15.0
"""So often it is asked whether the session is still good."""

router = APIRouter()


@router.websocket("/phone/ws")
async def phone_socket(browser: WebSocket) -> None:
    """Nothing is read into: each frame is one SIP message."""
    if SUBPROTOCOL not in browser.scope["subprotocols"]:
        await browser.close(PROTOCOL_ERROR, f"ask for the subprotocol {SUBPROTOCOL}")
        return
    if not allowed(browser.state.identity, "operator"):
        await browser.close(POLICY_VIOLATION, "this needs the role operator")
        return
    services: Services = browser.app.state.services
    try:
        engine = await connect(
            services.engine_socket,
            subprotocols=[SUBPROTOCOL],
            max_size=LARGEST_SIP,
            compression=None,
            proxy=None,
        )
    except (OSError, InvalidHandshake, TimeoutError, Refused):
        await browser.close(ENGINE_DOWN, "the engine does not answer: try again soon")
        return
    async with engine:
        await browser.accept(SUBPROTOCOL)
        await _pass_on(browser, engine, services.access)


async def _pass_on(browser: WebSocket, engine: ClientConnection, access: Access) -> None:
    """Both ways, until one side or the session is gone; the other side is then closed too."""
    ways = [
        asyncio.create_task(_to_engine(browser, engine)),
        asyncio.create_task(_to_browser(engine, browser)),
        asyncio.create_task(_until_over(browser, access, browser.state.identity)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _until_over(browser: WebSocket, access: Access, who: Identity) -> None:
    while True:
        await asyncio.sleep(BEAT_S)
        with contextlib.suppress(StoreError):  # a database that is away ends no call
            if not await access.holds(who):
                await browser.close(POLICY_VIOLATION, "signed out")
                return


async def _to_engine(browser: WebSocket, engine: ClientConnection) -> None:
    try:
        while True:
            message = await browser.receive()
            if message["type"] == "websocket.disconnect":
                return
            await engine.send(message.get("text") or message.get("bytes") or b"")
    except ConnectionClosed:
        return


async def _to_browser(engine: ClientConnection, browser: WebSocket) -> None:
    try:
        async for message in engine:
            if isinstance(message, str):
                await browser.send_text(message)
            else:
                await browser.send_bytes(message)
        await browser.close(GOING_AWAY)
    except (WebSocketDisconnect, RuntimeError):  # it is gone
        return
