"""A flow of three hundred objects in ordinary editing, and what a call that passes it draws."""

from typing import Any

import pytest
from desk.office import NUMBER, Caller, flow, sections
from desk.pages import Desk
from desk.rendering import count_drawn, drawn_since
from playwright.async_api import expect

from hookswitch.phone.behaviour import ring_only

MANY = 300


@pytest.fixture
async def large(desk: Desk, api: Caller) -> Caller:
    """The office's flow, and three hundred steps below it, six beside each other."""
    office = desk.office
    main: dict[str, Any] = flow(office)
    main["objects"] += [
        {"id": f"step_{n}", "kind": "playback", "name": f"Step {n}", "prompt": "beep",
         "outputs": {"next": f"step_{n + 1}"} if n % 6 != 5 else {},
         "position": [n % 6 * 304, 240 + n // 6 * 160]}
        for n in range(MANY)
    ]  # fmt: skip
    await api.draw(**sections(office), flows=[main])
    return api


async def objects_of(api: Caller) -> dict[str, Any]:
    draft, _ = await api.ask("GET", "/api/draft")
    return {one["id"]: one for one in draft["document"]["flows"][0]["objects"]}


async def test_it_is_edited_as_a_small_one_is(desk: Desk, large: Caller) -> None:
    page = desk.page
    await desk.canvas()
    find = page.get_by_role("combobox", name="Find an object")
    await find.fill("Step 152")
    await page.get_by_role("option", name="Step 152", exact=True).click()
    drawer = page.get_by_role("complementary", name="Settings of Step 152")
    await expect(drawer).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await drawer.get_by_role("textbox", name="Name", exact=True).fill("Searched")
    await page.keyboard.press("Escape")

    box = await desk.object("Searched").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + 60, box["y"] + 50)
    await page.mouse.down()
    await page.mouse.move(box["x"] + 60, box["y"] + 66, steps=4)
    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await page.mouse.up()
    moved = (await objects_of(large))["step_152"]["position"]
    assert moved[1] == 240 + 152 // 6 * 160 + 16

    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await desk.connect("Searched", "next", "Step 146")
    assert (await objects_of(large))["step_152"]["outputs"] == {"next": "step_146"}

    await desk.object("Step 146").click(position={"x": 60, "y": 50})
    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await page.keyboard.press("Delete")
    await expect(desk.object("Step 146")).to_have_count(0)
    assert len(await objects_of(large)) == 4 + MANY - 1
    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await page.keyboard.press("Control+z")
    await expect(desk.object("Step 146")).to_be_visible()
    async with page.expect_response(lambda answer: answer.request.method == "PUT"):
        await page.keyboard.press("Control+z")
    found = await objects_of(large)
    assert len(found) == 4 + MANY
    assert found["step_152"]["outputs"] == {"next": "step_153"}
    assert found["step_152"]["name"] == "Searched"


@pytest.mark.usefixtures("large")
async def test_a_call_that_passes_draws_the_lit_objects_alone(desk: Desk) -> None:
    await count_drawn(desk.page)
    await desk.canvas()
    await expect(desk.object("Support")).to_be_visible()
    async with desk.office.phone("1001") as alice:
        await alice.register()
        alice.on_call = ring_only()
        assert await drawn_since(desk.page), "the page itself was counted"
        call = await desk.office.carrier.call(NUMBER, caller="61400000014")
        await expect(desk.object("Support").locator(".node.alive")).to_be_visible()
        await call.hang_up()
        await expect(desk.page.locator(".node.alive")).to_have_count(0)
    drawn = await drawn_since(desk.page)
    assert drawn.pop("card Support") >= 2
    assert set(drawn) <= {"card Main number", "card Missed", "card Voicemail"}, drawn
