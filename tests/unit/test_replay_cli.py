"""`replay start|list|show|cancel` and the feed against a running server: nothing is made up."""

import asyncio
import json
from itertools import product
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hookswitch.app.datadir import DataDir
from hookswitch.model.replay import Replay, Wish
from kit.api import cli
from kit.office import AT, Office, office


async def replay(here: Office, *args: object) -> Any:
    result = await cli("replay", *args, "--data-dir", here.path, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


async def get(here: Office, path: str) -> Any:
    token = DataDir(here.path).token()
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(here.server.web.url + path) as answer,
    ):
        return await answer.json()


async def post(here: Office, path: str, body: dict[str, Any]) -> tuple[int, Any]:
    headers = {"Authorization": f"Bearer {DataDir(here.path).token()}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(here.server.web.url + path, json=body) as answer,
    ):
        return answer.status, await answer.json()


async def test_many_are_delivered_again_with_their_ids(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for number in range(3):
            await here.add(f"evt_{number}", call=f"c{number}")
        await here.add("evt_closed", to="closed", call="x")
        await here.until(*["delivered"] * 3, "failed")
        found = await replay(here, "start", "--state", "delivered", "--dry-run")
        assert found == {"dry_run": True, "matched": 3, "endpoints": {"crm": 3}, "gone": {}}
        assert len(here.received) == 3
        done = await replay(here, "start", "--state", "delivered", "--wait")
        assert (done["state"], done["matched"], done["done"]) == ("done", 3, 3)
        await here.until(*["delivered"] * 3, "failed")
        async with asyncio.timeout(60):
            while len(here.received) < 6:
                await asyncio.sleep(0.01)
    sent = [(each.headers["webhook-id"], each.body) for each in here.received]
    assert sorted(sent[:3]) == sorted(sent[3:])
    assert [each.headers["x-hookswitch-attempt"] for each in here.received[3:]] == ["2"] * 3


async def test_what_narrows_a_replay(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="closed", call="c1")
        await here.add("evt_2", "voicemail", to="closed", call="c2")
        await here.until("failed", "failed")
        for wanted, count in {
            (): 2,
            ("--call", "c2"): 1,
            ("--type", "voicemail"): 1,
            ("--endpoint", "crm"): 0,
            ("--state", "delivered"): 0,
            ("--state", "delivered", "--state", "failed"): 2,
            ("--since", "2026-10-01T15:00:00"): 2,
            ("--until", "2026-10-01T15:00:00"): 0,
            ("--since", "2027-01-01"): 0,
        }.items():
            found = await replay(here, "start", "--dry-run", *wanted)
            assert found["matched"] == count, wanted


async def test_an_endpoint_that_is_gone_is_skipped(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="removed")
        await here.until("cancelled")
        found = await replay(here, "start", "--state", "cancelled", "--dry-run")
        assert (found["matched"], found["gone"]) == (1, {"removed": 1})
        begun = await cli("replay", "start", "--state", "cancelled", "--data-dir", here.path)
        assert "1 to removed will be skipped: it is gone" in begun.output
        done = await replay(here, "start", "--state", "cancelled", "--wait")
        assert (done["done"], done["skipped"]) == (0, 1)
        result = await cli("replay", "show", done["id"], "--data-dir", here.path)
    assert "0 of 1 made due, 1 skipped: their endpoint is gone" in result.output


async def test_one_is_cancelled_and_listed(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for number in range(4):
            await here.add(f"evt_{number}", to="closed", call=f"c{number}")
        await here.until(*["failed"] * 4)
        begun = await replay(here, "start", "--rate", 1)
        assert (await replay(here, "cancel", begun["id"]))["state"] == "cancelled"
        again = await cli("replay", "cancel", begun["id"], "--data-dir", here.path)
        assert again.exit_code == 1
        assert "ended already" in again.output
        [listed] = await replay(here, "list")
        assert (listed["state"], listed["id"]) == ("cancelled", begun["id"])
        assert listed["done"] < 4
        shown = await cli("replay", "list", "--data-dir", here.path)
        assert "cancelled" in shown.output
        missing = await cli("replay", "show", 99, "--data-dir", here.path)
        assert (missing.exit_code, "no replay 99" in missing.output) == (1, True)


async def test_a_replay_goes_on_after_a_restart(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1", to="closed")
        await here.until("failed")
        begun: Replay = await here.server.store.begin_replay(Wish(), 5, "ann", AT)
        assert begun.state == "running"
    async with office(tmp_path) as here, asyncio.timeout(60):
        while (await replay(here, "show", begun.id))["state"] != "done":
            await asyncio.sleep(0.05)


async def test_events_are_fetched_as_they_were_sent(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for number in range(5):
            await here.add(f"evt_{number}", call=f"c{number}")
        await here.until(*["delivered"] * 5)
        first = await get(here, "/api/events?limit=3")
        rest = await get(here, f"/api/events?after={first['next']}")
        none = await get(here, f"/api/events?after={rest['next']}")
        assert (first["more"], rest["more"], none["more"]) == (True, False, False)
        fetched = [*first["items"], *rest["items"]]
        sent = {each.headers["webhook-id"]: each.document for each in here.received}
        assert {each["id"]: each["body"] for each in fetched} == sent
        assert [each["id"] for each in fetched] == [f"evt_{n}" for n in range(5)]
        assert none == {"items": [], "next": rest["next"], "more": False}
        wrong = await get(here, "/api/events?after=0&wait=31")
        assert wrong["status"] == 422
        wrong = await get(here, "/api/events?after=x")
        assert wrong["status"] == 422


async def test_who_waits_is_told_of_the_next_event(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        await here.add("evt_1")
        first = await get(here, "/api/events?wait=30")
        assert [each["id"] for each in first["items"]] == ["evt_1"], "there is one already"
        path = f"/api/events?after={first['next']}&wait=30"
        waiting = [asyncio.create_task(get(here, path)) for _ in range(3)]
        await asyncio.sleep(0.1)
        assert not any(task.done() for task in waiting)
        await here.add("evt_2", call="c2")
        here.server.feed.tell()
        for task in waiting:
            assert [each["id"] for each in (await task)["items"]] == ["evt_2"]


async def test_an_event_of_another_process_ends_the_wait_too(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        waiting = asyncio.create_task(get(here, "/api/events?wait=30"))
        await asyncio.sleep(0.05)
        await here.add("evt_1")  # the feed is not told
        async with asyncio.timeout(60):
            assert [each["id"] for each in (await waiting)["items"]] == ["evt_1"]


async def test_a_wait_that_is_over_and_a_server_that_stops_answer_with_nothing(
    tmp_path: Path,
) -> None:
    async with office(tmp_path) as here:
        over = await get(here, "/api/events?after=7&wait=0.2")
        waiting = asyncio.create_task(get(here, "/api/events?after=7&wait=30"))
        await asyncio.sleep(0.05)
        here.server.feed.close()
        async with asyncio.timeout(60):
            assert over == await waiting == {"items": [], "next": "7", "more": False}


REFUSED = {
    ("--endpoint", "NOPE"): "there is no webhook endpoint 'NOPE': name one of those there are"
    " (closed, crm, object:missed)",
    ("--call", "NOPE"): "there is no call 'NOPE'",
    ("--since", "2026-10-02", "--until", "2026-10-01"): "until: it must be later than since",
    ("--since", "2026-10-02", "--until", "2026-10-02"): "until: it must be later than since",
}


async def test_what_there_is_not_is_refused(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for (wanted, told), dry in product(REFUSED.items(), [(), ("--dry-run",)]):
            refused = await cli("replay", "start", *wanted, *dry, "--data-dir", here.path)
            assert (refused.exit_code, refused.stdout) == (1, ""), wanted
            [line] = refused.stderr.splitlines()
            assert line.startswith("hookswitch: ")
            assert told in line
        assert await replay(here, "list") == []


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        (("--type", "user_inbund"), "'user_inbund' is not one of 'user_inbound'"),
        (("--state", "lost"), "'lost' is not one of 'failed'"),
        (("--since", "yesterday"), "'yesterday' is no time: write 2026-10-01"),
        (("--until", "2026-13-01"), "'2026-13-01' is no time: write 2026-10-01"),
        (("--rate", "0"), "0 is not in the range"),
        (("--rate", "many"), "'many' is not a valid integer"),
    ],
    ids=str,
)
async def test_what_cannot_be_is_a_mistake_in_the_command(
    tmp_path: Path, wanted: tuple[str, ...], told: str
) -> None:
    refused = await cli("replay", "start", *wanted, "--data-dir", tmp_path)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"hookswitch: Invalid value for '{wanted[0]}'")
    assert told in refused.stderr


async def test_a_program_is_told_the_field(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        for asked, field in [
            ({"endpoint": "NOPE"}, "endpoint"),
            ({"call": ""}, "call"),
            ({"type": "user_inbund"}, "type"),
            ({"states": ["lost"]}, "states.0"),
            ({"rate": 0}, "rate"),
            ({"since": "yesterday"}, "since"),
            ({"since": "2026-10-02", "until": "2026-10-01"}, "until"),
        ]:
            status, said = await post(here, "/api/replays", {**asked, "dry_run": True})
            assert (status, [one["field"] for one in said["problems"]]) == (422, [field]), said
        assert await replay(here, "list") == []


async def test_one_with_nothing_to_do_is_known_by_its_deliveries(tmp_path: Path) -> None:
    """An endpoint that is gone, and one to which nothing failed, are names there are."""
    async with office(tmp_path) as here:
        await here.add("evt_1", to="removed")
        await here.until("cancelled")
        for name in ("removed", "crm", "object:missed"):
            found = await replay(here, "start", "--endpoint", name, "--dry-run")
            assert found["matched"] == 0, name
        assert (await replay(here, "start", "--call", "c1", "--dry-run"))["matched"] == 0
