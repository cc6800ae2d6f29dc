"""`hookswitch listen`: the server in this process, the command in one of its own."""

import asyncio
import io
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Final

import aiohttp
import pytest
from click.testing import CliRunner
from standardwebhooks import Webhook

from hookswitch.app.cli.listen import listen
from hookswitch.app.webhooks.listener import MAX_BODY, Behaviour, Checks, Listener, Received
from kit.api import cli

SECRET: Final = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
TOKEN: Final = "t0ken"
EVENT: Final = {
    "type": "user_inbound",
    "unique_call_id": "n1-1.1",
    "caller_id": "+33123456789",
    "caller_name": "Zoë \x1b[31mred\u2028",
    "user_name": "Alice",
    "user_number": "101",
    "dest_number": "900",
}
BODY: Final = json.dumps(EVENT).encode()
PATIENCE_S: Final = 60.0


def signed(body: bytes = BODY) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "X-Pbx-Token": TOKEN,
        "webhook-id": "evt_1",
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(SECRET).sign("evt_1", now, body.decode()),
        "X-Hookswitch-Call-Sequence": "2",
        "X-Hookswitch-Attempt": "1",
        "X-Hookswitch-Final": "true",
    }


async def post(
    url: str, body: bytes | io.BytesIO = BODY, headers: dict[str, str] | None = None
) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, data=body, headers=headers) as response,
    ):
        return response.status


@asynccontextmanager
async def listening(**changes: Any) -> AsyncIterator[tuple[Listener, list[Received]]]:
    received: list[Received] = []
    async with Listener(received.append, **changes) as listener:
        yield listener, received


async def test_it_hands_on_every_request() -> None:
    async with listening() as (listener, received):
        assert await post(listener.url + "any/path?x=1", headers={"X-Any": "1"}) == 200
    (one,) = received
    assert (one.status, one.document, one.body, one.checks) == (200, EVENT, BODY, {})
    assert one.headers["x-any"] == "1"
    assert listener.port != 0


async def test_good_token_and_signature() -> None:
    async with listening(checks=Checks(TOKEN, SECRET)) as (listener, received):
        assert await post(listener.url, headers=signed()) == 200
    assert received[0].checks == {"token": "", "signature": ""}


async def test_a_bad_one_is_answered_401_and_shown() -> None:
    async with listening(checks=Checks(TOKEN, SECRET)) as (listener, received):
        assert await post(listener.url, BODY + b" ", headers=signed()) == 401
        assert await post(listener.url, headers={**signed(), "X-Pbx-Token": "x"}) == 401
        assert await post(listener.url) == 401
    assert [set(filter(None, one.checks.values())) != set() for one in received] == [True] * 3
    assert received[0].checks["token"] == ""
    assert received[1].checks["signature"] == ""


async def test_a_body_that_is_not_json_is_answered_400() -> None:
    async with listening() as (listener, received):
        assert await post(listener.url, b"\xff not json") == 400
    assert (received[0].is_json, received[0].document) == (False, None)


async def test_a_body_that_is_too_large_is_refused() -> None:
    async with listening() as (listener, received):
        assert await post(listener.url, io.BytesIO(b"1" * (MAX_BODY + 1))) == 413
    assert received == []


async def test_it_plays_a_bad_receiver() -> None:
    behaviour = Behaviour(status=503, delay_s=0.05)
    async with listening(behaviour=behaviour) as (listener, received):
        assert await post(listener.url) == 503
    assert received[0].status == 503


class Command:
    """`listen` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.url = ""

    async def end(self, number: int = signal.SIGINT) -> tuple[str, str]:
        self.process.send_signal(number)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        assert self.process.returncode == 0, err.decode()
        return out.decode(), err.decode()


@asynccontextmanager
async def command(*args: str, **environment: str) -> AsyncIterator[Command]:
    program = "from hookswitch.app.cli.listen import listen; listen()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", program, "--port", "0", *args),
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    running = Command(process)
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            first = (await process.stderr.readline()).decode()
        running.url = first.split()[2]
        yield running
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def test_the_command_shows_each_webhook() -> None:
    async with command("--token", TOKEN, "--signing-secret", SECRET) as running:
        await post(running.url, headers=signed())
        await post(running.url, headers={**signed(), "X-Pbx-Token": "forged"})
        await post(running.url, b"not json", headers={"X-Pbx-Token": "forged"})
        out, _ = await running.end()
    for text in (
        "user_inbound",
        "+33123456789 -> 900",
        "user Alice (101)",
        "sequence 2 (final)",
        "attempt 1",
        "token ok",
        "signature ok",
        "answered 200",
        "token WRONG",
        "answered 401",
        "not JSON: not json",
        '"unique_call_id": "n1-1.1"',
    ):
        assert text in out
    assert "\x1b" not in out
    assert SECRET not in out


async def test_json_gives_one_line_per_request_and_nothing_else() -> None:
    async with command("--json") as running:
        await post(running.url, headers=signed())
        await post(running.url, b"not \xff json\r\n")
        await post(running.url, b"[1]")
        out, err = await running.end(signal.SIGTERM)
    lines = [json.loads(line) for line in out.split("\n")[:-1]]
    assert [set(line) for line in lines] == [{"headers", "body"}] * 3
    assert [line["body"] for line in lines] == [EVENT, "not \ufffd json\r\n", [1]]
    assert lines[0]["headers"]["x-hookswitch-call-sequence"] == "2"
    assert "answered 400" in err


async def test_secrets_may_come_from_the_environment() -> None:
    async with command(
        HOOKSWITCH_LISTEN_TOKEN=TOKEN, HOOKSWITCH_LISTEN_SIGNING_SECRET=SECRET
    ) as running:
        assert await post(running.url, headers=signed()) == 200
        assert await post(running.url) == 401
        await running.end()


async def test_a_request_under_way_does_not_hold_up_the_end() -> None:
    async with command("--delay", "600") as running:
        sending = asyncio.create_task(post(running.url))
        assert running.process.stdout is not None
        await running.process.stdout.readline()
        await running.end()
        with pytest.raises(aiohttp.ClientError):
            await sending


def test_help_has_examples() -> None:
    result = CliRunner().invoke(listen, ["--help"])
    assert result.exit_code == 0
    assert "--status 500" in result.output
    assert "\n    hookswitch listen --json" in result.output


def test_a_wrong_secret_is_refused_at_once() -> None:
    result = CliRunner().invoke(listen, ["--signing-secret", "whsec_!"])
    assert result.exit_code == 2
    assert "whsec_ and base64" in result.output


async def test_a_port_in_use_is_told_in_one_line() -> None:
    async with listening() as (listener, _):
        result = await cli("listen", "--port", listener.port)
    assert result.exit_code == 1
    assert result.stderr.startswith("hookswitch: cannot listen (Address already in use): ")
    assert "choose another with --port" in result.stderr
