"""An answer that comes when the test says so: what a slow network does by chance."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from playwright.async_api import Page, Route


class Held:
    """`asked` once the server was asked and has answered; the page hears it after `release`."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.heard = asyncio.Event()
        self._released = asyncio.Event()

    async def hold(self, route: Route) -> None:
        answer = await route.fetch()
        self.asked.set()
        await self._released.wait()
        await route.fulfill(response=answer)
        self.heard.set()

    def release(self) -> None:
        self._released.set()


@asynccontextmanager
async def held(page: Page, pattern: str, method: str = "GET") -> AsyncIterator[Held]:
    """The first such request; it is released at the end whatever happens."""
    one = Held()
    started: list[Route] = []

    async def answer(route: Route) -> None:
        if route.request.method != method or started:
            await route.fallback()
            return
        started.append(route)
        await one.hold(route)

    await page.route(pattern, answer)
    try:
        yield one
    finally:
        one.release()
        if started:
            await one.heard.wait()
        await page.unroute(pattern, answer)
