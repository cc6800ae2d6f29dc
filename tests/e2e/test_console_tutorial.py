"""docs/tutorial-console.md, walked as it stands; the pictures of the documentation are made here.

HOOKSWITCH_UPDATE_GOLDEN=1 keeps them in docs/images.
"""

import asyncio
import os
import re
import shlex
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from desk.office import opened
from desk.pages import Desk
from playwright.async_api import Browser, expect
from test_console_every_page import quiet
from test_console_first_start import first_administrator

from kit.command import HOOKSWITCH, environment, run

DOCS: Final = Path(__file__).parents[2] / "docs"
PAGE: Final = (DOCS / "tutorial-console.md").read_text("utf-8")
WITHIN_S: Final = 60.0
VIEW: Final = {"width": 1200, "height": 720}


def line(beginning: str) -> list[str]:
    """The words of a command that the page shows."""
    found = re.search(rf"^hookswitch ({beginning}.*)$", PAGE, re.MULTILINE)
    assert found, beginning
    return shlex.split(found[1])


async def picture(desk: Desk, name: str, place: Path, shown_in: str = PAGE) -> None:
    """Only what a page shows is taken."""
    assert f"images/{name}.png" in shown_in
    kept = DOCS / "images" if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN") else place
    await quiet(desk.page)
    await desk.page.screenshot(path=kept / f"{name}.png")
    assert (DOCS / "images" / f"{name}.png").exists()


@asynccontextmanager
async def answering(data: Path) -> AsyncIterator[None]:
    """The phone of the page, once it is registered."""
    phone = await asyncio.create_subprocess_exec(
        *(HOOKSWITCH, *line("phone answer"), "--data-dir", data),
        env=environment(PYTHONUNBUFFERED="1"),
        stdout=asyncio.subprocess.PIPE,
    )
    assert phone.stdout is not None
    try:
        async with asyncio.timeout(WITHIN_S):
            while "registered" not in (said := (await phone.stdout.readline()).decode()):
                assert said, "the phone ended"
        yield
    finally:
        phone.kill()
        await phone.wait()


async def test_the_page_leads_to_a_call_that_is_seen(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    async with opened(tmp_path) as office, Desk.opened(browser, office, viewport=VIEW) as desk:
        await desk.page.goto(f"{office.url}/")
        await expect(desk.field("One-time code")).to_be_visible()
        await picture(desk, "tutorial-1-start", screenshots)
        await first_administrator(desk, office.code)
        await desk.button("Start from an example").click()
        await expect(desk.object("Support")).to_be_visible()
        await picture(desk, "tutorial-2-canvas", screenshots)
        await desk.page.get_by_test_id("apply").click()
        await expect(desk.page.get_by_test_id("apply-confirm")).to_be_enabled()
        await picture(desk, "tutorial-3-apply", screenshots)
        await desk.page.get_by_test_id("apply-confirm").click()
        await expect(desk.page.get_by_test_id("applied")).to_contain_text("is live")
        await desk.button("Close").click()
        async with answering(tmp_path):
            called = await run(*line("phone call"), "--data-dir", tmp_path, within=WITHIN_S)
        assert called.code == 0, called
        await desk.open("/calls")
        await desk.page.get_by_role("row", name="61300000000").first.click()
        await expect(desk.page.get_by_text("Timeline")).to_be_visible()
        await expect(desk.page.get_by_text("Delivered").first).to_be_visible()
        await expect(desk.page.get_by_text("leaves Support")).to_be_visible()
        await picture(desk, "tutorial-4-call", screenshots)
        await desk.open("/integration/deliveries")
        row = desk.page.get_by_role("row", name="Queue call summary")
        await expect(row).to_contain_text("Delivered")
        await picture(desk, "tutorial-5-deliveries", screenshots)
        await desk.page.set_viewport_size({"width": 1360, "height": 840})
        await desk.canvas()
        await expect(desk.object("Voicemail")).to_be_visible()
        await picture(desk, "canvas", screenshots, (DOCS.parent / "README.md").read_text("utf-8"))
        await desk.open("/integration/webhooks")
        await expect(desk.page.get_by_label("Last one accepted").first).to_be_visible()
        await picture(desk, "webhooks", screenshots, (DOCS / "console.md").read_text("utf-8"))


def test_every_picture_of_the_documentation_is_made_here() -> None:
    made = set(re.findall(r'picture\(desk, "([^"]+)"', Path(__file__).read_text("utf-8")))
    assert made == {path.stem for path in (DOCS / "images").glob("*.png")}
