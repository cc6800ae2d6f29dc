"""Each receiver of `examples/` as a process of its own, sent what the delivery engine sends."""

import asyncio
import json
import os
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any, Final

import pytest

from hookswitch.app.webhooks import trial
from hookswitch.events.samples import KINDS
from kit.api import SECRET, TOKEN, cli
from kit.sender import send

EXAMPLES: Final = Path(__file__).parents[2] / "examples"
RECEIVERS: Final = sorted(path.name for path in EXAMPLES.glob("*.py"))
PATIENCE_S: Final = 60.0
TRIES: Final = 5


class Receiver:
    """A running example."""

    def __init__(self, port: int, database: Path) -> None:
        self.url, self._database = f"http://127.0.0.1:{port}/", database

    async def send(
        self, kind: str = "user_inbound", webhook_id: str = "evt_1", **how: Any
    ) -> int | None:
        """Give the status."""
        return await send(self.url, kind, webhook_id, **how)

    def kept(self) -> dict[str, str]:
        """Type by id of the events the example kept."""
        if not self._database.exists():
            return {}
        with closing(sqlite3.connect(self._database)) as db:
            rows = db.execute("SELECT id, type, body FROM events").fetchall()
        assert all(json.loads(body)["type"] == kind for _, kind, body in rows)
        return {identifier: kind for identifier, kind, _ in rows}


@asynccontextmanager
async def started(name: str, path: Path) -> AsyncIterator[Receiver]:
    """Start the example on a free port; another process may take that port first, so try again."""
    for _ in range(TRIES):
        port = _free_port()
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-W", "error", str(EXAMPLES / name)),
            cwd=path,
            env={
                **os.environ,
                "HOOKSWITCH_SECRET_TOKEN": TOKEN,
                "HOOKSWITCH_SIGNING_SECRET": SECRET,
                "PORT": str(port),
            },
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            if await _is_up(process, port):
                yield Receiver(port, path / "calls.db")
                return
        finally:
            if process.returncode is None:
                process.terminate()
            await process.wait()
    pytest.fail(f"{name} did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def _is_up(process: asyncio.subprocess.Process, port: int) -> bool:
    async with asyncio.timeout(PATIENCE_S):
        while process.returncode is None:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                await writer.wait_closed()
                return True
    return False


def test_there_are_three() -> None:
    assert RECEIVERS == ["fastapi_receiver.py", "flask_receiver.py", "plain_receiver.py"]


@pytest.mark.parametrize("name", RECEIVERS)
async def test_a_receiver_keeps_each_event_once_and_refuses_forgeries(
    name: str, tmp_path: Path
) -> None:
    async with started(name, tmp_path) as receiver:
        for kind in KINDS:
            assert await receiver.send(kind, f"evt_{kind}") == 204
        expected = {f"evt_{kind}": kind for kind in KINDS}
        assert receiver.kept() == expected

        answers = await asyncio.gather(*(receiver.send(webhook_id="evt_twice") for _ in range(8)))
        assert answers == [204] * 8
        assert receiver.kept() == {**expected, "evt_twice": "user_inbound"}

        other = trial.throwaway_secret()
        assert await receiver.send(webhook_id="evt_forged", secrets=(other,)) == 401
        assert await receiver.send(webhook_id="evt_forged", token="forged") == 401
        assert await receiver.send(webhook_id="evt_forged", body=b'{"type": "x"}') == 401
        assert await receiver.send(webhook_id="evt_forged", age_s=3600) == 401
        assert await receiver.send("fax", "evt_fax") == 204
        assert receiver.kept() == {**expected, "evt_twice": "user_inbound"}


@pytest.mark.parametrize("name", RECEIVERS)
async def test_a_test_event_of_the_command_arrives(name: str, tmp_path: Path) -> None:
    async with started(name, tmp_path) as receiver:
        signed = ("--token", TOKEN, "--signing-secret", SECRET, "--id", "evt_1")
        sent = [
            await cli("events", "send", "user_inbound", "--to", receiver.url, *signed)
            for _ in range(2)
        ]
        wrong = await cli("events", "send", "user_inbound", "--to", receiver.url)
    assert [one.exit_code for one in sent] == [0, 0], sent[0].output
    assert (wrong.exit_code, "answered 401" in wrong.output) == (1, True)
    assert receiver.kept() == {"evt_1": "user_inbound"}
