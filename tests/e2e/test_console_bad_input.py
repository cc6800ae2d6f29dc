"""What no form expects: each is told in clear words, and nothing that was typed is lost."""

from pathlib import Path
from typing import Any

import pytest
from desk.office import Caller, flow, opened, sections, signed_in
from desk.pages import Desk
from playwright.async_api import Browser, FilePayload, expect

NAMES = {
    "arabic": "خدمة العملاء",
    "hebrew": "מוקד תמיכה",
    "chinese": "客户支持队列",
    "hindi": "ग्राहक सहायता",
    "thai": "ฝ่ายบริการลูกค้า",
    "emoji": "☎️ Hilfe 👩🏽‍💻",
    "markup": "<b>Support</b> & ${SHELL(id)}",
}


@pytest.mark.parametrize("script", NAMES)
async def test_names_in_every_script(desk: Desk, api: Caller, script: str) -> None:
    name = NAMES[script]
    await desk.canvas()
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Name", exact=True).fill(name)
    await expect(desk.object("Support")).to_have_count(0)
    card = desk.page.locator('.node[data-kind="queue"]')
    await expect(card).to_contain_text(name)
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["document"]["flows"][0]["objects"][1]["name"] == name
    assert draft["findings"] == []
    direction = await card.locator(".node-title").evaluate("one => getComputedStyle(one).direction")
    assert direction == ("rtl" if script in {"arabic", "hebrew"} else "ltr")


async def test_yaml_of_five_megabytes(desk: Desk, tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("hookswitch: 1\n" + "# a long comment\n" * 320_000)
    await desk.canvas()
    await desk.button("More about this flow").click()
    await desk.page.get_by_role("menuitem", name="Import YAML").click()
    dialog = desk.page.get_by_role("dialog", name="Import YAML")
    await dialog.locator("input[type=file]").set_input_files(large)
    await expect(dialog.get_by_text("large.yaml")).to_be_visible()
    await desk.button("Import into the draft").click()
    await expect(dialog.get_by_role("alert")).to_contain_text("at most")
    await desk.page.keyboard.press("Escape")
    await expect(desk.object("Support")).to_be_visible()
    await expect(desk.page.get_by_test_id("in-force")).to_be_visible()


async def test_yaml_that_is_none_names_its_line(desk: Desk) -> None:
    await desk.canvas()
    await desk.button("More about this flow").click()
    await desk.page.get_by_role("menuitem", name="Import YAML").click()
    await desk.field("YAML").fill("hookswitch: 1\nflows: [oops\n")
    await desk.button("Import into the draft").click()
    dialog = desk.page.get_by_role("dialog", name="Import YAML")
    await expect(dialog.get_by_role("alert")).to_contain_text("Line 3")
    await expect(desk.field("YAML")).to_have_value("hookswitch: 1\nflows: [oops\n")


async def test_a_flow_of_two_thousand_objects(desk: Desk, api: Caller) -> None:
    office = desk.office
    objects: list[dict[str, Any]] = [
        {"id": f"hook_{n}", "kind": "playback", "name": f"Step {n}", "prompt": "beep",
         "outputs": {"next": f"hook_{n + 1}"} if n % 50 != 49 else {},
         "position": [n % 50 * 304, n // 50 * 160]}
        for n in range(2000)
    ]  # fmt: skip
    await api.draw(**sections(office), flows=[{"name": "Large", "objects": objects}])
    await desk.canvas()
    await expect(desk.page.locator(".node").first).to_be_visible()
    find = desk.page.get_by_role("combobox", name="Find an object")
    await find.fill("Step 1999")
    await desk.page.get_by_role("option", name="Step 1999").click()
    drawer = desk.page.get_by_role("complementary", name="Settings of Step 1999")
    async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
        await drawer.get_by_role("textbox", name="Name", exact=True).fill("The last one")
    await expect(desk.object("The last one")).to_be_visible()
    draft, _ = await api.ask("GET", "/api/draft")
    names = [one["name"] for one in draft["document"]["flows"][0]["objects"]]
    assert (len(names), names[-1]) == (2000, "The last one")


async def test_a_url_of_ten_kilobytes(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    url = "https://crm.example.com/" + "x" * 10_240
    await desk.field("URL").fill(url)
    await expect(
        desk.page.locator("form, .panel").filter(has=desk.field("URL")).first
    ).to_contain_text("2048")
    await desk.page.reload()
    await expect(desk.field("URL")).to_have_value(url)


async def test_what_is_no_audio_is_no_prompt(desk: Desk) -> None:
    await desk.open("/settings/prompts")
    file: FilePayload = {
        "name": "Sales list.xlsx", "mimeType": "application/zip", "buffer": b"PK\x03\x04" * 99
    }  # fmt: skip
    await desk.page.locator("input[type=file]").set_input_files(file)
    alert = desk.page.get_by_role("alert")
    await expect(alert).to_contain_text("Not a prompt")
    await expect(alert).to_contain_text("WAV, MP3, FLAC or Ogg")
    await expect(desk.page.get_by_text("No prompts yet")).to_be_visible()


async def test_a_page_that_breaks_leaves_the_others(desk: Desk) -> None:
    """An answer of a shape that nobody foresaw."""
    await desk.page.route(
        "**/api/calls?*", lambda route: route.fulfill(json={"items": [None], "next": None})
    )
    await desk.open("/calls")
    await expect(desk.page.get_by_role("alert")).to_contain_text("This page broke")
    await desk.page.get_by_role("link", name="Users & phones").click()
    await expect(desk.page.get_by_role("row", name="Alice")).to_be_visible()
    assert desk.errors, "the browser's console says it too"
    desk.errors.clear()


async def test_an_engine_that_is_down(browser: Browser, tmp_path: Path) -> None:
    async with opened(tmp_path) as office, signed_in(office, first=True) as api:
        await api.apply(**sections(office), flows=[flow(office)])
        async with Desk.opened(browser, office, api) as desk:
            await desk.canvas()
            drawer = await desk.settings("Support")
            await drawer.get_by_role("textbox", name="Name").fill("Typed meanwhile")
            await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
            await office.server.supervisor.stop()
            await expect(desk.page.get_by_text("The phone system is not running")).to_be_visible()
            await desk.page.keyboard.press("Escape")
            await desk.page.get_by_test_id("apply").click()
            await desk.page.get_by_test_id("apply-confirm").click()
            dialog = desk.page.get_by_role("dialog", name="Apply configuration")
            await expect(dialog.get_by_role("alert")).to_contain_text("The engine is not running")
            await dialog.get_by_role("button", name="Close").first.click()
            await expect(desk.object("Typed meanwhile")).to_be_visible()
            await desk.open("/settings/about")
            await expect(
                desk.page.get_by_text("Engine", exact=True).first.locator("..")
            ).to_contain_text("stopped")
        assert not office.server.tasks.failed.done(), "the rest of the server goes on"
