"""Users, phones, trunks, prompts, administrators: everything that is not drawn."""

import asyncio
import io
import os
import re
import time
import wave

import pyotp
from desk.office import Caller, Office, flow, sections, signed_in
from desk.pages import Desk
from playwright.async_api import Browser, Route, expect

from hookswitch.app.upkeep.limits import limits_of
from hookswitch.app.upkeep.retention import Retention
from hookswitch.phone import NOTHING, Phone

ROBIN = "a-password-of-robin"


async def test_a_user_with_a_phone_is_added_and_registers(desk: Desk, api: Caller) -> None:
    office = desk.office
    await desk.open("/users")
    await desk.button("Add user").click()
    await desk.field("Name").fill("Carol")
    await expect(desk.field("Extension")).to_have_value("1003")
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    row = desk.page.get_by_role("row", name="Carol")
    await expect(row).to_contain_text("Offline")
    found, _ = await api.ask("GET", "/api/secrets/reveal?ref=users/1003/devices/1003/password")
    sip = "127.0.0.1", office.server.supervisor.ports.sip
    async with Phone("1003", server=sip, password=found["value"], sound=NOTHING) as phone:
        await phone.register()
        await expect(row).to_contain_text("Available")


async def test_a_fault_in_a_user_is_told_at_its_field(desk: Desk) -> None:
    await desk.open("/users")
    await desk.page.get_by_role("row", name="Bob").click()
    await desk.field("Name").fill("")
    await expect(desk.page.locator(".drawer")).to_contain_text("It is empty")
    await expect(desk.page.get_by_role("row", name="Unnamed")).to_contain_text("to mend")


async def test_a_trunk_is_added_from_its_form(desk: Desk, api: Caller) -> None:
    await desk.open("/settings/trunks")
    await desk.button("Add trunk").click()
    await desk.field("Name").fill("backup")
    async with desk.page.expect_response(
        lambda answer: "sip.example.com" in (answer.request.post_data or "")
    ):
        await desk.field("Host").fill("sip.example.com")
    await desk.page.keyboard.press("Escape")
    await expect(desk.page.get_by_test_id("apply")).to_contain_text("(1)")
    draft, _ = await api.ask("GET", "/api/draft")
    assert draft["document"]["trunks"][1] == {"name": "backup", "host": "sip.example.com"}
    assert draft["findings"] == []


async def test_what_is_kept_for_how_long_is_changed_and_deletes(desk: Desk, api: Caller) -> None:
    """From the form to the files that go; the page says beforehand what that will be."""
    server = desk.office.server
    aged = server.data.media / "2026/01/01/aged.wav"
    aged.parent.mkdir(parents=True, exist_ok=True)
    aged.write_bytes(b"x" * 1000)
    month_ago = time.time() - 30 * 86_400
    os.utime(aged, (month_ago, month_ago))
    keeping = Retention(
        server.data.media,
        server.supervisor.layout.recordings,
        lambda: limits_of(server.settings, server.live.document),
    )
    assert keeping.expire() == 0, "a year as the server's settings say"
    await desk.open("/settings/storage")
    await desk.field("Calls").fill("60")
    await desk.field("Deliveries").fill("90")
    await expect(desk.page.get_by_text("Write at most 60, or leave it out")).to_be_visible()
    await desk.field("Deliveries").fill("7")
    await desk.field("Recordings").fill("10")
    going = desk.page.get_by_test_id("deletes").get_by_role("listitem")
    await expect(going).to_have_count(3)
    await expect(going.nth(2)).to_contain_text("recordings made before")
    assert keeping.expire() == 0, "not before it is applied"
    await desk.apply()
    await expect(going).to_have_count(0)
    assert keeping.expire() == 1
    assert not aged.exists()
    kept, _ = await api.ask("GET", "/api/storage")
    assert kept["kept"] == {
        "history_days": 60, "deliveries_days": 7, "recordings_days": 10,
        "voicemail_days": server.settings.media_keep_days,
        "audio_mb": server.settings.media_keep_mb,
    }  # fmt: skip
    await desk.open("/settings/audit")
    await expect(
        desk.page.get_by_role("row", name="Applied the configuration").first
    ).to_be_visible()
    await desk.open("/pbx/history")
    await desk.button("Changes").first.click()
    said = desk.page.get_by_role("dialog")
    await expect(said).to_contain_text("recordings days")


