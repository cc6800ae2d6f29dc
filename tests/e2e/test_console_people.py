"""Users renamed, called and forgotten by clicks."""

import asyncio

from desk.office import NUMBER, SIP_PASSWORD, TOKEN, Caller
from desk.pages import Desk
from playwright.async_api import expect

from hookswitch.phone import NOTHING, Call, Phone
from hookswitch.phone.behaviour import answer_after


async def test_renaming_a_user_and_a_phone_keeps_the_password(desk: Desk) -> None:
    office = desk.office
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Bob").click()
    await desk.field("Extension").fill("1042")
    await desk.field("User name").fill("1042-desk")
    await expect(desk.field("Password")).to_have_attribute("placeholder", "set: kept as it is")
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    sip = "127.0.0.1", office.server.supervisor.ports.sip
    async with Phone("1042-desk", server=sip, password=SIP_PASSWORD, sound=NOTHING) as phone:
        await phone.register()
        await expect(desk.page.get_by_role("row", name="Bob")).to_contain_text("Available")
    await desk.open("/settings/trunks")  # a page that was not there when it was typed
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Bob").click()
    await desk.button("Reveal Password").click()
    await expect(desk.field("Password")).to_have_value(SIP_PASSWORD)


async def test_renaming_an_endpoint_keeps_its_secrets(desk: Desk, api: Caller) -> None:
    await desk.open("/integration/webhooks")
    await desk.field("Name").fill("helpdesk")
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(")
    await desk.button("Reveal Secret Token").click()
    await expect(desk.field("Secret Token")).to_have_value(TOKEN)
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["findings"] == []


async def test_a_call_is_placed_for_a_user(desk: Desk) -> None:
    office = desk.office
    async with office.phone("1001") as alice, office.phone("1002") as bob:
        await alice.register()
        await bob.register()
        reached = asyncio.Event()

        async def answer(call: Call) -> None:
            await answer_after(0.1)(call)
            reached.set()

        alice.on_call = answer_after(0.1)
        bob.on_call = answer
        await desk.open("/users")
        row = desk.page.get_by_role("row", name="Alice")
        await expect(row).to_contain_text("Available")
        await row.get_by_role("button", name="Call").click()
        dialog = desk.page.get_by_role("dialog", name="Place a call")
        await dialog.get_by_label("Number to call").fill("0400 000 002")
        await dialog.get_by_role("button", name="Call").click()
        await expect(dialog.get_by_role("alert")).to_contain_text("No route of Alice (1001) fits")
        await dialog.get_by_label("Number to call").fill("1002")
        await dialog.get_by_role("button", name="Call").click()
        await expect(dialog.get_by_role("status")).to_contain_text("The phones ring")
        async with asyncio.timeout(20):
            await reached.wait()
        await dialog.get_by_role("link", name="See the call").click()
        await expect(desk.page.get_by_text("Bob answered")).to_be_visible()


async def test_a_caller_is_erased_on_request(desk: Desk, api: Caller) -> None:
    office = desk.office
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.3)
        call = await office.carrier.call(NUMBER, caller="61400000099", name="Kim Private")
        await office.receives("user_inbound_completed", "queue_call")
        await call.hang_up()
    unique = office.received[-1].document["unique_call_id"]
    await desk.open("/settings/personal")
    await desk.field("Number").fill("+61400000099")
    await desk.button("Look it up").click()
    dialog = desk.page.get_by_role("dialog", name="Erase +61400000099?")
    await expect(dialog).to_contain_text("1 call from or to it is kept")
    await dialog.get_by_role("button", name="Erase for good").click()
    await expect(desk.page.get_by_role("status", name="is erased")).to_contain_text("1 call")
    await desk.open("/settings/audit")
    log = desk.page.get_by_role("region", name="Entries")
    await expect(log).to_contain_text("Erased a caller")
    await expect(log).not_to_contain_text("61400000099")
    await desk.open("/settings/personal")
    found, _ = await api.ask("GET", f"/api/calls/{unique}")
    assert "61400000099" not in str(found)
    assert "Kim Private" not in str(found)
    await desk.field("Number").fill("+61400000099")
    await desk.button("Look it up").click()
    await expect(dialog).to_contain_text("No call is kept")


async def test_fields_are_kept_from_an_endpoint(desk: Desk) -> None:
    office = desk.office
    await desk.open("/integration/webhooks")
    await desk.choose("Kept from this endpoint: caller_name", "Sent empty")
    await desk.choose("Kept from this endpoint: caller_id", "As a pseudonym")
    await desk.field("Strict order").fill("60")
    await desk.apply()
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.3)
        call = await office.carrier.call(NUMBER, caller="61400000098", name="Pat Jones")
        await office.receives("user_inbound_completed")
        await call.hang_up()
    for one in office.received:
        assert one.document["caller_name"] == ""
        assert one.document["caller_id"] not in {"", "61400000098"}
