"""Every page in light, dark and narrow: no error, no serious fault of accessibility, a picture."""

import json
from pathlib import Path
from typing import Any

import pytest
from desk.office import NUMBER, Caller, Office
from desk.pages import Desk
from playwright.async_api import Browser, Page, expect

from hookswitch.phone.behaviour import answer_after

ROOT = Path(__file__).parents[2]
AXE = ROOT / "console/node_modules/axe-core/axe.min.js"
PAGES = {
    "canvas": "/pbx",
    "history": "/pbx/history",
    "calls": "/calls",
    "users": "/users",
    "api": "/integration/api",
    "webhooks": "/integration/webhooks",
    "deliveries": "/integration/deliveries",
    "live": "/live",
    "trunks": "/settings/trunks",
    "network": "/settings/network",
    "allowed-networks": "/settings/allowed_networks",
    "prompts": "/settings/prompts",
    "bans": "/settings/bans",
    "account": "/settings/account",
    "administrators": "/settings/administrators",
    "audit": "/settings/audit",
    "backup": "/settings/backup",
    "about": "/settings/about",
    "storage": "/settings/storage",
    "personal-data": "/settings/personal",
    "feature-codes": "/settings/feature_codes",
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "narrow": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}


@pytest.mark.parametrize("look", LOOKS)
async def test_every_page_looks_and_reads_well(
    browser: Browser, office: Office, api: Caller, screenshots: Path, look: str
) -> None:
    faults: dict[str, Any] = {}
    call = await a_call(office)
    async with Desk.opened(browser, office, api, **LOOKS[look]) as desk:
        for name, path in {**PAGES, "call": f"/calls/{call}"}.items():
            await desk.open(path)
            await quiet(desk.page)
            await desk.page.screenshot(path=screenshots / f"{name}-{look}.png")
            if found := await serious(desk.page):
                faults[name] = found
    assert not faults, json.dumps(faults, indent=1)


async def a_call(office: Office) -> str:
    """So that no page is empty; gives its id."""
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.3)
        call = await office.carrier.call(NUMBER, caller="61400000021", name="Pat Jones")
        await office.receives("user_inbound_completed", "queue_call")
        await call.hang_up()
    return str(office.received[-1].document["unique_call_id"])


@pytest.mark.parametrize("look", ["light", "dark"])
async def test_the_drawer_and_the_dialogs_too(
    browser: Browser, office: Office, api: Caller, screenshots: Path, look: str
) -> None:
    async with Desk.opened(browser, office, api, **LOOKS[look]) as desk:
        await desk.canvas()
        drawer = await desk.settings("Support")
        await drawer.get_by_role("button", name="More settings").click()
        await drawer.get_by_role("textbox", name="Maximum wait").fill("99")
        await quiet(desk.page)
        await desk.page.screenshot(path=screenshots / f"drawer-{look}.png")
        assert await serious(desk.page) == []
        await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
        await desk.page.get_by_test_id("apply").click()
        await expect(desk.page.get_by_role("dialog")).to_contain_text("max wait")
        await quiet(desk.page)
        await desk.page.screenshot(path=screenshots / f"apply-{look}.png")
        assert await serious(desk.page) == []


@pytest.mark.parametrize("path", ["/pbx", "/integration/webhooks", "/users", "/settings/storage"])
async def test_a_narrow_page_does_not_scroll_sideways(
    browser: Browser, office: Office, api: Caller, path: str
) -> None:
    async with Desk.opened(browser, office, api, **LOOKS["narrow"]) as desk:
        await desk.open(path)
        await quiet(desk.page)
        width = await desk.page.evaluate("document.scrollingElement.scrollWidth")
        assert width <= 390
        tabs = desk.page.get_by_role("navigation", name="Main").get_by_role("link")
        await expect(tabs).to_have_count(6)
        for tab in await tabs.all():
            await expect(tab).to_be_in_viewport(ratio=1)


async def quiet(page: Page) -> None:
    """Wait until nothing is being fetched for the first time."""
    await expect(page.get_by_role("status", name="Loading")).to_have_count(0)
    await page.evaluate("document.fonts.ready")


async def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, by WCAG 2.2 AA."""
    await page.evaluate(AXE.read_text("utf-8"))  # a script tag is against the page's policy
    rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = await page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", rules
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary'][:300]}"
        for one in found["violations"]
        if one["impact"] in {"serious", "critical"}
        for node in one["nodes"][:3]
    ]
