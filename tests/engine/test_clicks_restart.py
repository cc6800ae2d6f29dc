"""A call that a program asked for is placed once, also if our process is killed in between."""

import asyncio
from pathlib import Path
from typing import Any

import aiohttp
from support.apart import Apart, apart
from support.serving import device

from hookswitch.app.datadir import DataDir

QUIET = 0.5


async def click(at: Apart, **wish: str) -> tuple[int, dict[str, Any]]:
    headers = {"Authorization": f"Bearer {DataDir(at.data).token()}"}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.post(f"{at.served.url}/api/calls", json=wish) as answer,
    ):
        return answer.status, await answer.json()


async def test_a_key_outlives_our_process(tmp_path: Path) -> None:
    users = [
        {"name": name, "extension": extension, "devices": [device(name.lower())]}
        for name, extension in (("Alice", "10"), ("Bob", "11"))
    ]
    wish = {"user": "10", "number": "11", "idempotency_key": "ticket 4711"}
    async with apart(tmp_path / "data") as at:
        await at.apply(at.document(users=users))
        async with at.phone("alice") as alice:
            await alice.register()
            status, first = await click(at, **wish)
            assert status == 202, first
            ringing = await asyncio.wait_for(alice.incoming.get(), 60)
            await at.kill_ours()
            await at.start_ours()
            assert await click(at, **wish) == (202, first)
            status, other = await click(at, **{**wish, "number": "12"})
            assert (status, "another call" in other["detail"]) == (422, True)
            await asyncio.sleep(QUIET)
            assert alice.incoming.empty()
            ringing.reject(486)
            await ringing.ended()


async def test_a_call_that_was_not_placed_leaves_its_key_free(tmp_path: Path) -> None:
    users = [{"name": "Alice", "extension": "10", "devices": [device("alice")]},
             {"name": "Bob", "extension": "11", "devices": [device("bob")]}]  # fmt: skip
    wish = {"user": "10", "number": "11", "idempotency_key": "once"}
    async with apart(tmp_path / "data") as at:
        await at.apply(at.document(users=users))
        status, said = await click(at, **wish)
        assert (status, "registered" in said["detail"]) == (409, True)
        async with at.phone("alice") as alice:
            await alice.register()
            status, said = await click(at, **wish)
            assert status == 202, said
            (await asyncio.wait_for(alice.incoming.get(), 60)).reject(486)
