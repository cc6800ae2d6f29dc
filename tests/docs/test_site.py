"""The site of `make docs` in a real Chromium; a link that leads nowhere must fail its build."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from playwright.async_api import Browser

from kit.browser import launched
from kit.command import Ended, run_program

DOCS: Final = Path(__file__).parents[2] / "docs"
BUILD: Final = (sys.executable, "-m", "sphinx", "-b", "html", "-E", "-W", "--keep-going", "-q")
PAGES: Final = ("index.html", "tutorial.html", "reference/document.html", "reference/events.html")
LOOKS: Final[dict[str, dict[str, Any]]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "narrow": {"color_scheme": "light", "viewport": {"width": 360, "height": 720}},
}


async def build(source: Path, target: Path) -> Ended:
    return await run_program(*BUILD, "-d", target / ".doctrees", source, target, within=400)


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("site")
    done = await build(DOCS, target)
    assert done.code == 0, done.err
    return target


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest.mark.parametrize("look", LOOKS)
async def test_pages_fit_and_fetch_nothing_from_outside(
    look: str, site: Path, browser: Browser
) -> None:
    page = await browser.new_page(**LOOKS[look])
    outside: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda sent: outside.append(sent.url) if "file:" not in sent.url else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    for name in PAGES:
        await page.goto((site / name).as_uri())
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert await page.evaluate(wide) <= 0, name
        if kept := os.environ.get("HOOKSWITCH_SCREENSHOTS"):
            await page.screenshot(path=Path(kept) / f"docs-{look}-{name.replace('/', '-')}.png")
    await page.close()
    assert [url for url in outside if not url.startswith("data:")] == []
    assert wrong == []


async def test_every_page_is_reached_from_the_navigation(site: Path) -> None:
    made = {page.relative_to(DOCS).with_suffix(".html") for page in DOCS.rglob("*.md")}
    shown = (site / "index.html").read_text("utf-8")
    assert [page for page in made if page.name != "index.html" and f'"{page}"' not in shown] == []


async def test_the_search_finds_a_word_of_a_page(site: Path, browser: Browser) -> None:
    page = await browser.new_page()
    await page.goto((site / "search.html").as_uri() + "?q=strict_order")
    await page.locator("#search-results a", has_text="Configuration").first.wait_for()
    await page.close()


async def test_links_that_lead_nowhere_fail_the_build(tmp_path: Path) -> None:
    """And they alone: the same pages are built without a warning for the tests above."""
    for part in ("docs", "examples"):
        await asyncio.to_thread(shutil.copytree, DOCS.parent / part, tmp_path / part)
    with (tmp_path / "docs/console.md").open("a") as page:
        page.write("\n[gone](gone.md)\n\n[gone](tutorial.md#gone)\n")
    done = await build(tmp_path / "docs", tmp_path / "site")
    assert done.code != 0
    first, second = done.err.splitlines()
    assert "'gone.md'" in first
    assert "'tutorial': 'gone'" in second
