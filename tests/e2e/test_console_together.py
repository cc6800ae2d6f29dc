"""Bad days: two administrators at once, a lost session, a server that restarts."""

from pathlib import Path

from desk.office import PASSWORD, Caller, Office, flow, opened, sections, signed_in
from desk.pages import Desk, take_session
from playwright.async_api import Browser, expect


async def test_two_administrators_edit_at_once(
    browser: Browser, desk: Desk, office: Office
) -> None:
    await desk.canvas()
    mine = await desk.settings("Support")
    async with signed_in(office) as other, Desk.opened(browser, office, other) as colleague:
        await colleague.canvas()
        theirs = await colleague.settings("Missed")
        await desk.page.route("**/api/draft", lambda route: route.abort())  # they are first
        await mine.get_by_role("textbox", name="Name").fill("Mine")
        await theirs.get_by_role("textbox", name="Component name").fill("Theirs")
        await expect(colleague.page.get_by_test_id("apply")).to_contain_text("(1)")
        await desk.page.unroute("**/api/draft")
        dialog = desk.page.get_by_role("dialog", name="Somebody else changed the draft")
        await expect(dialog).to_be_visible()
        await expect(desk.object("Mine")).to_be_visible()
        await dialog.get_by_role("button", name="Take theirs").click()
        await expect(desk.object("Theirs")).to_be_visible()
        await expect(desk.object("Support")).to_be_visible()
        await desk.button("Undo (Ctrl+Z)").click()
        await expect(desk.object("Mine")).to_be_visible()


async def test_one_sees_what_the_other_saved(browser: Browser, desk: Desk, office: Office) -> None:
    await desk.canvas()
    async with signed_in(office) as other, Desk.opened(browser, office, other) as colleague:
        await colleague.canvas()
        theirs = await colleague.settings("Missed")
        await theirs.get_by_role("textbox", name="Component name").fill("Theirs")
        await expect(desk.object("Theirs")).to_be_visible()


async def test_a_session_that_ends_while_typing_loses_nothing(desk: Desk) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await desk.page.context.clear_cookies()
    await drawer.get_by_role("textbox", name="Name").fill("Typed without a session")
    dialog = desk.page.get_by_role("dialog", name="Your session ended")
    await expect(dialog).to_be_visible()
    await dialog.locator("input[type=password]").fill(PASSWORD)
    await dialog.get_by_role("button", name="Sign in").click()
    await expect(dialog).to_be_hidden()
    await expect(desk.object("Typed without a session")).to_be_visible()
    await expect(desk.page.get_by_test_id("apply")).to_have_text("Apply configuration (1)")


async def test_a_server_that_restarts_under_an_open_page(browser: Browser, tmp_path: Path) -> None:
    async with opened(tmp_path) as before, signed_in(before, first=True) as api:
        port = before.server.web.port
        await api.apply(**sections(before), flows=[flow(before)])
        keeping = Desk.opened(browser, before, api)
        desk = await keeping.__aenter__()
        await desk.canvas()
        drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Name").fill("Typed while it was away")
    await expect(desk.page.get_by_text("The server does not answer")).to_be_visible()
    async with opened(tmp_path, port=port):
        await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
        await expect(desk.object("Typed while it was away")).to_be_visible()
        await keeping.__aexit__(None, None, None)


async def test_who_may_only_read_changes_nothing(
    browser: Browser, office: Office, api: Caller
) -> None:
    given = {"name": "reader", "role": "read_only", "password": "a-password-to-read"}
    await api.ask("POST", "/api/administrators", given)
    try:
        async with Desk.opened(browser, office) as desk:
            await desk.page.goto(office.url)
            await desk.field("Name").fill("reader")
            await desk.page.locator("input[type=password]").fill("a-password-to-read")
            await desk.button("Sign in").click()
            await expect(desk.button("Signed in as reader")).to_be_visible()
            await desk.canvas()
            await expect(desk.page.locator('[data-palette="queue"]')).to_be_disabled()
            await desk.object("Missed").click()
            await desk.page.keyboard.press("Delete")
            await expect(desk.object("Missed")).to_be_visible()
            drawer = await desk.settings("Support")
            for field in ("Name", "Maximum wait", "Maximum callers"):
                await expect(drawer.get_by_role("textbox", name=field)).to_be_disabled()
            await desk.open("/settings/trunks")
            await expect(desk.button("Add trunk")).to_have_count(0)
            await desk.button("carrier").click()
            await expect(desk.field("Host")).to_be_disabled()
            await desk.open("/integration/webhooks")
            await expect(desk.field("URL")).to_be_disabled()
            await expect(desk.button("Remove this endpoint")).to_have_count(0)
            await desk.open("/settings/storage")
            await expect(desk.field("Recordings")).to_be_disabled()
    finally:
        await api.ask("DELETE", "/api/administrators/reader")


async def test_a_wrong_password_is_told_and_the_name_stays(
    browser: Browser, office: Office
) -> None:
    async with Desk.opened(browser, office) as desk:
        await desk.page.goto(office.url)
        await desk.field("Name").fill("alex")
        await desk.page.locator("input[type=password]").fill("not-the-password")
        await desk.button("Sign in").click()
        await expect(desk.page.get_by_role("alert")).to_be_visible()
        await expect(desk.field("Name")).to_have_value("alex")


async def test_signing_out_ends_the_session(browser: Browser, office: Office) -> None:
    async with signed_in(office) as own, Desk.opened(browser, office) as desk:
        await take_session(desk.page.context, own)
        await desk.canvas()
        await desk.button("Signed in as alex").click()
        await desk.page.get_by_role("menuitem", name="Sign out").click()
        await expect(desk.button("Sign in")).to_be_visible()
        await desk.page.reload()
        await expect(desk.button("Sign in")).to_be_visible()


async def test_what_was_just_typed_outlives_its_page(desk: Desk) -> None:
    """Left within the pause after which it would have been saved."""
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Bob").click()
    for name in ("Robert", "Roberta"):
        await desk.field("Name").fill(name)
        await desk.page.reload()
        await expect(desk.page.get_by_role("row", name=name)).to_be_visible()
        await desk.page.get_by_role("row", name=name).click()
