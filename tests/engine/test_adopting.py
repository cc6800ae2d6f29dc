"""A start finds the engine of an older version, which reads accounts from other files."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from support.serving import PASSWORD, Serving, serving

from hookswitch.asterisk import process
from hookswitch.asterisk.supervise import State
from hookswitch.phone.behaviour import answer_after

OLDER = Path(__file__).parent / "support" / "older_engine.py"


def user(name: str, extension: str) -> dict[str, Any]:
    device = {"username": name.lower(), "password": PASSWORD}
    return {"name": name, "extension": extension, "devices": [device]}


USERS = [user("Alice", "1001"), user("Bob", "1002")]
DOCUMENT = {"hookswitch": 1, "users": USERS}


async def older(data: Path) -> None:
    """Have it serve the document, and be killed: its engine lives on."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, OLDER, data), stdin=asyncio.subprocess.PIPE
    )
    await child.communicate(json.dumps(DOCUMENT).encode())
    assert child.returncode == -9
    assert [found for found, _ in process.having_argument(f"{data}/")]


async def call(at: Serving, caller: str, number: str, called: str) -> None:
    async with at.phone(caller) as calls, at.phone(called) as answers:
        answers.on_call = answer_after(0)
        await calls.register()
        await answers.register()
        placed = await calls.call(number)
        await placed.answered()
        await placed.hang_up()
    await at.until_settled()


async def test_phones_call_through_the_engine_of_an_older_version(data: Path) -> None:
    """It reads accounts where they were when it started, also those that are applied later."""
    await older(data)
    async with serving(data) as at:
        supervisor = at.server.supervisor
        assert supervisor.adopted
        assert supervisor.restart_needed == ("sorcery.conf",)
        await call(at, "alice", "1002", "bob")
        await at.apply(json.dumps(DOCUMENT | {"users": [*USERS, user("Carol", "1003")]}))
        await call(at, "carol", "1001", "alice")
        process.kill(supervisor.process)
        await until_restarted(at, boot=2)
        assert supervisor.restart_needed == ()
        included = (supervisor.layout.etc / "pjsip.conf").read_text()
        assert "pjsip_auth_plan.conf" not in included
        await call(at, "carol", "1002", "bob")


async def until_restarted(at: Serving, boot: int) -> None:
    async with asyncio.timeout(30):
        while at.server.supervisor.boot < boot or at.server.supervisor.state is not State.READY:
            await asyncio.sleep(0.05)
