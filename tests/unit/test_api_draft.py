"""The draft: kept however incomplete, guarded by ETags, its secrets never shown or in the clear."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from hookswitch.config.check import parse
from hookswitch.config.secrets import mask_naming
from hookswitch.config.yaml import load
from kit.api import CUSTOM, SECRET, TOKEN, WARNED, document, serving
from kit.web import Browser, bearer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Any]:
    async with serving(tmp_path) as up:
        yield up


@pytest.fixture
async def browser(server: Any) -> AsyncIterator[Browser]:
    headers = {**bearer(server.data.token()), "X-Hookswitch-User": "ada"}
    async with Browser(server.web.url, headers) as made:
        yield made


async def put(browser: Browser, given: Any, tag: str | None = None, **more: Any) -> Any:
    if tag is None:
        tag = (await browser.get("/api/draft"))["etag"]
    return await browser.ask("PUT", "/api/draft", given, headers={"If-Match": f'"{tag}"'}, **more)


def said(draft: Any) -> list[tuple[str, list[Any]]]:
    return [(one["severity"], one["loc"]) for one in draft["findings"]]


def office() -> Any:
    return load(document(9)).values


async def test_nothing_edited_is_what_is_live(browser: Browser) -> None:
    seen = await browser.ask("GET", "/api/draft")
    assert seen.headers["ETag"] == '"live-0"'
    assert seen.body["changes"] == 0
    assert seen.body["findings"] == []
    assert seen.body["document"]["flows"] == []


async def test_a_draft_is_kept_with_its_secrets_out_of_sight(browser: Browser, server: Any) -> None:
    saved = await put(browser, office())
    assert saved.status == 200
    assert said(saved.body) == WARNED
    assert saved.body["changed_by"] == "ada"
    shown = saved.body["document"]["webhooks"][0]["secret_token"]
    assert shown == mask_naming("webhooks/crm/secret_token")
    again = await put(browser, saved.body["document"])
    assert said(again.body) == WARNED
    for path in ("/api/draft", "/api/draft/text", "/api/draft/changes"):
        text = (await browser.ask("GET", path)).body
        assert TOKEN not in str(text)
        assert SECRET not in str(text)
    for file in server.data.path.glob("hookswitch.db*"):
        assert TOKEN.encode() not in file.read_bytes()
    shown = await browser.get("/api/secrets/reveal?ref=webhooks/crm/secret_token")
    assert shown["value"] == TOKEN
    log = (await browser.get("/api/audit"))["items"]
    assert (log[0]["what"], log[0]["target"]) == ("secret revealed", "webhooks/crm/secret_token")
    assert (await browser.ask("GET", "/api/secrets/reveal?ref=totp:ada")).status == 404


async def test_a_secret_follows_its_renamed_owner(browser: Browser) -> None:
    saved = (await put(browser, office())).body["document"]
    headers = saved["webhooks"][0]["headers"]
    headers["X-Other"] = headers.pop("X-Custom")
    for name in ("", "helpdesk"):  # as it is typed
        saved["webhooks"][0]["name"] = name
        shown = (await put(browser, saved)).body
    assert said(shown) == WARNED
    assert shown["document"]["webhooks"][0]["secret_token"] == mask_naming(
        "webhooks/helpdesk/secret_token"
    )
    reveal = "/api/secrets/reveal?ref=webhooks/helpdesk"
    assert (await browser.get(f"{reveal}/secret_token"))["value"] == TOKEN
    assert (await browser.get(f"{reveal}/signing_secret"))["value"] == SECRET
    assert (await browser.get(f"{reveal}/headers/X-Other"))["value"] == CUSTOM
    saved["webhooks"].append({**saved["webhooks"][0], "name": "crm", "secret_token": "a-new-one"})
    await put(browser, saved)
    await put(browser, saved)
    assert (await browser.get(f"{reveal}/secret_token"))["value"] == TOKEN, "keeps what it took"


async def test_a_secret_is_not_taken_over_by_another_kind_of_field(browser: Browser) -> None:
    saved = (await put(browser, office())).body["document"]
    saved["webhooks"][0]["headers"]["X-Stolen"] = mask_naming("users/1001/devices/1001/password")
    shown = (await put(browser, saved)).body
    assert ("error", ["webhooks", 0, "headers", "X-Stolen"]) in said(shown)
    assert [one["field"] for one in shown["findings"] if one["severity"] == "error"] == [
        "headers.X-Stolen"
    ]


async def test_changes_are_readable(browser: Browser) -> None:
    await put(browser, office())
    changes = (await browser.get("/api/draft/changes"))["items"]
    assert "webhooks crm: added" in {change["text"] for change in changes}
    assert (await browser.get("/api/draft"))["changes"] == len(changes)


async def test_an_incomplete_draft_is_kept_and_told(browser: Browser) -> None:
    given = office()
    given["flows"][0]["objects"][0]["outputs"] = {"next": "nowhere"}
    given["users"] = [{"extension": "1001"}]
    saved = await put(browser, given)
    assert saved.status == 200
    finding = saved.body["findings"][0]
    assert finding["loc"][:2] == ["users", 0]
    assert finding["severity"] == "error"
    assert finding["mend"]
    assert saved.body["changes"] > 0
    given["users"] = []
    finding = (await put(browser, given)).body["findings"][0]
    assert finding["loc"] == ["flows", 0, "objects", 0, "outputs", "next"]
    refused = await browser.ask(
        "POST", "/api/draft/apply", {}, headers={"If-Match": (await tag(browser))}
    )
    assert (refused.status, refused.body["title"]) == (422, "Invalid document")


async def tag(browser: Browser) -> str:
    return f'"{(await browser.get("/api/draft"))["etag"]}"'


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"users": "none", "flows": {"a": 1}, "webhooks": [1, None, {"headers": []}]},
        {"flows": [{"name": "x", "objects": [{"kind": "no such", "id": 1}, {"kind": "queue"}]}]},
        {"webhooks": [{"name": "a", "secret_token": 12, "signing_secret": ["x"]}], "more": {}},
        {"network": 5, "hookswitch": "two", "users": [{"extension": "10", "devices": "x"}]},
    ],
    ids=str,
)
async def test_whatever_is_drawn_is_kept(browser: Browser, given: Any) -> None:
    saved = await put(browser, given)
    assert saved.status == 200
    assert saved.body["findings"]
    assert (await browser.ask("GET", "/api/draft/changes")).status == 200
    assert (await browser.ask("GET", "/api/draft/text")).status == 200


HOSTILE = {
    "half an emoji": '{"flows": [{"name": "\\ud83d", "objects": [{"\\udfff": "\\udc4b"}]}]}',
    "control characters": '{"users": [{"name": "\\u0000\\u001b\\u202e", "extension": "\\u0000"}]}',
    "no number": '{"users": [{"ring_time": NaN, "name": Infinity}]}',
    "a huge number": '{"users": [{"ring_time": 1' + "0" * 5000 + "}]}",
    "deep": '{"users": ' + "[" * 900 + "]" * 900 + "}",
    "very deep": '{"users": ' + "[" * 50_000 + "]" * 50_000 + "}",
    "twice": '{"hookswitch": 1, "hookswitch": 2}',
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_no_text_makes_a_draft_that_cannot_be_read(browser: Browser, name: str) -> None:
    """Kept or refused, and everything can still be asked for."""
    tag_ = await tag(browser)
    headers = {"If-Match": tag_, "Content-Type": "application/json"}
    saved = await browser.ask("PUT", "/api/draft", headers=headers, data=HOSTILE[name])
    assert saved.status in {200, 400, 413, 422}, saved.body
    for path in ("", "/changes", "/text", "/view"):
        assert (await browser.ask("GET", f"/api/draft{path}")).status == 200
    again = await put(browser, {**office(), "hookswitch": 1})
    assert again.status == 200


async def test_who_has_not_seen_the_newest_is_refused(browser: Browser) -> None:
    first = await put(browser, office())
    stale = await put(browser, {"hookswitch": 1}, tag="live-0")
    assert stale.status == 412
    assert "ada changed it at" in stale.body["detail"]
    assert stale.headers["ETag"] == first.headers["ETag"]
    missing = await browser.ask("PUT", "/api/draft", office())
    assert missing.status == 422
    assert (await browser.ask("DELETE", "/api/draft", headers={"If-Match": "x"})).status == 412


async def test_moving_an_object_is_no_change_to_the_live_flow(browser: Browser) -> None:
    given = office()
    given["flows"][0]["objects"][0]["position"] = [10, 20.5]
    before = (await put(browser, office())).body["changes"]
    after = await put(browser, given)
    assert said(after.body) == WARNED
    assert after.body["changes"] == before


async def test_yaml_goes_in_and_out_with_its_comments(browser: Browser) -> None:
    text = "# ours\n" + document(9)
    match = {"If-Match": await tag(browser), "Content-Type": "application/yaml"}
    saved = await browser.ask("PUT", "/api/draft/text", data=text.encode(), headers=match)
    assert saved.status == 200
    assert said(saved.body) == WARNED
    given = await browser.ask("GET", "/api/draft/text")
    assert given.body.startswith("# ours\n")
    await put(browser, saved.body["document"])
    assert (await browser.ask("GET", "/api/draft/text")).body == given.body
    match["If-Match"] = await tag(browser)
    bad = await browser.ask("PUT", "/api/draft/text", data=b"a: [", headers=match)
    assert bad.status == 422
    assert bad.body["problems"][0]["line"] >= 1
    bad = await browser.ask("PUT", "/api/draft/text", data=b"\xff", headers=match)
    assert bad.status == 400


async def test_discarding_goes_back_to_what_is_live(browser: Browser, server: Any) -> None:
    await put(browser, office())
    gone = await browser.ask("DELETE", "/api/draft", headers={"If-Match": await tag(browser)})
    assert gone.status == 204
    assert (await browser.get("/api/draft"))["etag"] == "live-0"
    assert not await server.vault.references()


async def test_the_example_fills_an_empty_draft_only(browser: Browser) -> None:
    match = {"If-Match": await tag(browser)}
    made = await browser.ask("POST", "/api/draft/example", headers=match)
    assert made.status == 200
    assert made.body["findings"] == []
    kinds = [node["kind"] for node in made.body["document"]["flows"][0]["objects"]]
    assert kinds == ["number", "queue", "webhook", "voicemail"]
    match = {"If-Match": await tag(browser)}
    assert (await browser.ask("POST", "/api/draft/example", headers=match)).status == 409


async def test_without_an_engine_the_draft_stays(browser: Browser) -> None:
    await put(browser, office())
    match = {"If-Match": await tag(browser)}
    refused = await browser.ask("POST", "/api/draft/apply", {}, headers=match)
    assert refused.status == 409
    assert "engine is not running" in refused.body["detail"]
    assert await tag(browser) == match["If-Match"]


def test_the_positions_are_part_of_the_document() -> None:
    given = office()
    given["flows"][0]["objects"][0]["position"] = [1, 2]
    assert parse(given).flows[0].objects[0].position == (1.0, 2.0)


async def test_the_view_is_another_whenever_the_draft_says_something_else(
    browser: Browser, server: Any
) -> None:
    async def seen() -> str:
        view = (await browser.get("/api/draft/view"))["view"]
        assert view == (await browser.get("/api/draft"))["view"]
        return str(view)

    views = [await seen()]
    assert await seen() == views[0], "nothing has happened"
    given = office()
    given["music"] = [{"name": "hold", "prompts": ["waltz"]}]
    saved = (await put(browser, given)).body
    views.append(await seen())
    assert ["music", 0, "prompts", 0] in [one["loc"] for one in saved["findings"]]
    (server.data.prompts / "waltz.wav16").write_bytes(b"RIFF")
    views.append(await seen())
    fine = await browser.get("/api/draft")
    assert said(fine) == WARNED
    assert fine["etag"] == saved["etag"]
    await put(browser, office())
    views.append(await seen())
    assert len(set(views)) == len(views)
