"""A slow server and a slow machine, to find what only holds on a quick one.

`HOOKSWITCH_SLOW=SEED` delays every answer that a browser asks of the API by up to two seconds, half
of it before the server knows of the request; `HOOKSWITCH_SLOW_CPU=RATE` makes the browser so many
times slower.
"""

import asyncio
import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from playwright.async_api import Page
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hookswitch.api.app import create_app

SEED = os.environ.get("HOOKSWITCH_SLOW", "")
CPU_RATE = float(os.environ.get("HOOKSWITCH_SLOW_CPU", "1"))
MOST_S = 1.0
"""Each way."""
BETWEEN_S = 0.3
"""What is told on a stream comes so much later."""


class Slow:
    """Around the application: delays what a browser asks, not what the tests themselves do."""

    def __init__(self, app: ASGIApp, chance: random.Random) -> None:
        self.app, self.chance = app, chance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_asked_by_a_page(scope):
            await self.app(scope, receive, send)
            return

        async def later(message: Message) -> None:
            begins = message["type"] == "http.response.start"
            streams = scope["path"] == "/api/live"
            if begins or streams:
                await self._pass(MOST_S if begins else BETWEEN_S)
            await send(message)

        await self._pass(MOST_S)
        await self.app(scope, receive, later)

    async def _pass(self, most: float) -> None:
        await asyncio.sleep(self.chance.uniform(0, most))


def _is_asked_by_a_page(scope: Scope) -> bool:
    if scope["type"] != "http" or not scope["path"].startswith("/api/"):
        return False
    return any(name == b"sec-fetch-mode" for name, _ in scope["headers"])


@contextmanager
def slowed() -> Iterator[None]:
    """Servers that start within it are slow, if they are to be."""
    if not SEED:
        yield
        return
    chance = random.Random(SEED)  # to be repeated, not to be secret

    def slow_app(*given: Any) -> Slow:
        return Slow(create_app(*given), chance)

    with mock.patch("hookswitch.app.services.create_app", slow_app):
        yield


async def slow_down(page: Page) -> None:
    """The page's scripts, if they are to be slow."""
    if CPU_RATE > 1:
        session = await page.context.new_cdp_session(page)
        await session.send("Emulation.setCPUThrottlingRate", {"rate": CPU_RATE})
