"""The canvas: drawing, editing, finding, undoing, all of it in the draft."""

import itertools
import re

import pytest
from desk.drawing import fill_in
from desk.office import NUMBER, SIGNING, TOKEN, Caller, flow, sections
from desk.pages import Desk
from playwright.async_api import expect

from hookswitch.phone.behaviour import ring_only


async def test_a_flow_is_drawn_applied_and_called(desk: Desk, api: Caller) -> None:
    """Number -> queue -> (timeout) Webhook -> voicemail, by drag and drop alone."""
    office = desk.office
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = ring_only()
        await api.apply(**{**sections(office), "flows": []})
        await desk.canvas()
        for place, kind in enumerate(("number", "queue", "webhook", "voicemail")):
            await desk.drag_in(kind, 130 + 240 * place, 160 + 40 * place)
            await expect(desk.page.locator(f'.node[data-kind="{kind}"]')).to_be_visible()
        await desk.connect("Inbound number", "next", "Queue")
        await desk.connect("Queue", "timeout", "Webhook")
        await desk.connect("Webhook", "next", "Voicemail")
        await expect(desk.page.locator(".react-flow__edge")).to_have_count(3)
        await fill_in(desk, NUMBER)
        await expect(desk.page.get_by_text("to mend")).to_have_count(0)
        await desk.apply()
        call = await office.carrier.call(NUMBER, caller="61400000001")
        await office.receives("user_inbound", "queue_call", "webhook_component_event")
        await call.hang_up()
        own = next(r for r in office.received if r.document["type"] == "webhook_component_event")
        assert own.document["component_name"] == "Nobody answered"
        assert own.headers["x-pbx-token"] != TOKEN


async def test_the_button_turns_red_with_the_number_of_changes(desk: Desk) -> None:
    await desk.canvas()
    await expect(desk.page.get_by_test_id("in-force")).to_contain_text("is live")
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Maximum wait").fill("44")
    button = desk.page.get_by_test_id("apply")
    await expect(button).to_have_text("Apply configuration (1)")
    await drawer.get_by_role("textbox", name="Maximum wait").fill("3")
    await expect(desk.page.get_by_test_id("in-force")).to_be_visible()


async def test_settings_show_on_the_object_as_they_are_typed(desk: Desk) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Name").fill("Helpdesk")
    await expect(desk.object("Helpdesk")).to_be_visible()
    await drawer.get_by_role("textbox", name="Maximum wait").fill("77")
    await expect(desk.object("Helpdesk")).to_contain_text("77 s")
    async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
        await drawer.get_by_role("textbox", name="Notes").fill("who is here on Fridays")
    await desk.canvas()
    drawer = await desk.settings("Helpdesk")
    await expect(drawer.get_by_role("textbox", name="Notes")).to_have_value(re.compile("Fridays"))


async def test_an_inbound_number_is_chosen_from_the_accounts(desk: Desk, api: Caller) -> None:
    numbers = [{"number": NUMBER, "name": "Main line"}, {"number": "61300000099", "name": "Fax"}]
    await api.apply(**sections(desk.office), flows=[flow(desk.office)], numbers=numbers)
    await desk.canvas()
    drawer = await desk.settings("Main number")
    await drawer.get_by_role("combobox", name="Numbers").click()
    await desk.page.get_by_role("option", name="61300000099 (Fax)").click()
    await expect(desk.object("Main number")).to_contain_text("61300000099")


async def test_a_fault_shows_on_its_object_and_blocks_only_apply(desk: Desk) -> None:
    await desk.canvas()
    drawer = await desk.settings("Missed")
    await drawer.get_by_role("textbox", name="URL").fill("crm.example.com")
    await expect(desk.object("Missed").get_by_role("img", name="1 to mend")).to_be_visible()
    await expect(drawer).to_contain_text(
        "Write it like https://crm.example.com/hooks", ignore_case=True
    )
    await desk.page.get_by_test_id("apply").click()
    dialog = desk.page.get_by_role("dialog", name="Apply configuration")
    await expect(dialog).to_contain_text("One thing must be mended first")
    await expect(desk.page.get_by_test_id("apply-confirm")).to_be_disabled()
    await dialog.get_by_role("button", name=re.compile("flows|Missed")).first.click()
    await expect(desk.page.get_by_role("complementary", name="Settings of Missed")).to_be_visible()


async def test_undo_and_redo_by_keys(desk: Desk) -> None:
    await desk.canvas()
    await desk.object("Missed").click()
    await desk.page.keyboard.press("Delete")
    await expect(desk.object("Missed")).to_have_count(0)
    await expect(desk.page.locator(".react-flow__edge")).to_have_count(1)
    await desk.page.keyboard.press("Control+z")
    await expect(desk.object("Missed")).to_have_count(1)
    await expect(desk.page.locator(".react-flow__edge")).to_have_count(3)
    await desk.page.keyboard.press("Control+Shift+z")
    await expect(desk.object("Missed")).to_have_count(0)


async def test_several_objects_are_copied_with_the_edges_among_them(desk: Desk) -> None:
    await desk.canvas()
    await desk.object("Missed").click()
    await desk.object("Voicemail").click(modifiers=["Shift"])
    await desk.page.keyboard.press("Control+c")
    await desk.page.keyboard.press("Control+v")
    await expect(desk.page.locator('.node[data-kind="voicemail"]')).to_have_count(2)
    await expect(desk.page.locator(".react-flow__edge")).to_have_count(4)


