"""Hands on the console: what an administrator does, in their words."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from desk.office import Caller, Office
from desk.slowness import slow_down

WAIT_MS = 40_000
NOISE = re.compile(r"status of (401|404|409|412|413|422|429|503)|ERR_CONNECTION_REFUSED|net::ERR_")
"""What the browser itself says of an answer that the page handles."""

expect.set_options(timeout=WAIT_MS)


class Desk:
    """One page; `errors` collects what should not be there."""

    def __init__(self, page: Page, office: Office) -> None:
        self.page, self.office = page, office
        self.errors: list[str] = []
        page.set_default_timeout(WAIT_MS)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self._heard(said.type, said.text))

    def _heard(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not NOISE.search(text):
            self.errors.append(text)

    @classmethod
    @asynccontextmanager
    async def opened(
        cls, browser: Browser, office: Office, api: Caller | None = None, **context: Any
    ) -> AsyncIterator[Self]:
        """A page of its own context, with the session of `api` if there is one."""
        made = await browser.new_context(
            viewport=context.pop("viewport", {"width": 1360, "height": 840}),
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write", "microphone"],
            **context,
        )
        if api is not None:
            await take_session(made, api)
        desk = cls(await made.new_page(), office)
        await slow_down(desk.page)
        try:
            yield desk
        finally:
            await made.close()
        assert not desk.errors, desk.errors

    async def open(self, path: str) -> None:
        await self.page.goto(self.office.url + path)
        await expect(self.page.get_by_role("main")).to_be_visible()

    def button(self, name: str, *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def field(self, name: str) -> Locator:
        return self.page.get_by_role("textbox", name=name, exact=True)

    async def canvas(self) -> None:
        await self.open("/pbx")
        await expect(self.page.locator(".palette")).to_be_visible()

    def object(self, name: str) -> Locator:
        return self.page.locator(f'.react-flow__node:has([data-name="{name}"])')

    async def drag_in(self, kind: str, x: float, y: float) -> None:
        """From the palette onto the canvas, at a place of it."""
        onto = self.page.locator(".react-flow__pane")
        where = {"x": x, "y": y}
        await self.page.locator(f'[data-palette="{kind}"]').drag_to(onto, target_position=where)

    async def connect(self, source: str, output: str, target: str) -> None:
        """Draw an edge with the mouse."""
        start = await middle(self.object(source).locator(f'[data-output="{output}"]'))
        end = await middle(self.object(target).locator(".react-flow__handle.in"))
        mouse = self.page.mouse
        await mouse.move(*start)
        await mouse.down()
        await mouse.move((start[0] + end[0]) / 2, (start[1] + end[1]) / 2, steps=4)
        await mouse.move(*end, steps=4)
        await mouse.up()

    async def settings(self, name: str) -> Locator:
        """Open an object's settings by its gear."""
        await self.object(name).get_by_role("button", name=f"Settings of {name}").click()
        await expect(
            self.page.get_by_role("complementary", name=f"Settings of {name}")
        ).to_be_visible()
        return self.page.locator(".drawer")

    async def choose(self, label: str, option: str, *, within: Locator | None = None) -> None:
        """Take an option of a drop-down."""
        place = within or self.page
        await place.get_by_role("combobox", name=label).first.click()
        await self.page.get_by_role("option", name=option, exact=False).first.click()

    async def apply(self) -> None:
        """By the red button; waits until it says what came of it."""
        await self.page.get_by_test_id("apply").click()
        await self.page.get_by_test_id("apply-confirm").click()
        await expect(self.page.get_by_test_id("applied")).to_contain_text("is live")
        await self.button("Close").click()

    async def saved(self) -> dict[str, Any]:
        """The draft as the server has it, once everything typed is there."""
        async with self.page.expect_response(
            lambda answer: answer.url.endswith("/api/draft") and answer.request.method == "PUT"
        ) as waited:
            pass
        answer = await waited.value
        return dict((await answer.json())["document"])


async def take_session(context: BrowserContext, api: Caller) -> None:
    cookies = [
        {"name": cookie.key, "value": cookie.value, "url": api.office.url}
        for cookie in api.http.cookie_jar
    ]
    await context.add_cookies(cookies)  # type: ignore[arg-type]


async def middle(thing: Locator) -> tuple[float, float]:
    box = await thing.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
