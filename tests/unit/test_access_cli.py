"""`hookswitch user` and `hookswitch tokens` against a server."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from hookswitch.app.cli import main
from kit.api import cli, serving
from kit.web import PASSWORD, Browser, bearer


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Any]:
    async with serving(tmp_path) as up:
        yield up


async def typed(server: Any, text: str, *args: str) -> Result:
    whole = [*args, "--data-dir", str(server.data.path)]
    return await asyncio.to_thread(CliRunner().invoke, main, whole, text)


async def test_accounts_are_managed_by_whoever_may_read_the_directory(server: Any) -> None:
    given = await typed(server, PASSWORD + "\n", "user", "add", "Ada", "--password-stdin", "--json")
    assert json.loads(given.stdout)["name"] == "ada", given.output
    async with Browser(server.web.url) as browser:
        assert (await browser.get("/api/session"))["state"] == "anonymous"
        assert (await browser.sign_in("ada")).status == 200
        await typed(server, "a quite new phrase\n", "user", "passwd", "ada", "--password-stdin")
        assert (await browser.ask("GET", "/api/calls")).status == 401
        assert (await browser.sign_in("ada", "a quite new phrase")).status == 200
    last = await cli("user", "disable", "ada", "--data-dir", server.data.path)
    assert last.exit_code == 1
    assert "last administrator" in last.output
    listed = await cli("user", "list", "--json", "--data-dir", server.data.path)
    [row] = json.loads(listed.output)
    assert (row["name"], row["role"], row["disabled"]) == ("ada", "administrator", False)
    weak = await typed(server, "short\n", "user", "add", "bob", "--password-stdin")
    assert weak.exit_code == 1
    assert "use at least 10" in weak.output


async def test_tokens_are_made_listed_and_deleted(server: Any) -> None:
    at = ("--data-dir", server.data.path)
    made = await cli("tokens", "add", "crm", "--address", "127.0.0.1", *at)
    token = made.output.strip()
    async with Browser(server.web.url, bearer(token)) as program:
        assert (await program.ask("GET", "/api/calls")).status == 200
        [row] = json.loads((await cli("tokens", "list", "--json", *at)).output)
        assert (row["name"], row["addresses"]) == ("crm", ["127.0.0.1/32"])
        assert token not in (await cli("tokens", "list", *at)).output
        assert (await cli("tokens", "delete", row["id"], *at)).exit_code == 0
        assert (await program.ask("GET", "/api/calls")).status == 401
    assert (await cli("tokens", "delete", "none", *at)).exit_code == 1