async def test_an_object_is_added_by_typing_its_name(desk: Desk) -> None:
    """Keyboard only; it is connected to the object that is chosen."""
    await desk.canvas()
    await desk.object("Voicemail").click()
    await desk.page.get_by_label("Find an object to add").fill("hang")
    await desk.page.keyboard.press("Enter")
    await expect(desk.page.get_by_role("complementary", name="Settings of Hang up")).to_be_visible()
    await expect(desk.page.locator(".react-flow__edge")).to_have_count(4)


async def test_edges_can_be_chosen_without_a_mouse(desk: Desk, api: Caller) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await desk.choose("Full", "Voicemail", within=drawer)
    await expect(desk.page.locator(".react-flow__edge")).to_have_count(4)
    await expect(desk.page.get_by_test_id("apply")).to_have_text("Apply configuration (1)")
    draft, _ = await api.ask("GET", "/api/draft")
    outputs = draft["document"]["flows"][0]["objects"][1]["outputs"]
    assert outputs == {"timeout": "missed", "full": "voicemail"}


async def test_moving_an_object_is_kept_but_is_no_change(desk: Desk, api: Caller) -> None:
    await desk.canvas()
    card = desk.object("Voicemail")
    box = await card.bounding_box()
    assert box is not None
    await desk.page.mouse.move(box["x"] + 60, box["y"] + 50)
    await desk.page.mouse.down()
    await desk.page.mouse.move(box["x"] + 60, box["y"] + 180, steps=5)
    async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
        await desk.page.mouse.up()
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["document"]["flows"][0]["objects"][3]["position"][1] > 60
    assert draft["changes"] == 0
    await expect(desk.page.get_by_test_id("in-force")).to_be_visible()


async def test_layout_puts_objects_side_by_side(desk: Desk, api: Caller) -> None:
    await desk.canvas()
    await desk.page.locator(".react-flow__pane").click(position={"x": 30, "y": 30})
    async with desk.page.expect_response(lambda answer: answer.request.method == "PUT"):
        await desk.page.keyboard.press("Control+l")
    draft, _ = await api.ask("GET", "/api/draft")
    places = [one["position"] for one in draft["document"]["flows"][0]["objects"]]
    assert all(after[0] - before[0] > 216 for before, after in itertools.pairwise(places))


async def test_search_finds_an_object_in_another_flow(desk: Desk) -> None:
    await desk.canvas()
    await desk.button("New flow").click()
    await expect(desk.page.get_by_text("This flow is empty")).to_be_visible()
    find = desk.page.get_by_role("combobox", name="Find an object")
    await find.fill("Missed")
    await desk.page.get_by_role("option", name="Missed").click()
    await expect(desk.page.get_by_role("complementary", name="Settings of Missed")).to_be_visible()
    await expect(desk.object("Support")).to_be_visible()


async def test_yaml_goes_out_and_comes_in(desk: Desk) -> None:
    await desk.canvas()
    await desk.button("More about this flow").click()
    await desk.page.get_by_role("menuitem", name="Export YAML").click()
    shown = desk.page.get_by_label("YAML", exact=True)
    await expect(shown).to_contain_text("kind: queue")
    text = await shown.inner_text()
    assert TOKEN not in text
    assert SIGNING not in text
    await desk.page.keyboard.press("Escape")
    await desk.button("More about this flow").click()
    await desk.page.get_by_role("menuitem", name="Import YAML").click()
    await desk.field("YAML").fill(text.replace("Support", "Sales"))
    await desk.button("Import into the draft").click()
    await expect(desk.object("Sales")).to_be_visible()
    await expect(desk.page.get_by_text("to mend")).to_have_count(0)


async def test_the_draft_is_discarded_as_a_whole(desk: Desk) -> None:
    await desk.canvas()
    await desk.object("Missed").click()
    await desk.page.keyboard.press("Delete")
    await expect(desk.page.get_by_test_id("apply")).to_be_visible()
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(")
    await desk.button("More about this flow").click()
    await desk.page.get_by_role("menuitem", name="Discard the draft").click()
    await desk.button("Discard").click()
    await expect(desk.object("Missed")).to_be_visible()
    await expect(desk.page.get_by_test_id("in-force")).to_be_visible()


async def test_an_older_revision_is_brought_back(desk: Desk, api: Caller) -> None:
    await desk.canvas()
    drawer = await desk.settings("Support")
    await drawer.get_by_role("textbox", name="Name").fill("Helpdesk")
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    await desk.open("/pbx/history")
    await desk.button("Changes").nth(1).click()
    dialog = desk.page.get_by_role("dialog")
    await expect(dialog).to_contain_text("Helpdesk")
    await dialog.get_by_role("button", name=re.compile("Roll back to revision")).click()
    await expect(dialog).to_be_hidden()
    await desk.canvas()
    await expect(desk.object("Support")).to_be_visible()
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["changes"] == 0


@pytest.mark.parametrize("kind", ["voice_menu", "time_condition", "condition", "ring_group"])
async def test_every_kind_has_a_form(desk: Desk, kind: str) -> None:
    await desk.canvas()
    await desk.page.locator(f'[data-palette="{kind}"]').click()
    drawer = desk.page.get_by_role("complementary", name=re.compile("Settings of"))
    await expect(drawer.get_by_role("textbox", name="Name", exact=True).first).to_be_focused()
    await expect(drawer.get_by_text("Where calls go on")).to_be_visible()
