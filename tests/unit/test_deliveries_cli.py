"""`deliveries list|show|retry` against a running server: real store, deliveries and receiver."""

import asyncio
import json
import os
from pathlib import Path

import pytest

from hookswitch.app.datadir import DataDir
from hookswitch.events.samples import sample
from hookswitch.model.ids import EndpointId
from hookswitch.receiver import facts
from kit.api import CUSTOM, SECRET, TOKEN, cli, serving
from kit.office import AT, PATIENCE_S, Office, office


async def test_list_shows_the_newest_first(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        await here.add("evt_2", to="closed", call="c2")
        await here.until("delivered", "failed")
        result = await here.run("list")
    assert result.exit_code == 0
    head, second, first = result.output.splitlines()
    assert head.split() == [
        *("id", "created", "type", "call", "endpoint", "sequence", "state", "attempts", "last")
    ]
    assert second.split()[4:] == ["c2", "closed", "1", "failed", "2", "blocked"]
    assert first.split()[4:] == ["c1", "crm", "1", "delivered", "1", "200"]


async def test_list_filters(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        await here.add("evt_2", "voicemail", to="closed", call="c2")
        await here.add("evt_3", "voicemail", call="c2")
        await here.until("delivered", "failed", "delivered")
        for wanted, ids in {
            (): [3, 2, 1],
            ("--call", "c2"): [3, 2],
            ("--endpoint", "crm"): [3, 1],
            ("--state", "failed"): [2],
            ("--type", "voicemail"): [3, 2],
            ("--type", "voicemail", "--endpoint", "crm"): [3],
            ("--call", "c2", "--endpoint", "closed"): [2],
            ("--state", "delivered", "--type", "user_inbound"): [1],
            ("--limit", "1"): [3],
            ("--call", "other"): [],
        }.items():
            assert [row["id"] for row in await here.json("list", *wanted)] == ids, wanted
        nothing = await here.run("list", "--state", "cancelled")
    assert (nothing.exit_code, nothing.stdout) == (0, "")
    assert "no deliveries" in nothing.stderr


async def test_show_has_the_event_and_every_attempt(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", "voicemail")
        await here.add("evt_2", to="closed")
        await here.until("delivered", "failed")
        good = await here.run("show", 1)
        bad = await here.run("show", 2)
        said = await here.json("show", 2)
    assert "Delivery 1: voicemail to crm" in good.output
    assert "webhook-id  evt_1" in good.output
    assert '"caller_name": "Jane Citizen"' in good.output
    assert "ms  200\n  200" in good.output
    assert bad.output.count("blocked: the address is not open for webhooks") == 2
    assert said["body"] == json.loads(sample("user_inbound"))
    assert [one["number"] for one in said["history"]] == [1, 2]
    for secret in (TOKEN, SECRET, CUSTOM):
        assert secret not in good.output + bad.output + json.dumps(said)


async def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        shown = await here.run("show", 7)
        retried = await here.run("retry", 7)
    assert (shown.exit_code, retried.exit_code) == (1, 1)
    assert "there is no delivery 7" in shown.stderr
    assert "there is no delivery 7" in retried.stderr


async def test_a_failed_one_is_sent_again_with_the_same_id(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="closed")
        await here.until("failed")
        await open_the_closed(here)
        result = await here.run("retry", 1)
        await here.until("delivered")
        shown = await here.json("show", 1)
    assert result.exit_code == 0
    assert "delivery 1 is due now: user_inbound to closed (evt_1)" in result.output
    (one,) = here.received
    found = facts(one.headers)
    assert (found.id, found.attempt, found.sequence) == ("evt_1", 3, 1)
    assert one.body == sample("user_inbound")
    assert [each["status"] for each in shown["history"]] == [None, None, 200]


async def open_the_closed(here: Office) -> None:
    """Give the endpoint `closed` the receiver's address, as Apply would."""
    document = here.server.live.document
    crm = document.webhooks[0]
    closed = document.webhooks[1].model_copy(update={"url": crm.url})
    here.server.live.set(2, document.model_copy(update={"webhooks": (crm, closed)}))


async def test_a_retried_one_has_the_whole_ladder_again(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="closed")
        await here.until("failed")
        await here.run("retry", 1)
        async with asyncio.timeout(PATIENCE_S):
            while len((await here.json("show", 1))["history"]) < 4:
                await asyncio.sleep(0.01)
        (row,) = await here.until("failed")
    assert row.attempts == 4


async def test_a_delivered_one_only_again(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        await here.until("delivered")
        refused = await here.run("retry", 1)
        again = await here.run("retry", 1, "--again")
        async with asyncio.timeout(PATIENCE_S):
            while len(here.received) < 2:
                await asyncio.sleep(0.01)
        await here.until("delivered")
    assert refused.exit_code == 1
    assert "retry with --again" in refused.stderr
    assert again.exit_code == 0
    assert [facts(one.headers).id for one in here.received] == ["evt_1", "evt_1"]


async def test_a_cancelled_one_comes_back_when_its_endpoint_does(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        store, crm = here.server.store, EndpointId("crm")
        await store.set_endpoint_state(crm, "disabled", "410", AT)
        await here.add("evt_1")
        number = await store.stage_revision("{}", "test", AT)
        await store.set_revision_live(number, AT, removed=[crm])
        await here.until("cancelled")
        await store.set_endpoint_state(crm, "active", "", AT)
        assert (await here.run("retry", 1)).exit_code == 0
        await here.until("delivered")


async def test_one_whose_endpoint_is_gone_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="removed")
        await here.until("cancelled")
        result = await here.run("retry", 1)
        await here.until("cancelled")
    assert result.exit_code == 1
    assert "no webhook endpoint 'removed'" in result.stderr


async def test_a_disabled_endpoint_is_told(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        await here.until("delivered")
        crm = EndpointId("crm")
        await here.server.store.set_endpoint_state(crm, "disabled", "410 \x1b[31m", AT)
        result = await here.run("retry", 1, "--again")
        shown = await here.run("show", 1)
    assert "is due, but waits: the endpoint is disabled: 410" in result.output
    assert "the endpoint is disabled" in shown.output
    assert "\x1b" not in shown.output + result.output


async def test_several_are_retried_and_the_refused_told(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        await here.add("evt_2", to="closed")
        await here.until("delivered", "failed")
        result = await here.run("retry", 1, 2, 9, "--json")
    said = json.loads(result.output)
    assert result.exit_code == 1
    assert [(one["id"], one["ok"]) for one in said] == [(1, False), (2, True), (9, False)]
    assert said[1]["delivery"]["event"] == "evt_2"


@pytest.mark.parametrize("command", [("list",), ("show", "1"), ("retry", "1"), ("list", "--json")])
async def test_without_a_server_it_says_how_to_start_one(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    result = await cli("deliveries", *command, "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert result.stdout == ""
    assert f"no hookswitch runs on {tmp_path}: start one" in result.stderr


async def test_a_server_that_does_not_answer_is_told(tmp_path: Path) -> None:
    data = DataDir(tmp_path)
    with data.lock():
        data.announce("http://127.0.0.1:1")
        result = await cli("deliveries", "list", "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert f"(pid {os.getpid()}) did not answer" in result.stderr
    assert data.token() not in result.output


@pytest.mark.parametrize(
    "wrong",
    [("show",), ("show", "x"), ("show", "0"), ("retry",), ("list", "--state", "lost")],
)
async def test_wrong_arguments_end_with_2(wrong: tuple[str, ...]) -> None:
    assert (await cli("deliveries", *wrong)).exit_code == 2


@pytest.mark.parametrize("command", ["list", "show", "retry"])
async def test_help_has_examples(command: str) -> None:
    result = await cli("deliveries", command, "--help")
    assert f"\n    hookswitch deliveries {command}" in result.output


async def test_the_waits_between_attempts_are_a_setting(tmp_path: Path) -> None:
    async with serving(tmp_path, delivery_retries_s=(0.01, 0.02, 0.03)) as server:
        here = Office(tmp_path)
        here.server = server
        await here.add("e1", to="closed")
        await here.until("failed")
        (row,) = await here.json("list")
        assert row["attempts"] == 4
