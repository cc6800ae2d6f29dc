"""The console without a mouse."""

from desk.office import Caller
from desk.pages import Desk
from playwright.async_api import expect


async def focused(desk: Desk) -> str:
    found = "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
    return str(await desk.page.evaluate(found))


async def test_an_object_is_added_after_an_output_set_and_undone(desk: Desk, api: Caller) -> None:
    await desk.canvas()
    keys = desk.page.keyboard
    await desk.object("Support").focus()
    await keys.press("Tab")
    assert await focused(desk) == "Settings of Support"
    await keys.press("Tab")
    assert await focused(desk) == "Add an object after Full of Support"
    await keys.press("Enter")
    await expect(desk.page.get_by_role("status").get_by_text("Support, Full")).to_be_visible()
    await keys.type("hang")
    await keys.press("Enter")
    drawer = desk.page.get_by_role("complementary", name="Settings of Hang up")
    await expect(drawer.get_by_role("textbox", name="Name", exact=True)).to_be_focused()
    async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
        await keys.press("Control+a")
        await keys.type("Too many wait")
    await keys.press("Escape")
    await expect(drawer).to_have_count(0)
    await expect(desk.object("Too many wait")).to_be_visible()
    draft, _ = await api.ask("GET", "/api/draft")
    objects = draft["document"]["flows"][0]["objects"]
    assert objects[1]["outputs"] == {"timeout": "missed", "full": objects[-1]["id"]}
    await keys.press("Control+z")
    await keys.press("Control+z")
    await expect(desk.page.locator('.node[data-kind="hang_up"]')).to_have_count(0)


async def test_an_object_is_chosen_moved_opened_and_deleted(desk: Desk) -> None:
    await desk.canvas()
    keys = desk.page.keyboard
    card = desk.object("Missed")
    await card.focus()
    before = await card.bounding_box()
    await keys.press("Space")
    await keys.press("ArrowDown")
    after = await card.bounding_box()
    assert before is not None
    assert after is not None
    assert after["y"] > before["y"]
    await keys.press("Enter")
    await expect(desk.page.get_by_role("complementary", name="Settings of Missed")).to_be_visible()
    await keys.press("Escape")
    await card.focus()
    await keys.press("Delete")
    await expect(card).to_have_count(0)


async def test_the_focus_is_seen_and_goes_from_the_top(desk: Desk) -> None:
    await desk.canvas()
    keys = desk.page.keyboard
    await keys.press("Tab")
    assert await focused(desk) == "Skip to the page"
    order = []
    for _ in range(7):
        await keys.press("Tab")
        order.append(await focused(desk))
        style = await desk.page.evaluate(
            "(one => getComputedStyle(one).outlineStyle + getComputedStyle(one).outlineWidth)"
            "(document.activeElement)"
        )
        assert style == "solid2px", order[-1]
    assert order[1:] == ["PBX", "Calls", "Users & phones", "Integration/API", "Live", "Settings"]


async def test_a_dialog_keeps_the_focus_and_gives_it_back(desk: Desk) -> None:
    await desk.open("/users")
    opener = desk.page.get_by_role("row", name="Alice").get_by_role("button", name="Set up a phone")
    await opener.focus()
    await desk.page.keyboard.press("Enter")
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog.get_by_test_id("password")).to_be_visible()
    for _ in range(8):
        await desk.page.keyboard.press("Tab")
        assert await dialog.evaluate("one => one.contains(document.activeElement)")
    await desk.page.keyboard.press("Escape")
    await expect(dialog).to_have_count(0)
    await expect(opener).to_be_focused()
