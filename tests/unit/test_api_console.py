"""The console's files and what every answer carries; its catalogues; the OpenAPI document."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hookswitch.api import console
from hookswitch.app.cli import main
from hookswitch.flow.nodes import KINDS
from kit.api import serving
from kit.web import Browser, bearer


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with serving(tmp_path_factory.mktemp("api")) as up:
        yield up


@pytest.fixture
async def browser(server: Any) -> AsyncIterator[Browser]:
    async with Browser(server.web.url, bearer(server.data.token())) as made:
        yield made


async def test_without_a_built_console_the_page_says_how_to_build_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console.router, "__defaults__", (tmp_path / "none",))
    async with serving(tmp_path / "data") as up, Browser(up.web.url) as stranger:
        seen = await stranger.ask("GET", "/")
    assert seen.status == 200
    assert "make console" in seen.body


async def test_a_built_console_is_served_with_its_own_routes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = tmp_path / "console"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<!doctype html><title>it</title>")
    (built / "assets" / "main-abc.js").write_text("export {}")
    (tmp_path / "private").write_text("secret")
    monkeypatch.setattr(console.router, "__defaults__", (built,))
    async with serving(tmp_path / "data") as up, Browser(up.web.url) as stranger:
        for path in ("/", "/pbx/office?x=1", "/index.html"):
            seen = await stranger.ask("GET", path)
            assert (seen.status, seen.headers["Cache-Control"]) == (200, "no-cache")
            assert "<title>it" in seen.body
            policy = seen.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy
            assert "frame-ancestors 'none'" in policy
        script = await stranger.ask("GET", "/assets/main-abc.js")
        assert "immutable" in script.headers["Cache-Control"]
        assert script.headers["X-Content-Type-Options"] == "nosniff"
        assert (await stranger.ask("GET", "/assets/old.js")).status == 404
        for path in ("/..%2fprivate", "/%2e%2e/private", "/assets/..%2f..%2fprivate", "/a%00b"):
            assert "secret" not in (await stranger.ask("GET", path)).body
        assert (await stranger.ask("POST", "/pbx")).status == 405
        assert (await stranger.ask("GET", "/api/nothing")).status == 401


async def test_an_unknown_route_of_the_api_is_a_problem(browser: Browser) -> None:
    seen = await browser.ask("GET", "/api/nothing")
    assert (seen.status, seen.body["title"]) == (404, "Not Found")
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["X-Frame-Options"] == "DENY"


async def test_the_palette_has_every_kind(browser: Browser) -> None:
    found = {one["kind"]: one for one in await browser.get("/api/objects")}
    assert set(found) == set(KINDS)
    queue = found["queue"]
    assert (queue["title"], queue["group"]) == ("Queue", "Basic")
    assert queue["description"] == "Callers wait until an agent is free."
    assert {"name": "no_agents", "title": "No agents"} in queue["outputs"]
    assert queue["schema"]["properties"]["max_wait"]["maximum"] == 86_400
    assert found["condition"]["dynamic_outputs"] is True
    assert all(one["description"] for one in found.values())


async def test_the_catalogue_has_the_twelve_events(browser: Browser) -> None:
    found = await browser.get("/api/events/catalogue")
    assert len(found) == 12
    assert sum(one["trigger"] for one in found) == 11
    for one in found:
        assert one["sample"]["type"] == one["type"]
        assert [v["name"] for v in one["variables"]] == list(one["sample"])
        assert all(v["meaning"] for v in one["variables"])


async def test_the_document_is_the_one_the_command_prints(browser: Browser) -> None:
    served = await browser.get("/api/openapi.json")
    printed = CliRunner().invoke(main, ["openapi"])
    assert served == json.loads(printed.output)
    assert served["openapi"] == "3.1.0"
    assert len(served["webhooks"]) == 12
    for path, operations in served["paths"].items():
        for method, operation in operations.items():
            assert operation["description"], (path, method)
            assert "default" in operation["responses"]
            good = [a for code, a in operation["responses"].items() if code[0] == "2"]
            assert good, (path, method)
            assert all(a.get("content", {}) != {"application/json": {"schema": {}}} for a in good)
