"""`hookswitch listen --forward`: a real request, the real command, a real receiver behind it."""

import asyncio
import gzip
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final

import aiohttp
import pytest
from aiohttp import web
from click.testing import CliRunner

from hookswitch.app.cli.listen import listen
from hookswitch.receiver import verify
from kit.api import SECRET, TOKEN, cli

PATIENCE_S: Final = 60.0
BODY: Final = b'{"type": "user_inbound",  "unique_call_id": "n1-1.1", "x": "\\u00e9\xc3\xa9"}'
HEADERS: Final = {
    "Content-Type": "application/json",
    "User-Agent": "Hookswitch/9",
    "Accept-Encoding": "identity",
    "webhook-id": "evt_1",
    "webhook-signature": "v1,a v1,b",
    "X-Pbx-Token": TOKEN,
    "X-Hookswitch-Call-Sequence": "2",
    "X-Custom": "a, b",
}


class Behind:
    """The receiver that is forwarded to: keeps what came and answers as told."""

    def __init__(self) -> None:
        self.came: list[tuple[web.Request, bytes]] = []
        self.answer: Callable[[], web.Response] = lambda: web.Response(text="thanks")
        self.url = ""

    async def _receive(self, request: web.Request) -> web.Response:
        self.came.append((request, await request.read()))
        return self.answer()

    @asynccontextmanager
    async def up(self) -> AsyncIterator["Behind"]:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._receive)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hooks?key=1"
        try:
            yield self
        finally:
            await runner.cleanup()


class Command:
    """The command in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, first: str) -> None:
        self.process, self.first, self.url = process, first, first.split()[2]

    async def end(self) -> tuple[str, str]:
        self.process.send_signal(signal.SIGINT)
        async with asyncio.timeout(PATIENCE_S):
            out, err = await self.process.communicate()
        assert self.process.returncode == 0, err.decode()
        return out.decode(), err.decode()


@asynccontextmanager
async def forwarding(*args: str) -> AsyncIterator[Command]:
    program = "from hookswitch.app.cli.listen import listen; listen()"
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-c", program, "--port", "0", *args),
        env={**os.environ, "PYTHONUTF8": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stderr is not None
        async with asyncio.timeout(PATIENCE_S):
            first = (await process.stderr.readline()).decode()
        yield Command(process, first)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def post(url: str, **changes: Any) -> tuple[int, bytes, dict[str, str]]:
    given = {"data": BODY, "headers": HEADERS, "allow_redirects": False, **changes}
    async with aiohttp.ClientSession() as session, session.post(url, **given) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, await answer.read(), headers


async def test_a_request_is_passed_on_as_it_came() -> None:
    async with Behind().up() as behind, forwarding("--forward", behind.url) as running:
        status, body, _ = await post(running.url + "other/path")
        out, _ = await running.end()
    assert (status, body) == (200, b"thanks")
    ((request, came),) = behind.came
    assert came == BODY
    assert str(request.rel_url) == "/hooks?key=1"
    passed_on = {name.lower(): value for name, value in request.headers.items()}
    host, length = passed_on.pop("host"), passed_on.pop("content-length")
    assert (host, length) == (request.url.authority, str(len(BODY)))
    expected = {name.lower(): value for name, value in HEADERS.items()}
    assert passed_on == {**expected, "accept": "*/*"}
    assert f"forwarding to {behind.url}" in running.first
    assert "forwarded in " in out
    assert "answered 200" in out
    assert "answer:\n  thanks" in out


async def test_a_real_signature_holds_behind_it() -> None:
    async with Behind().up() as behind, forwarding("--forward", behind.url) as running:
        sent = await cli(
            *("events", "send", "user_inbound", "--to", running.url),
            *("--token", TOKEN, "--signing-secret", SECRET),
        )
    assert sent.exit_code == 0, sent.output
    ((request, body),) = behind.came
    verify(request.headers, body, signing_secret=SECRET, token=TOKEN)


@pytest.mark.parametrize("status", [201, 204, 302, 401, 410, 503])
async def test_the_answer_is_the_receivers(status: int) -> None:
    async with Behind().up() as behind, forwarding("--forward", behind.url) as running:
        behind.answer = lambda: web.Response(
            status=status, headers={"Retry-After": "7", "Location": "/x", "X-Own": "1"}
        )
        answered, _, headers = await post(running.url)
        out, _ = await running.end()
    assert answered == status
    assert (headers["retry-after"], headers["x-own"]) == ("7", "1")
    assert f"answered {status}" in out
    assert len(behind.came) == 1


async def test_an_encoded_answer_comes_back_as_it_is() -> None:
    packed = gzip.compress(b"thanks")
    async with Behind().up() as behind, forwarding("--forward", behind.url) as running:
        behind.answer = lambda: web.Response(body=packed, headers={"Content-Encoding": "gzip"})
        _, body, headers = await post(running.url)
    assert (body, headers["content-encoding"]) == (b"thanks", "gzip")


async def test_a_receiver_that_cannot_be_reached_gives_502() -> None:
    async with Behind().up() as behind:
        url = behind.url
    async with forwarding("--forward", url, "--json") as running:
        status, body, _ = await post(running.url)
        out, err = await running.end()
    assert status == 502
    assert body == b"not forwarded: the connection was refused\n"
    reply = json.loads(out)["reply"]
    assert (reply["status"], reply["error"]) == (None, "connect")
    assert "not forwarded: the connection was refused" in err


async def test_json_has_request_and_reply() -> None:
    async with (
        Behind().up() as behind,
        forwarding("--forward", behind.url, "--json") as running,
    ):
        await post(running.url)
        await post(running.url, data=b"not json")
        out, _ = await running.end()
    first, second = (json.loads(line) for line in out.splitlines())
    assert first["body"] == json.loads(BODY)
    assert first["headers"]["webhook-id"] == "evt_1"
    assert (first["reply"]["status"], first["reply"]["body"]) == (200, "thanks")
    assert first["reply"]["headers"]["content-type"].startswith("text/plain")
    assert (second["body"], second["reply"]["status"]) == ("not json", 200)


async def test_what_fails_the_checks_is_not_passed_on() -> None:
    async with (
        Behind().up() as behind,
        forwarding("--forward", behind.url, "--token", "another") as running,
    ):
        status, _, _ = await post(running.url)
        out, _ = await running.end()
    assert (status, behind.came) == (401, [])
    assert "token WRONG" in out


async def test_its_own_address_is_refused() -> None:
    async with Behind().up() as behind:
        port = behind.url.split(":")[2].split("/")[0]
    result = await asyncio.to_thread(
        CliRunner().invoke, listen, ["--port", port, "--forward", f"http://127.0.0.1:{port}/x"]
    )
    assert result.exit_code == 1
    assert "own address" in result.output


@pytest.mark.parametrize(
    "wrong", [("--forward", "localhost:1"), ("--forward", "http://x/", "--status", "500")]
)
def test_wrong_options_end_with_2(wrong: tuple[str, ...]) -> None:
    assert CliRunner().invoke(listen, wrong).exit_code == 2