async def test_nothing_is_typed_into_a_draft_that_is_not_there_yet(desk: Desk) -> None:
    """A slow server's page of limits waits for the draft: what is typed would go nowhere."""
    there = asyncio.Event()

    async def late(route: Route) -> None:
        await there.wait()
        await route.continue_()

    await desk.page.route("**/api/draft", late)
    await desk.open("/settings/storage")
    await expect(desk.page.get_by_text("Free on the disk")).to_be_visible()
    await expect(desk.page.get_by_role("status", name="Loading")).to_be_visible()
    await expect(desk.field("Calls")).to_have_count(0)
    there.set()
    await desk.field("Calls").fill("60")
    await expect(desk.page.get_by_test_id("deletes")).to_contain_text("calls that ended")


async def test_a_prompt_is_uploaded_and_can_be_chosen(desk: Desk, api: Caller) -> None:
    await desk.open("/settings/prompts")
    async with desk.page.expect_file_chooser() as chooser:
        await desk.button("Upload audio").click()
    file = {"name": "Welcome.wav", "mimeType": "audio/wav", "buffer": silence()}
    await (await chooser.value).set_files(file)  # type: ignore[arg-type]
    await expect(desk.page.get_by_role("cell", name="welcome", exact=True)).to_be_visible()
    await desk.canvas()
    await desk.page.locator('[data-palette="playback"]').click()
    await desk.choose("Prompt", "welcome", within=desk.page.locator(".drawer"))
    await expect(desk.object("Playback")).to_contain_text("welcome")
    await api.ask("DELETE", "/api/prompts/welcome")


def silence() -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setparams((1, 2, 8000, 0, "NONE", ""))
        audio.writeframes(bytes(8000))
    return out.getvalue()


async def test_administrators_are_added_and_removed(desk: Desk) -> None:
    await desk.open("/settings/administrators")
    await desk.button("Add administrator").click()
    await desk.field("Name").fill("kim")
    await desk.page.get_by_role("dialog").locator("input[type=password]").fill("a-long-password")
    await desk.button("Add").click()
    row = desk.page.get_by_role("row", name="kim")
    await expect(row).to_be_visible()
    await row.get_by_role("button", name="Delete").click()
    await desk.button("Keep it").click()
    await expect(row).to_be_visible()
    await row.get_by_role("button", name="Delete").click()
    await desk.button("Delete administrator").click()
    await expect(row).to_have_count(0)
    await desk.open("/settings/audit")
    await expect(desk.page.get_by_role("row", name="Added an administrator").first).to_be_visible()


async def test_a_backup_is_made_and_fetched(desk: Desk) -> None:
    await desk.open("/settings/backup")
    await desk.button("Back up now").click()
    link = desk.page.get_by_role("cell").get_by_role("link").first
    await expect(link).to_be_visible()
    async with desk.page.expect_download() as started:
        await link.click()
    file = await (await started.value).path()
    assert file.read_bytes()[:2] == b"\x1f\x8b", "gzip"


