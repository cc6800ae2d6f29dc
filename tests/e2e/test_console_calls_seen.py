"""What real calls leave to be seen: lists, timelines, audio, lights on the canvas, simulations."""

import asyncio
import re

import pytest
from desk.office import NUMBER, Caller, flow, sections
from desk.pages import Desk
from playwright.async_api import expect

from hookswitch.phone import CallFailed, tone
from hookswitch.phone.behaviour import answer_after, ring_only

SPOKEN_S = 5.0


async def test_an_answered_call_has_its_timeline_legs_and_webhooks(desk: Desk) -> None:
    office = desk.office
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.5)
        call = await office.carrier.call(NUMBER, caller="61400000011", name="Jane Citizen")
        await office.receives("user_inbound_completed", "queue_call")
        await call.hang_up()
    await desk.open("/calls")
    await desk.page.get_by_label("Number").fill("61400000011")
    row = desk.page.get_by_role("row", name="Jane Citizen")
    await expect(row).to_contain_text("Alice")
    await row.click()
    await expect(desk.page.get_by_role("heading", name=re.compile("^Call n1"))).to_be_visible()
    await expect(desk.page.get_by_text("Timeline")).to_be_visible()
    await expect(desk.page.get_by_role("table").get_by_text("Alice")).to_be_visible()
    for title in ("User inbound call answered", "Queue call summary"):
        await expect(desk.page.get_by_text(title, exact=True)).to_be_visible()
    await expect(desk.page.get_by_role("button", name="crm Delivered").first).to_be_visible()


async def test_a_voicemail_is_played_with_its_waveform_and_erased_with_its_caller(
    desk: Desk, api: Caller
) -> None:
    office = desk.office
    await api.apply(**sections(office), flows=[flow(office, max_wait=1)])
    call = await office.carrier.call(NUMBER, caller="61400000012", sound=tone(440))
    await office.receives("webhook_component_event")
    await asyncio.sleep(1)
    await call.dtmf("#")  # past the greeting
    await asyncio.sleep(SPOKEN_S)  # the beep and the message itself
    await call.hang_up()
    await office.receives("voicemail")
    unique = next(
        r.document["unique_call_id"] for r in office.received if r.document["type"] == "voicemail"
    )
    await desk.open(f"/calls/{unique}")
    await desk.button("Play voicemail").click()
    await expect(desk.button("Pause voicemail")).to_be_visible()
    slider = desk.page.get_by_role("slider", name="Position in the voicemail")
    await expect(slider).not_to_have_value("0")
    # as long as there is no waveform, all bars are alike
    await expect(desk.page.locator('svg rect[height="2.64"]')).to_have_count(0)
    box = office.server.supervisor.layout.spool / "voicemail" / "default" / "1001"
    left = [path for path in box.glob("*/msg*.txt") if "61400000012" in path.read_text()]
    assert left
    report, _ = await api.ask("DELETE", "/api/people/+61400000012")
    assert (report["audio"], report["messages"]) == (1, len(left))
    assert not any("61400000012" in path.read_text() for path in box.glob("*/msg*.txt"))


async def test_a_real_call_lights_the_objects_it_passes(desk: Desk) -> None:
    office = desk.office
    await desk.canvas()
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = ring_only()
        call = await office.carrier.call(NUMBER, caller="61400000013")
        await expect(desk.object("Support").locator(".node.alive")).to_be_visible()
        await call.hang_up()
        await expect(desk.page.locator(".node.alive")).to_have_count(0)


async def test_a_simulated_call_lights_its_way_and_tells_its_events(desk: Desk) -> None:
    await desk.canvas()
    await desk.button("Simulate").click()
    panel = desk.page.get_by_role("complementary", name="Simulate a call")
    await panel.get_by_role("button", name="Simulate", exact=True).click()
    found = desk.page.get_by_test_id("simulated")
    for title in ("User inbound call", "Queue call summary", "Webhook object in the flow"):
        await expect(found.get_by_text(title, exact=True).first).to_be_visible()
    await expect(desk.page.locator(".node.on-path")).to_have_count(4)
    assert desk.office.received == [], "nothing was called"


