"""A first start as the console has it: example, Apply, a browser phone, a call, its webhooks.

Real engine, real SIP, real HTTP; the browser phone's SIP is written by hand over its WebSocket.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from support.serving import Serving, serving

from hookswitch.app.configuration.example import NUMBER
from hookswitch.app.datadir import DataDir
from hookswitch.app.upkeep.backup import restore
from hookswitch.phone import Phone
from hookswitch.phone.behaviour import ring_only
from kit.stream import watching
from kit.web import Browser, bearer

WITHIN = 60.0


@pytest.fixture(scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("office")) as at:
        yield at


@pytest.fixture(scope="module")
async def ada(office: Serving) -> AsyncIterator[Browser]:
    """Signed in, with the example applied; `steps` are what the stream told of Apply."""
    url = office.server.web.url
    headers = {
        "Authorization": f"Bearer {office.server.data.token()}",
        "X-Hookswitch-User": "ada",
    }
    async with Browser(url, headers) as browser, watching(browser) as stream:
        match = {"If-Match": (await browser.get("/api/draft"))["etag"]}
        made = await browser.ask("POST", "/api/draft/example", headers=match)
        assert made.body["findings"] == []
        match = {"If-Match": made.headers["ETag"]}
        applied = await browser.ask("POST", "/api/draft/apply", {"comment": "it"}, headers=match)
        assert applied.status == 200, applied
        assert applied.body["revision"] == 1
        assert {"dialplan", "queues", "SIP accounts and trunks"} <= set(applied.body["reloaded"])
        steps = [await stream.next("apply")]
        while steps[-1]["state"] == "running":
            steps.append(await stream.next("apply"))
        assert steps[-1] == {"step": "done", "state": "done", "revision": 1}
        assert "trying it on a throwaway engine" in {step["step"] for step in steps}
        yield browser


async def until(ask: Any, done: Any) -> Any:
    async with asyncio.timeout(WITHIN):
        while not done(found := await ask()):
            await asyncio.sleep(0.05)
    return found


async def test_the_draft_is_gone_once_it_is_live(ada: Browser) -> None:
    seen = await ada.get("/api/draft")
    assert (seen["etag"], seen["changes"], seen["base"]) == ("live-1", 0, 1)
    entry = (await ada.get("/api/audit?limit=1"))["items"][0]
    assert (entry["what"], entry["who"]) == ("POST /api/draft/apply", "ada")
    assert entry["details"] == "revision 1"


async def test_an_edit_of_one_secret_is_a_change_and_then_what_is_revealed(ada: Browser) -> None:
    seen = await ada.get("/api/draft")
    seen["document"]["webhooks"][0]["secret_token"] = "another-token"
    match = {"If-Match": seen["etag"]}
    saved = await ada.ask("PUT", "/api/draft", seen["document"], headers=match)
    changes = (await ada.get("/api/draft/changes"))["items"]
    assert [change["text"] for change in changes] == ["webhooks receiver: secret_token changed"]
    applied = await ada.ask(
        "POST", "/api/draft/apply", {}, headers={"If-Match": saved.headers["ETag"]}
    )
    assert applied.status == 200, applied
    shown = await ada.get("/api/secrets/reveal?ref=webhooks/receiver/secret_token")
    assert shown["value"] == "another-token"
    stale = await ada.ask("POST", "/api/draft/reset", {"revision": 1}, headers=match)
    assert stale.status == 412


async def test_a_call_is_seen_from_all_sides(ada: Browser, office: Serving) -> None:
    server = office.server
    sip = (server.settings.sip_host, server.supervisor.ports.sip)
    passwords = {
        device.username: device.password.get_secret_value()
        for user in server.live.document.users
        for device in user.devices
    }
    async with (
        Phone("1001", server=sip, password=passwords["1001"]) as alice,
        Phone("1002", server=sip, password=passwords["1002"]) as bob,
        watching(ada) as stream,
    ):
        alice.on_call = ring_only()
        await alice.register()
        users = await until(lambda: users_of(ada), lambda users: registered(users, "1001"))
        assert users["1001"]["devices"][0]["registered"] is True
        assert users["1002"]["devices"][1]["registered"] is False
        call = await bob.call(f"sip:{NUMBER}@{sip[0]}:{sip[1]}")
        told = await stream.next("call")
        assert (told["state"], told["dest_number"]) == ("arrived", NUMBER)
        rings = await stream.next("leg")
        while rings["state"] != "ringing":
            rings = await stream.next("leg")
        assert (rings["user"], rings["name"]) == ("1001", "Alice")
        [queue] = (await ada.get("/api/queues/state"))["items"]
        assert (queue["name"], queue["waiting"]) == ("Support", 1)
        assert queue["agents"][0]["name"] == "Alice"
        assert (await users_of(ada))["1001"]["ringing"] is True
        await call.hang_up()
        assert (await stream.next("delivery"))["state"] == "delivered"
    got = await until(lambda: ada.get("/api/receiver/requests"), lambda got: len(got["items"]) >= 3)
    assert {one["body"]["type"] for one in got["items"]} >= {"user_inbound", "queue_call"}
    for one in got["items"]:
        assert one["checks"] == {"token": "", "signature": ""}
        assert "x-pbx-token" not in one["headers"]
    [row] = (await ada.get("/api/calls?number=1002&state=missed&user=1001"))["items"]
    assert (row["direction"], row["dest_number"]) == ("internal", NUMBER)
    assert [user["name"] for user in row["users"]] == ["Bob", "Alice"]
    assert (await ada.get("/api/calls?number=1002&state=answered"))["items"] == []
    assert (await ada.ask("GET", "/api/calls?after=none")).status == 422
    whole = await ada.get(f"/api/calls/{row['id']}")
    assert whole["call"] == row
    assert [leg["queue"] for leg in whole["legs"]] == ["Support"]
    steps = [step["step"] for step in whole["timeline"]]
    assert steps[:2] == ["arrived", "entered"]
    assert steps[-1] == "ended"
    assert "ringing" in steps
    assert {e["type"] for e in whole["events"] if e["deliveries"]} == {
        "user_inbound", "user_inbound_completed", "queue_call",
    }  # fmt: skip
    assert (await ada.ask("GET", "/api/calls/none")).status == 404
    endpoints = {one["name"]: one for one in (await ada.get("/api/endpoints"))["items"]}
    assert endpoints["receiver"]["triggers"]["user_inbound"]["last_success_at"]
    assert endpoints["receiver"]["state"] == "active"


async def users_of(browser: Browser) -> Mapping[str, Any]:
    return {one["extension"]: one for one in (await browser.get("/api/users/state"))["items"]}


def registered(users: Mapping[str, Any], extension: str) -> bool:
    return any(device["registered"] for device in users[extension]["devices"])


async def test_an_endpoint_is_paused_and_resumed(ada: Browser) -> None:
    for verb, state in (("pause", "paused"), ("resume", "active")):
        assert (await ada.ask("POST", f"/api/endpoints/receiver/{verb}")).body["state"] == state
        endpoints = {one["id"]: one for one in (await ada.get("/api/endpoints"))["items"]}
        assert endpoints["receiver"]["state"] == state
    assert (await ada.ask("POST", "/api/endpoints/none/pause")).status == 404


async def test_the_browser_phone_reaches_the_engine(ada: Browser) -> None:
    account = await ada.get("/api/phone")
    assert (account["username"], account["extension"]) == ("1002-browser", "1002")
    assert (await ada.ask("GET", "/api/phone?extension=1001")).status == 404
    async with ada._http.ws_connect(ada.url + account["ws"], protocols=["sip"]) as socket:
        assert socket.protocol == "sip"
        await socket.send_str(
            f"REGISTER sip:{account['uri'].partition('@')[2]} SIP/2.0\r\n"
            "Via: SIP/2.0/WS x.invalid;branch=z9hG4bKa\r\nMax-Forwards: 70\r\n"
            f"From: <{account['uri']}>;tag=a\r\nTo: <{account['uri']}>\r\nCall-ID: a@x\r\n"
            f"CSeq: 1 REGISTER\r\nContact: <sip:{account['username']}@x.invalid;transport=ws>\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        answer = await socket.receive_str(timeout=WITHIN)
        assert answer.startswith("SIP/2.0 401 ")


async def test_a_stranger_has_no_phone(office: Serving) -> None:
    async with aiohttp.ClientSession() as http:
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await http.ws_connect(f"{office.server.web.url}/phone/ws", protocols=["sip"])
    assert refused.value.status == 403


async def test_whose_token_is_deleted_sees_and_calls_no_more(
    ada: Browser, office: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However busy the stream is."""
    monkeypatch.setattr("hookswitch.app.line.watching.BEAT_S", 0.1)
    monkeypatch.setattr("hookswitch.api.phone_socket.BEAT_S", 0.1)
    made = (await ada.ask("POST", "/api/tokens", {"name": "wall", "role": "operator"})).body
    async with (
        Browser(ada.url, bearer(made["token"])) as wall,
        wall._http.ws_connect(ada.url + "/phone/ws", protocols=["sip"]) as socket,
        watching(wall) as stream,
        _talk_of_nothing(office),
    ):
        await stream.next("health")
        assert (await ada.ask("DELETE", f"/api/tokens/{made['id']}")).status == 204
        async with asyncio.timeout(WITHIN):
            assert await stream.is_over()
        closed = await socket.receive(timeout=WITHIN)
        assert (closed.type, closed.data) == (aiohttp.WSMsgType.CLOSE, 1008)