async def test_a_second_factor_is_set_up_used_and_recovered(
    browser: Browser, office: Office, api: Caller
) -> None:
    given = {"name": "robin", "role": "operator", "password": ROBIN}
    await api.ask("POST", "/api/administrators", given)
    async with Desk.opened(browser, office) as desk:
        await sign_in(desk)
        await expect(desk.button("Signed in as robin")).to_be_visible()
        await desk.open("/settings/account")
        factor = desk.page.locator("section").filter(has_text="Second factor")
        await factor.get_by_role("textbox", name="Password").fill(ROBIN)
        await desk.button("Set up").click()
        await expect(factor.get_by_role("img", name="QR code")).to_be_visible()
        app = pyotp.TOTP(await desk.page.get_by_test_id("totp-secret").inner_text())
        await desk.field("Code the app shows").fill(app.now())
        await desk.button("Turn it on").click()
        shown = desk.page.get_by_test_id("recovery").locator("span")
        await expect(shown).to_have_count(8)
        codes = await shown.all_inner_texts()
        await desk.button("I have kept them").click()
    for code, takes in ((codes[3], True), (codes[3], False), (codes[4], True)):
        async with Desk.opened(browser, office) as desk:
            await sign_in(desk)
            await desk.field("One-time code").fill(code)
            await desk.button("Sign in").click()
            if takes:
                await expect(desk.button("Signed in as robin")).to_be_visible()
            else:
                await expect(desk.page.get_by_role("alert")).to_be_visible()
    await api.ask("DELETE", "/api/administrators/robin")


async def sign_in(desk: Desk) -> None:
    await desk.page.goto(desk.office.url)
    await desk.field("Name").fill("robin")
    await desk.page.locator("input[type=password]").fill(ROBIN)
    await desk.button("Sign in").click()


async def test_a_session_elsewhere_is_ended(browser: Browser, desk: Desk, office: Office) -> None:
    async with signed_in(office) as elsewhere, Desk.opened(browser, office, elsewhere) as other:
        await other.canvas()
        await desk.open("/settings/account")
        ends = desk.page.get_by_role("row").get_by_role("button", name="End")
        await ends.first.click()  # the latest seen comes first
        await other.page.goto(f"{office.url}/calls")
        await expect(other.button("Sign in")).to_be_visible()


async def test_storage_tells_what_is_kept_and_for_how_long(desk: Desk) -> None:
    await desk.open("/settings/storage")
    await expect(desk.page.get_by_text("Free on the disk")).to_be_visible()
    usual = "365, as the server's settings say"
    await expect(desk.field("Recordings")).to_have_attribute("placeholder", usual)
    row = desk.page.get_by_role("row", name="New calls are refused")
    await expect(row).to_contain_text("256 MB free")


async def test_a_feature_code_and_an_allowed_network_are_changed(desk: Desk, api: Caller) -> None:
    await desk.open("/settings/feature_codes")
    await desk.field("Do not disturb on").fill("*60")
    await desk.page.get_by_role("link", name="Allowed networks").click()
    await desk.button("Add network").click()
    await desk.field("Network").fill("192.168.7.0/24")
    await desk.page.get_by_role("combobox", name="Ports").fill("8443")
    await desk.page.keyboard.press("Enter")
    await desk.page.keyboard.press("Escape")
    await desk.apply()
    live, _ = await api.ask("GET", "/api/configuration")
    assert live["document"]["feature_codes"]["dnd_on"] == "*60"
    assert live["document"]["allowed_networks"][-1] == {
        "network": "192.168.7.0/24",
        "ports": [8443],
    }


async def test_a_trunk_says_how_it_is_and_why(desk: Desk, api: Caller) -> None:
    own = sections(desk.office)
    refused = {
        "name": "refused", "host": "127.0.0.3", "registers": True,
        "username": "us", "password": "not-the-password",
    }  # fmt: skip
    await api.apply(**{**own, "trunks": [*own["trunks"], refused]}, flows=[flow(desk.office)])
    await desk.open("/settings/trunks")
    row = desk.page.get_by_role("row", name="refused")
    await expect(row).to_contain_text(re.compile("Not registered|Away"))
    await expect(row).to_contain_text(re.compile("refuses to register us|does not answer"))
    await expect(row.locator("time")).to_be_visible()
    await desk.button("Add trunk").click()
    await desk.field("Name").fill("drawn_only")
    await expect(desk.page.get_by_role("row", name="drawn_only")).to_contain_text("Not live yet")
