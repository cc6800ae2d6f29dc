"""The browser phone: SIP.js in Chromium with fake media, the server's WebSocket, the engine."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from desk.drawing import fill_in
from desk.office import SIP_PASSWORD, Caller, Office, flow, sections, until, user
from desk.pages import Desk
from playwright.async_api import Browser, Locator, expect

from hookswitch.phone import Phone
from hookswitch.phone.behaviour import answer_after, ring_only


@pytest.fixture
async def phone(browser: Browser, office: Office, api: Caller) -> AsyncIterator[Desk]:
    """Bob's browser phone, switched on."""
    device = {"username": "1002-browser", "password": SIP_PASSWORD, "kind": "browser"}
    bob = {**user("Bob", "1002"), "devices": [device]}
    given = {**sections(office), "users": [user("Alice", "1001"), bob]}
    await api.apply(**given, flows=[flow(office)])
    async with Desk.opened(browser, office, api) as desk:
        await desk.open("/live")
        await desk.button("Browser phone: Off").click()
        await desk.button("Switch on").click()
        await expect(panel(desk)).to_contain_text("Ready")
        yield desk


def panel(desk: Desk) -> Locator:
    return desk.page.get_by_test_id("phone")


@asynccontextmanager
async def alice(office: Office, **behaviour: Any) -> AsyncIterator[Phone]:
    async with office.phone("1001") as up:
        await up.register()
        up.on_call = answer_after(0.1, **behaviour)
        yield up


async def test_calling_a_colleague_holding_pressing_keys_and_hanging_up(phone: Desk) -> None:
    office = phone.office
    async with alice(office):
        await phone.field("Number to call").fill("1001")
        await phone.button("Call").click()
        await expect(panel(phone)).to_contain_text("Talking")
        await phone.button("Mute").click()
        await expect(phone.button("Unmute")).to_be_visible()
        await phone.button("Hold").click()
        await expect(panel(phone)).to_contain_text("On hold")
        await phone.button("Resume").click()
        await expect(panel(phone)).to_contain_text("Talking")
        await phone.button("Keys").click()
        await phone.button("Key 5").click()
        await phone.button("Hang up").click()
        await expect(phone.field("Number to call")).to_be_visible()
    await office.receives("user_inbound_completed")
    done = next(
        r.document for r in office.received if r.document["type"] == "user_inbound_completed"
    )
    assert (done["caller_id"], done["user_name"]) == ("1002", "Alice")
    assert done["connected_at"]


async def test_being_called_and_answering(phone: Desk) -> None:
    office = phone.office
    async with alice(office) as caller:
        call = await caller.call("1002")
        await expect(panel(phone)).to_contain_text("calls you")
        await phone.button("Answer").click()
        await call.answered()
        await expect(panel(phone)).to_contain_text("Talking")
        await call.hang_up()
        await expect(phone.field("Number to call")).to_be_visible()
    await office.receives("user_inbound_completed")
    assert "user_inbound_answered" in office.types()


async def test_declining_a_call(phone: Desk) -> None:
    async with alice(phone.office) as caller:
        call = await caller.call("1002")
        await phone.button("Decline").click()
        async with asyncio.timeout(20):
            await call.ended()
        await expect(phone.field("Number to call")).to_be_visible()


async def test_transferring_a_caller_to_a_colleague(phone: Desk) -> None:
    """A caller, answered in the browser, goes on to Alice's desk phone."""
    office = phone.office
    rang = asyncio.Event()
    async with alice(office) as colleague:
        answer = colleague.on_call

        async def note(call: Any) -> None:
            rang.set()
            await answer(call)

        colleague.on_call = note
        async with office.phone("1001") as caller:
            call = await caller.call("1002")
            await phone.button("Answer").click()
            await call.answered()
            await phone.button("Transfer").click()
            await phone.field("Transfer to").fill("1001")
            await (
                phone.page.get_by_test_id("phone")
                .get_by_role("button", name="Transfer", exact=True)
                .last.click()
            )
            await until(rang.is_set)
            await call.hang_up()


async def test_a_drawn_flow_is_called_from_the_page_itself(phone: Desk, api: Caller) -> None:
    """Drawn by drag and drop, applied, called; every event is seen."""
    office = phone.office
    await phone.page.get_by_role("link", name="PBX").click()  # the phone stays on
    await api.apply(**{**(await api.ask("GET", "/api/draft"))[0]["document"], "flows": []})
    await expect(phone.page.get_by_text("Draw where calls go")).to_be_visible()
    for place, kind in enumerate(("number", "queue", "webhook", "voicemail")):
        await phone.drag_in(kind, 130 + 240 * place, 160 + 40 * place)
        await expect(phone.page.locator(f'.node[data-kind="{kind}"]')).to_be_visible()
    await phone.connect("Inbound number", "next", "Queue")
    await phone.connect("Queue", "timeout", "Webhook")
    await phone.connect("Webhook", "next", "Voicemail")
    await fill_in(phone, "61300000007")
    await phone.apply()
    async with office.phone("1001") as nobody:
        await nobody.register()
        nobody.on_call = ring_only()
        await phone.button("Browser phone: Ready").click()
        await phone.field("Number to call").fill("61300000007")
        await phone.button("Call").click()
        await expect(panel(phone)).to_contain_text("Talking")
        await office.receives("user_inbound", "queue_call", "webhook_component_event")
        await panel(phone).get_by_role("button", name="Hang up").click()
    await phone.open("/integration/deliveries")
    for title in ("User inbound call", "Queue call summary", "Webhook object in the flow"):
        row = phone.page.get_by_role("row", name=title).first
        await expect(row).to_contain_text("Delivered")
