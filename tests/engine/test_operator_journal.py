"""The journal's directory is removed during real calls: those that ended meanwhile are ended."""

import asyncio
from pathlib import Path

import aiohttp
import pytest
from support.office import EVENTS, office, talking

pytestmark = pytest.mark.usefixtures("engine")


async def test_calls_catch_up_after_the_journal_was_lost(data: Path, tmp_path: Path) -> None:
    """One call ends while nothing is recorded, another goes on and ends later."""
    async with office(data) as at:
        over, going_on = await talking(at), await talking(at)
        await at.receiver.until(lambda: len(at.receiver.requests) == 4)
        at.server.supervisor.layout.journal_dir.rename(tmp_path / "removed")
        await over.hang_up()

        await at.receiver.until(lambda: len(at.receiver.requests) == 5)
        ended = at.receiver.requests[-1].event
        assert ended["type"] == "user_inbound_completed"
        assert ended["connected_at"] is not None
        assert [call.id for call in at.server.line.open_calls] != [ended["unique_call_id"]]
        assert len([call for call in at.server.line.open_calls if call.arrived]) == 1
        url = at.server.web.url
        async with aiohttp.ClientSession() as session:
            async with session.get(f"{url}/healthz") as answer:
                parts = (await answer.json())["parts"]
            async with session.get(f"{url}/metrics") as answer:
                metrics = await answer.text()
        assert "records were lost" in parts["journal"]
        assert parts["engine"] == "ok"
        assert "hookswitch_journal_gaps_total 1.0" in metrics

        await going_on.hang_up()
        await at.receiver.until(lambda: len(at.receiver.requests) == 6)
        await (await talking(at)).hang_up()
        await at.receiver.until(lambda: len(at.receiver.requests) == 9)
    by_call: dict[str, list[str]] = {}
    for request in at.receiver.requests:
        event = request.event
        by_call.setdefault(event["unique_call_id"], []).append(event["type"])
    assert list(by_call.values()) == [EVENTS] * 3


async def test_a_call_answered_meanwhile_is_answered(data: Path, tmp_path: Path) -> None:
    async with office(data) as at, at.phone("alice") as alice:
        await alice.register()  # takes the place of the phone that answers by itself
        ringing = asyncio.create_task(talking(at))
        call = await alice.incoming.get()
        call.ring()
        await at.receiver.until(lambda: len(at.receiver.requests) == 1)
        at.server.supervisor.layout.journal_dir.rename(tmp_path / "removed")
        call.answer()
        await at.receiver.until(lambda: len(at.receiver.requests) == 2)
        await (await ringing).hang_up()
        await at.receiver.until(lambda: len(at.receiver.requests) == 3)
    assert [request.event["type"] for request in at.receiver.requests] == EVENTS
