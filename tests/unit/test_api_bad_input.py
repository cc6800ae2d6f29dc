"""Large, foreign and wrong input: each gets a clear answer, and the server goes on."""

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from kit.api import serving
from kit.web import Browser, bearer

NAMES = ("Åsa Öberg", "مكتب المبيعات", "משרד", "営業部", "Отдел", "👩‍💻 desk", "a\u200fb", "ক্রয়")


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    async with serving(tmp_path) as up, Browser(up.web.url, bearer(up.data.token())) as made:
        yield made


async def put(browser: Browser, given: Any) -> Any:
    tag = (await browser.get("/api/draft"))["etag"]
    return await browser.ask("PUT", "/api/draft", given, headers={"If-Match": tag})


async def test_a_large_yaml_is_read_or_refused_with_its_line(browser: Browser) -> None:
    notes = "x" * 1900
    users = "".join(f"  - {{name: U{n}, extension: '{n}'}}\n" for n in range(100000, 102000))
    objects = "".join(
        f"      - {{id: o{n}, kind: hang_up, name: O{n}, notes: {notes}}}\n" for n in range(1900)
    )
    text = f"hookswitch: 1\nusers:\n{users}flows:\n  - name: F\n    objects:\n{objects}"
    assert 3_700_000 < len(text) < 4 << 20
    match = {"If-Match": "live-0", "Content-Type": "application/yaml"}
    kept = await browser.ask("PUT", "/api/draft/text", data=BytesIO(text.encode()), headers=match)
    assert kept.status == 200
    assert kept.body["findings"] == []
    match["If-Match"] = kept.headers["ETag"]
    bad = text.replace("id: o1899,", "id: [,")
    refused = await browser.ask("PUT", "/api/draft/text", data=BytesIO(bad.encode()), headers=match)
    assert refused.status == 422
    assert refused.body["problems"][0]["line"] > 3800


async def test_a_yaml_of_five_megabytes_is_refused(browser: Browser) -> None:
    match = {"If-Match": "live-0", "Content-Type": "application/yaml"}
    large = await browser.ask(
        "PUT", "/api/draft/text", data=BytesIO(b"#" * 5_000_000), headers=match
    )
    assert (large.status, large.body["title"]) == (413, "Content Too Large")


async def test_a_draft_of_five_megabytes_is_refused(browser: Browser) -> None:
    match = {"If-Match": "live-0", "Content-Type": "application/json"}
    body = BytesIO(b'{"flows": "' + b"#" * 5_000_000 + b'"}')
    large = await browser.ask("PUT", "/api/draft", data=body, headers=match)
    assert (large.status, large.body["title"]) == (413, "Content Too Large")


async def test_a_flow_of_two_thousand_objects_is_drawn(browser: Browser) -> None:
    objects = [
        {
            "id": f"o{n}",
            "kind": "playback" if n else "hang_up",
            "name": f"Object {n}",
            "position": [n, n],
            **({"prompt": "hello", "outputs": {"next": f"o{n - 1}"}} if n else {}),
        }
        for n in range(2000)
    ]
    seen = await put(browser, {"hookswitch": 1, "flows": [{"name": "Big", "objects": objects}]})
    assert seen.status == 200
    assert len(seen.body["document"]["flows"][0]["objects"]) == 2000


async def test_names_in_every_script_come_back_as_they_were(browser: Browser) -> None:
    users = [{"name": name, "extension": str(1000 + n)} for n, name in enumerate(NAMES)]
    seen = await put(browser, {"hookswitch": 1, "users": users})
    assert seen.status == 200
    assert [user["name"] for user in seen.body["document"]["users"]] == list(NAMES)
    text = (await browser.ask("GET", "/api/draft/text")).body
    match = {"If-Match": seen.headers["ETag"], "Content-Type": "application/yaml"}
    again = await browser.ask("PUT", "/api/draft/text", data=text.encode(), headers=match)
    assert [user["name"] for user in again.body["document"]["users"]] == list(NAMES)


async def test_an_address_of_ten_kilobytes_is_found_wanting(browser: Browser) -> None:
    url = "https://crm.example.com/" + "a" * 10_240
    hook = {"name": "crm", "url": url, "secret_token": "t", "signing_secret": "whsec_x"}
    seen = await put(browser, {"hookswitch": 1, "webhooks": [hook]})
    assert seen.status == 200
    finding = next(one for one in seen.body["findings"] if one["field"] == "url")
    assert "use at most 2048" in finding["mend"]
    assert (await browser.ask("GET", "/api/calls?number=" + "1" * 10_240)).status == 422


async def test_what_is_no_audio_is_no_prompt(browser: Browser) -> None:
    for content in (b"", b"not audio", b"RIFF\xff\xff\xff\xffWAVE", b"\x7fELF" * 1000):
        refused = await browser.ask("PUT", "/api/prompts/hello", data=content)
        assert refused.status == 422, content
        assert refused.body["title"] == "Not a prompt"
    assert await browser.get("/api/prompts") == []


@pytest.mark.parametrize(
    "body", [b"", b"null", b"[]", b'{"a"', b"\xff\xfe", b'"x"', b"[" * 100_000]
)
async def test_json_that_is_none_is_told(browser: Browser, body: bytes) -> None:
    headers = {"If-Match": "live-0", "Content-Type": "application/json"}
    refused = await browser.ask("PUT", "/api/draft", data=body, headers=headers)
    assert refused.status in {400, 422}
    assert refused.headers["Content-Type"] == "application/problem+json"
