"""From nothing to the first webhook, by clicks alone."""

import asyncio
from pathlib import Path

from desk.office import opened
from desk.pages import Desk
from playwright.async_api import Browser, expect

from hookswitch.phone import NOTHING, Call, Phone
from hookswitch.phone.behaviour import answer_after


async def test_first_run_to_first_webhook(
    browser: Browser, tmp_path: Path, screenshots: Path
) -> None:
    async with opened(tmp_path) as office, Desk.opened(browser, office) as desk:
        await first_administrator(desk, office.code)
        await desk.page.screenshot(path=screenshots / "first-start.png")
        await desk.button("Start from an example").click()
        await expect(desk.object("Support")).to_be_visible()
        await desk.apply()
        await desk.open("/users")
        row = desk.page.get_by_role("row", name="Alice")
        await row.get_by_role("button", name="Set up a phone").click()
        dialog = desk.page.get_by_role("dialog")
        await expect(dialog.get_by_role("img", name="QR code of the account")).to_be_visible()
        password = await dialog.get_by_test_id("password").inner_text()
        sip = "127.0.0.1", office.server.supervisor.ports.sip
        alice = Phone("1001", server=sip, password=password, sound=NOTHING)
        async with alice:
            await alice.register()
            answered = asyncio.Event()

            async def answer(call: Call) -> None:
                await answer_after(0.2)(call)
                answered.set()

            alice.on_call = answer
            await alice_is_called(desk, answered, await password_of(desk, "Bob"))


async def alice_is_called(desk: Desk, answered: asyncio.Event, password_of_bob: str) -> None:
    """From the phone of a colleague, as nobody has a provider yet."""
    sip = "127.0.0.1", desk.office.server.supervisor.ports.sip
    async with Phone("1002", server=sip, password=password_of_bob, sound=NOTHING) as bob:
        await bob.register()
        call = await bob.call("61300000000")
        async with asyncio.timeout(20):  # the queue answers first
            await answered.wait()
        await call.hang_up()
        await desk.open("/integration/deliveries")
        row = desk.page.get_by_role("row", name="User inbound call answered")
        await expect(row).to_contain_text("Delivered")


async def password_of(desk: Desk, name: str) -> str:
    await desk.page.keyboard.press("Escape")
    row = desk.page.get_by_role("row", name=name)
    await row.get_by_role("button", name="Set up a phone").click()
    shown = desk.page.get_by_role("dialog").get_by_test_id("password")
    await expect(shown).to_be_visible()
    return await shown.inner_text()


async def first_administrator(desk: Desk, code: str) -> None:
    await desk.page.goto(f"{desk.office.url}/?code={code}")
    await desk.field("Your name").fill("sam")
    for password in await desk.page.locator("input[type=password]").all():
        await password.fill("a-long-password")
    await desk.button("Create administrator").click()
    await expect(desk.page.get_by_text("Draw where calls go")).to_be_visible()


async def test_a_wrong_code_is_refused_and_what_was_typed_stays(
    browser: Browser, tmp_path: Path
) -> None:
    async with opened(tmp_path) as office, Desk.opened(browser, office) as desk:
        await desk.page.goto(office.url)
        await desk.field("One-time code").fill("WRON-GONE")
        await desk.field("Your name").fill("sam")
        for password in await desk.page.locator("input[type=password]").all():
            await password.fill("a-long-password")
        await desk.button("Create administrator").click()
        await expect(desk.page.get_by_role("alert")).to_be_visible()
        await expect(desk.field("Your name")).to_have_value("sam")