async def test_a_simulated_call_takes_what_phones_set_by_code(desk: Desk, api: Caller) -> None:
    """Forwards, trunks that are away, who comes first, a time condition that is set by code."""
    await api.draw(**sections(desk.office), flows=[by_the_clock()])
    await desk.canvas()
    await desk.button("Simulate").click()
    panel = desk.page.get_by_role("complementary", name="Simulate a call")
    run = panel.get_by_role("button", name="Simulate", exact=True)
    way = desk.page.get_by_test_id("simulated").get_by_role("listitem")
    await run.click()
    await expect(way.last).to_contain_text("Sales")
    await panel.get_by_role("button", name="More of this call").click()
    await desk.choose("Open?: set by code", "Doesn't match", within=panel)
    await run.click()
    await expect(way.last).to_contain_text("Mobile")
    await expect(way.last).to_contain_text("on by no answer")
    await panel.get_by_role("combobox", name="Trunks that take no calls").click()
    await desk.page.get_by_role("option", name="carrier").click()
    await desk.page.keyboard.press("Escape")
    await run.click()
    await expect(way.last).to_contain_text("on by failed")
    await desk.choose("Open?: set by code", "By the clock", within=panel)
    await panel.get_by_role("combobox", name="Sales: whom it begins with").click()
    await desk.page.get_by_role("option", name="Bob").click()
    await run.click()
    body = desk.page.get_by_label("user_inbound", exact=True)
    first = desk.page.get_by_test_id("simulated").get_by_text("User inbound call", exact=True).first
    await first.click()
    await expect(body.first).to_contain_text('"user_name": "Bob"')
    await panel.get_by_role("button", name="Add forward").click()
    await desk.choose("Who forwards 1", "Bob (1002)", within=panel)
    await panel.get_by_role("textbox", name="Forwarded to 1").fill("61399999999")
    await run.click()
    refused = panel.get_by_role("alert")
    await expect(refused).to_have_count(0)
    assert desk.office.received == [], "nothing was called"


def by_the_clock() -> dict[str, object]:
    """Number, time condition, ring group that begins with anybody, number outside."""
    always = {"weekdays": ["mon-sun"]}
    objects = [
        {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
         "outputs": {"next": "open"}},
        {"id": "open", "kind": "time_condition", "name": "Open?", "groups": [always],
         "time_zone": "Etc/UTC", "override": "1",
         "outputs": {"matches": "sales", "doesnt_match": "mobile"}},
        {"id": "sales", "kind": "ring_group", "name": "Sales", "members": ["1001", "1002"],
         "strategy": "random", "ring_time": 5},
        {"id": "mobile", "kind": "external_number", "name": "Mobile", "number": "61400000099",
         "trunk": "carrier"},
    ]  # fmt: skip
    return {"name": "Clock", "objects": objects}


async def test_live_shows_a_call_while_it_lasts(desk: Desk) -> None:
    office = desk.office
    await desk.open("/live")
    await expect(desk.page.get_by_text("Connected")).to_be_visible()
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = ring_only()
        call = await office.carrier.call(NUMBER, caller="61400000014")
        active = desk.page.get_by_role("link", name="61400000014")
        await expect(active).to_be_visible()
        await expect(desk.page.get_by_role("log")).to_contain_text("Alice")
        await call.hang_up()
        await expect(active).to_have_count(0)


async def test_a_caller_is_blocked_from_the_page_of_his_call(desk: Desk) -> None:
    office = desk.office
    call = await office.carrier.call(NUMBER, caller="61400000093", name="Spam")
    await call.ringing()
    await call.hang_up()
    await desk.open("/calls")
    row = desk.page.get_by_role("row", name="61400000093")
    await row.click()
    await desk.button("Block caller").click()
    await desk.apply()
    again = await office.carrier.call(NUMBER, caller="+61400000093", name="Spam")
    with pytest.raises(CallFailed) as declined:
        await again.answered()
    assert declined.value.status == 403
    await desk.button("All calls").click()
    await expect(desk.page.get_by_role("row", name="+61400000093")).to_contain_text("Blocked")
    await desk.page.get_by_role("row", name="+61400000093").click()
    await expect(desk.page.get_by_text("The caller is one of those blocked")).to_be_visible()
    await desk.button("In the blocked callers").click()
    await expect(desk.page.get_by_role("heading", name="Blocked callers")).to_be_visible()
    await expect(desk.page.get_by_text("61400000093")).to_be_visible()
    async with desk.page.expect_response(
        lambda answer: "withheld" in (answer.request.post_data or "")
    ):
        await desk.page.get_by_role("switch", name="Whoever shows no number, too").click()
    await desk.apply()
    withheld = await office.carrier.call(NUMBER, caller="anonymous")
    with pytest.raises(CallFailed):
        await withheld.answered()