@asynccontextmanager
async def _talk_of_nothing(office: Serving) -> AsyncIterator[None]:
    """Something is told every few milliseconds."""

    async def talk() -> None:
        while True:
            office.server.hub.tell("health", {})
            await asyncio.sleep(0.005)

    talking = asyncio.create_task(talk())
    yield
    talking.cancel()


async def test_a_page_of_another_site_gets_no_phone(ada: Browser, office: Serving) -> None:
    """Browsers send the cookie with a WebSocket of any page, and the page's origin with it."""
    async with Browser(ada.url) as bob:
        await bob.set_up(office.server.setup_code, "bob")
        for origin, refused in (("https://evil.example", True), ("null", True), (ada.url, False)):
            asked = bob._http.ws_connect(
                ada.url + "/phone/ws", protocols=["sip"], headers={"Origin": origin}
            )
            if refused:
                with pytest.raises(aiohttp.WSServerHandshakeError):
                    await asked
            else:
                async with asked as socket:
                    assert socket.protocol == "sip"


async def test_the_server_tells_of_itself(ada: Browser) -> None:
    assert (await ada.get("/api/health"))["parts"]["engine"] == "ok"
    about = await ada.get("/api/about")
    assert about["engine"].startswith("Asterisk 22.")
    settings = {one["name"]: one for one in (await ada.get("/api/settings"))["items"]}
    assert settings["log_level"]["source"] in {"default", "environment"}
    assert settings["smtp_password"]["value"] == ""


async def test_a_backup_is_a_phone_system_again(
    ada: Browser, office: Serving, tmp_path: Path
) -> None:
    made = (await ada.ask("POST", "/api/backups", {})).body
    file = office.server.data.path / "backups" / made["name"]
    data = DataDir(tmp_path / "new")
    with data.lock():
        restore(file, data)
    calls = (await ada.get("/api/calls"))["items"]
    assert calls
    async with serving(data.path) as again:
        assert again.server.live.revision == office.server.live.revision
        assert again.server.supervisor.boot > office.server.supervisor.boot
        kept = await again.server.store.calls()
        assert [call.id for call in kept] == [call["id"] for call in calls]
