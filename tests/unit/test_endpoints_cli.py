"""`endpoints list|pause|resume|disable` against a running server with real store and receiver."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from test_deliveries_cli import AT, Office

from hookswitch.app.webhooks.listener import Checks, Listener
from hookswitch.model.ids import EndpointId
from kit.api import SECRET, TOKEN, cli, serving

CRM = EndpointId("crm")


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    here = Office(tmp_path)
    async with (
        Listener(here.received.append, checks=Checks(TOKEN, SECRET)) as listener,
        serving(tmp_path, listener.port) as here.server,
    ):
        yield here


async def run(here: Office, *args: object) -> Result:
    return await cli("endpoints", *args, "--data-dir", here.path)


async def listed(here: Office) -> dict[str, Any]:
    result = await run(here, "list", "--json")
    assert result.exit_code == 0, result.output
    return {one["id"]: one for one in json.loads(result.output)}


async def test_all_endpoints_are_listed_with_what_waits(office: Office) -> None:
    assert set(await listed(office)) == {"crm", "closed", "object:missed"}
    await office.server.store.set_endpoint_state(CRM, "disabled", "410 \x1b[31m", AT)
    await office.add("evt_1")
    found = (await listed(office))["crm"]
    assert (found["state"], found["backlog"]) == ("disabled", 1)
    assert found["oldest_at"].startswith("2026-10-01T15:31:15")
    table = (await run(office, "list")).output
    assert "disabled" in table
    assert "\x1b" not in table


async def test_a_paused_endpoint_gets_its_events_when_it_is_resumed(office: Office) -> None:
    paused = await run(office, "pause", "crm", "--reason", "moved tonight")
    assert "crm is paused" in paused.output
    await office.add("evt_1")
    await office.add("evt_2", call="c2")
    found = (await listed(office))["crm"]
    assert (found["state"], found["reason"], found["backlog"]) == ("paused", "moved tonight", 2)
    assert office.received == []
    resumed = await run(office, "resume", "crm")
    assert "crm is active" in resumed.output
    await office.until("delivered", "delivered")


async def test_one_that_said_410_is_resumed(office: Office) -> None:
    await office.server.store.set_endpoint_state(CRM, "disabled", "the receiver answered 410", AT)
    await office.add("evt_1")
    assert (await run(office, "resume", "crm", "--json")).exit_code == 0
    await office.until("delivered")
    found = (await listed(office))["crm"]
    assert (found["state"], found["reason"]) == ("active", "")


async def test_a_hold_ends_with_resume(office: Office) -> None:
    far = 4_000_000_000_000
    await office.server.store.set_endpoint_health(CRM, held_until=far, failing_since=AT)
    await office.add("evt_1")
    assert (await listed(office))["crm"]["held_until"].startswith("2096")
    await run(office, "resume", "crm")
    await office.until("delivered")
    assert (await listed(office))["crm"]["failing_since"] is None


async def test_disable_says_by_hand_without_a_reason(office: Office) -> None:
    assert (await run(office, "disable", "object:missed")).exit_code == 0
    found = (await listed(office))["object:missed"]
    assert (found["state"], found["reason"]) == ("disabled", "by hand")


async def test_an_endpoint_that_is_not_there(office: Office) -> None:
    result = await run(office, "pause", "other")
    assert result.exit_code == 1
    assert "no webhook endpoint 'other'" in result.stderr


@pytest.mark.parametrize("command", ["list", "pause", "resume", "disable"])
async def test_help_has_examples(command: str) -> None:
    result = await cli("endpoints", command, "--help")
    assert f"\n    hookswitch endpoints {command}" in result.output
