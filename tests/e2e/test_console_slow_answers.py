"""Answers that come late: nothing typed is lost to them, and nothing is shown that is not so."""

import re
import time

from desk.holding import held
from desk.office import SIP_PASSWORD, Caller, Office, flow, sections, signed_in
from desk.pages import Desk, take_session
from playwright.async_api import Browser, Page, expect


async def drawn(page: Page) -> None:
    """Two frames later: what came before it is on the screen."""
    await page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
    )


async def test_a_draft_asked_for_before_it_was_changed_takes_nothing_back(desk: Desk) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await desk.page.route(
        "**/api/draft/view", lambda route: route.fulfill(json={"view": "another"}), times=1
    )
    async with held(desk.page, "**/api/draft") as old:
        await old.asked.wait()
        async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
            await drawer.get_by_role("textbox", name="Name").fill("Helpdesk")
        await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
        async with desk.page.expect_response("**/api/draft"):
            old.release()
    await drawn(desk.page)
    await expect(desk.object("Helpdesk")).to_be_visible()
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
    await drawer.get_by_role("textbox", name="Maximum wait").fill("45")
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(2)")


async def test_the_entry_that_is_open_is_followed_when_others_are_removed(
    desk: Desk, api: Caller
) -> None:
    office = desk.office
    own = sections(office)
    alice, bob = own["users"]
    carol = {"name": "Carol", "extension": "1003", "devices": []}
    await api.draw(**{**own, "users": [alice, bob, carol]}, flows=[flow(office)])
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Bob").click()
    await expect(desk.field("Name")).to_have_value("Bob")
    await api.draw(**{**own, "users": [bob, carol]}, flows=[])
    await expect(desk.page.get_by_role("row", name="Alice")).to_have_count(0)
    await expect(desk.field("Name")).to_have_value("Bob")
    await desk.field("Name").fill("Robert")
    await desk.saved()
    names = [one["name"] for one in (await api.ask("GET", "/api/draft"))[0]["document"]["users"]]
    assert names == ["Robert", "Carol"]
    await api.draw(**{**own, "users": [carol]}, flows=[])
    await expect(desk.page.get_by_role("complementary", name="Settings of")).to_have_count(0)


async def test_a_revealed_secret_is_shown_of_its_owner_alone(desk: Desk) -> None:
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Alice").click()
    password = desk.page.locator(".drawer").get_by_label(re.compile("^Password"))
    await desk.button("Reveal Password").click()
    await expect(password).to_have_value(SIP_PASSWORD)
    await desk.page.get_by_role("row", name="Bob").click()
    await expect(desk.field("Name")).to_have_value("Bob")
    await expect(password).to_have_value("")


async def test_a_secret_revealed_late_hides_nothing_that_was_typed(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    token = desk.page.get_by_label(re.compile("^Secret Token"))
    async with held(desk.page, "**/api/secrets/reveal*") as old:
        await desk.button("Reveal Secret Token").click()
        await old.asked.wait()
        await token.fill("token-typed-meanwhile")
        old.release()
        await expect(desk.button("Reveal Secret Token")).to_be_enabled()
    await expect(token).to_have_value("token-typed-meanwhile")


async def test_what_is_being_applied_keeps_its_dialog(desk: Desk) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Maximum wait").fill("46")
    await desk.page.get_by_test_id("apply").click()
    async with held(desk.page, "**/api/draft/apply", "POST") as applying:
        await desk.page.get_by_test_id("apply-confirm").click()
        await applying.asked.wait()
        await desk.page.keyboard.press("Escape")
        await drawn(desk.page)
    await expect(desk.page.get_by_test_id("applied")).to_contain_text("is live")


async def test_signing_out_saves_what_was_just_typed(
    browser: Browser, office: Office, api: Caller
) -> None:
    async with signed_in(office) as own, Desk.opened(browser, office) as desk:
        await take_session(desk.page.context, own)
        await desk.canvas()
        drawer = await desk.settings("Support")
        async with held(desk.page, "**/api/draft", "PUT") as saving:
            await drawer.get_by_role("textbox", name="Notes").fill("typed last")
            await desk.button("Signed in as alex").click()
            await desk.page.get_by_role("menuitem", name="Sign out").click()
            await saving.asked.wait()
            await expect(desk.button("Signed in as alex")).to_be_visible()
        await expect(desk.button("Sign in")).to_be_visible()
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["document"]["flows"][0]["objects"][1]["notes"] == "typed last"


async def test_a_session_that_ended_while_the_page_was_away_keeps_the_page(desk: Desk) -> None:
    """Coming back to the tab asks who is signed in; nobody is, but the page stays."""
    await desk.open("/settings/account")
    await desk.page.get_by_label("Password now").fill("half typed")
    await desk.page.context.clear_cookies()
    await desk.page.clock.set_system_time((time.time() + 600) * 1000)
    async with desk.page.expect_response("**/api/session"):
        await desk.page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
    await expect(desk.page.get_by_role("dialog", name="Your session ended")).to_be_visible()
    await expect(desk.page.get_by_label("Password now")).to_have_value("half typed")


async def test_an_object_drawn_while_the_example_comes_is_one_undo_away(
    desk: Desk, api: Caller
) -> None:
    await api.draw(users=[], flows=[])
    await desk.canvas()
    async with held(desk.page, "**/api/draft/example", "POST") as example:
        await desk.button("Start from an example").click()
        await example.asked.wait()
        await desk.page.locator('[data-palette="conference"]').click()
        await expect(desk.object("Conference")).to_be_visible()
    await expect(desk.page.locator('.node[data-kind="queue"]')).to_be_visible()
    await expect(desk.page.get_by_role("dialog")).to_have_count(0)
    await desk.button("Undo (Ctrl+Z)").click()
    await expect(desk.object("Conference")).to_be_visible()


async def test_a_simulation_that_was_closed_lights_nothing(desk: Desk) -> None:
    await desk.canvas()
    await desk.button("Simulate").click()
    panel = desk.page.get_by_role("complementary", name="Simulate a call")
    async with held(desk.page, "**/api/simulate", "POST") as walked:
        await panel.get_by_role("button", name="Simulate").click()
        await walked.asked.wait()
        await desk.button("Close the simulator").click()
        async with desk.page.expect_response("**/api/simulate"):
            walked.release()
    await drawn(desk.page)
    await expect(desk.page.locator(".on-path")).to_have_count(0)


async def test_users_are_not_called_offline_before_the_server_said_so(desk: Desk) -> None:
    row = desk.page.get_by_role("row", name="Alice")
    async with held(desk.page, "**/api/users/state"):
        await desk.open("/users")
        await expect(row).to_be_visible()
        await expect(row).not_to_contain_text("Not live yet")
    await expect(row).to_contain_text(re.compile("Offline|Available"))


async def test_a_phone_switched_off_while_it_connects_stays_off(desk: Desk, api: Caller) -> None:
    own = sections(desk.office)
    own["users"][0]["devices"].append({"username": "alice_web", "kind": "browser"})
    await api.apply(**own, flows=[flow(desk.office)])
    await desk.open("/users")
    await desk.button("Browser phone: Off").click()
    async with held(desk.page, "**/api/phone*") as account:
        await desk.button("Switch on").click()
        await account.asked.wait()
        await desk.button("Switch off").click()
        async with desk.page.expect_response("**/api/phone*"):
            account.release()
    await drawn(desk.page)
    await expect(desk.button("Switch on")).to_be_visible()
    await expect(desk.button("Browser phone: Off")).to_be_visible()
