"""A backup restored by clicks: into a fresh installation, and over one that is in use."""

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from desk.office import Office
from desk.pages import Desk
from playwright.async_api import Browser, expect

from kit.command import Served, serve

PASSWORD = "a-long-password"


async def test_a_backup_is_restored_into_a_fresh_installation_and_over_it(
    browser: Browser, tmp_path: Path
) -> None:
    async with serve(tmp_path / "old") as old, desk_of(browser, old) as desk:
        await first_administrator(desk, old)
        await desk.button("Start from an example").click()
        await expect(desk.object("Support")).to_be_visible()
        await desk.apply()
        await desk.open("/settings/backup")
        await desk.button("Back up now").click()
        async with desk.page.expect_download() as started:
            await desk.page.get_by_role("cell").get_by_role("link").first.click()
        file = tmp_path / "fetched.tar.gz"
        await (await started.value).save_as(file)
    async with serve(tmp_path / "new") as new, desk_of(browser, new) as desk:
        code = await new.until_said(r"enter the code (\S+)")
        await desk.page.goto(f"{new.url}/?code={code[1]}")
        await desk.button("Restore a backup instead").click()
        dialog = desk.page.get_by_role("dialog", name="Restore a backup")
        await dialog.locator("input[type=file]").set_input_files(__file__)
        await dialog.get_by_role("button", name="Restore").click()
        await expect(dialog.get_by_role("alert")).to_contain_text(
            "choose the file that was fetched"
        )
        await dialog.locator("input[type=file]").set_input_files(file)
        await dialog.get_by_role("button", name="Restore").click()
        await sign_in(desk)
        await expect(desk.object("Support")).to_be_visible()
        await expect(desk.page.get_by_test_id("in-force")).to_contain_text("Revision 1 is live")
        await over_it(desk, new, file)


async def over_it(desk: Desk, new: Served, file: Path) -> None:
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Name").fill("After the backup")
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    await desk.open("/settings/backup")
    await desk.button("Restore from a file").click()
    dialog = desk.page.get_by_role("dialog", name="Restore a backup")
    await expect(dialog).to_contain_text("Calls in progress end")
    await dialog.locator("input[type=file]").set_input_files(file)
    await dialog.get_by_role("button", name="Replace everything").click()
    await sign_in(desk)
    await expect(desk.object("Support")).to_be_visible()
    assert (await new.parts())["engine"] == "ok"
    assert (new.data / "before-restore/hookswitch.db").exists()
    assert not (new.data / "restored").exists()
    await desk.open("/settings/backup")
    await (
        desk.page.get_by_role("row", name=re.compile("^hookswitch-"))
        .first.get_by_role("button", name="Delete")
        .click()
    )
    await desk.button("Delete backup").click()


async def sign_in(desk: Desk) -> None:
    await desk.field("Name").fill("sam")
    await desk.page.locator("input[type=password]").fill(PASSWORD)
    await desk.button("Sign in").click()
    await expect(desk.page.locator(".palette")).to_be_visible()


async def first_administrator(desk: Desk, served: Served) -> None:
    code = await served.until_said(r"enter the code (\S+)")
    await desk.page.goto(f"{served.url}/?code={code[1]}")
    await desk.field("Your name").fill("sam")
    for password in await desk.page.locator("input[type=password]").all():
        await password.fill(PASSWORD)
    await desk.button("Create administrator").click()


def desk_of(browser: Browser, served: Served) -> Any:
    """What a page needs of an office is its address."""
    return Desk.opened(browser, cast("Office", SimpleNamespace(url=served.url)))
