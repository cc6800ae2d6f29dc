"""What the call benchmarks run on: `hookswitch serve` with one number that rings one SIPp phone."""

import asyncio
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from msgspec import Struct

from hookswitch.asterisk import control, state
from hookswitch.asterisk.engine import engine_from_prefix, tool_argv
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, TOOLS, default_prefix, tool_prefix
from hookswitch.asterisk.layout import Layout

HERE = Path(__file__).parent
HOOKSWITCH = Path(sys.executable).with_name("hookswitch")
READY = re.compile(r"serving on (http\S+)")
CALLER_HOST, CALLEE_HOST = "127.0.0.3", "127.0.0.4"
CALLER_PORT, CALLEE_PORT = 5072, 5074
NUMBER = "61300000000"
PASSWORD = "a-password-of-benchmarks"
SECRET = "whsec_" + "A" * 43 + "="
EVENTS = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]


class Office(Struct, frozen=True):
    """A running product; `sip_port` is its engine's."""

    data: Path
    url: str
    sip_port: int
    engine_pid: int
    process: asyncio.subprocess.Process

    async def tool(self, *args: str | Path) -> str:
        """Run a command of ours against it."""
        return await check(HOOKSWITCH, *args, data=self.data)

    async def drained(self) -> None:
        """Wait until all that the engine recorded is committed and delivered; a minute at most."""
        waiting = (
            "hookswitch_calls_open",  # of which the engine has records to write
            "hookswitch_journal_lag_bytes",
            "hookswitch_delivery_lag_seconds",
        )
        async with aiohttp.ClientSession() as http, asyncio.timeout(60):
            while True:
                async with http.get(f"{self.url}/metrics") as answer:
                    lines = (await answer.text()).splitlines()
                values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
                if not any(float(values[name]) for name in waiting):
                    return
                await asyncio.sleep(0.1)


async def check(*argv: str | Path, data: Path) -> str:
    """Run a command that must succeed."""
    process = await asyncio.create_subprocess_exec(
        *argv, env=environment(data), stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise SystemExit(f"{' '.join(map(str, argv))} ended with {process.returncode}")
    return out.decode()


def environment(data: Path) -> dict[str, str]:
    # a start is measured with the bytecode kept, as everywhere but on a machine of developers
    others = ("HOOKSWITCH_", "PYTHONDONTWRITEBYTECODE")
    own = {key: value for key, value in os.environ.items() if not key.startswith(others)}
    return {**own, "HOOKSWITCH_DATA_DIR": str(data), "HOOKSWITCH_LOG_LEVEL": "warning"}


def document(receiver_port: int) -> str:
    main = {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER]}
    user = {"id": "user", "kind": "user", "name": "Sipp", "user": "1001"}
    device = {"username": "sipp", "password": PASSWORD}
    return json.dumps(
        {
            "hookswitch": 1,
            "users": [{"name": "Sipp", "extension": "1001", "devices": [device]}],
            "trunks": [{"name": "carrier", "host": CALLER_HOST, "port": CALLER_PORT}],
            "flows": [{"name": "Main", "objects": [main | {"outputs": {"next": "user"}}, user]}],
            "webhooks": [
                {
                    "name": "crm",
                    "url": f"http://127.0.0.1:{receiver_port}/calls",
                    "secret_token": "t",
                    "signing_secret": SECRET,
                    "triggers": EVENTS,
                }
            ],
            "allowed_networks": [{"network": "127.0.0.1/32", "ports": [receiver_port]}],
        }
    )


@asynccontextmanager
async def office(data: Path, receiver_port: int) -> AsyncIterator[Office]:
    """Serve, with the document applied."""
    await install(ENGINE, default_prefix())
    await install(TOOLS["sipp"], tool_prefix("sipp"))
    async with served(data) as running:
        config = data / "bench.yaml"
        config.write_text(document(receiver_port))
        await running.tool("apply", config)
        yield running


@asynccontextmanager
async def served(data: Path) -> AsyncIterator[Office]:
    """Serve what is there."""
    process = await asyncio.create_subprocess_exec(
        HOOKSWITCH, "serve", "--port", "0", "--sip-port", "0",
        env=environment(data), stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # as a service is started
    )  # fmt: skip
    try:
        url = await _ready(process)
        engine = state.read(Layout(data).state)
        assert engine.ports is not None
        assert engine.process is not None
        yield Office(data, url, engine.ports.sip, engine.process.pid, process)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def _ready(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    while line := await process.stderr.readline():
        if found := READY.search(line.decode()):
            return found[1]
    raise SystemExit("hookswitch serve did not start")


class BareEngine(Struct, frozen=True):
    sip_port: int
    pid: int


@asynccontextmanager
async def bare_engine(data: Path) -> AsyncIterator[BareEngine]:
    """The engine of an ended office by itself: the same dialplan, no journal, none of ours."""
    layout = Layout(data)
    (layout.etc / "cel.conf").write_text("[general]\nenable=no\n")
    ports = state.read(layout.state).ports
    assert ports is not None
    argv = (*engine_from_prefix(default_prefix()).argv, "-C", str(layout.config), "-f")
    process = await asyncio.create_subprocess_exec(
        *argv, env={"HOME": str(data), "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    try:
        while not await control.answers(layout.control):
            await asyncio.sleep(0.05)
        await control.command(layout.control, "core waitfullybooted")
        yield BareEngine(ports.sip, process.pid)
    finally:
        process.terminate()
        await process.wait()
        # The phone registers anew: nobody would answer when the next engine asks after it.
        (layout.lib / "db" / "astdb.sqlite3").unlink()


async def sipp(cwd: Path, sip_port: int, *options: str) -> tuple[int, str]:
    """Run SIPp to its end; gives its exit code and what it printed last."""
    argv = tool_argv(tool_prefix("sipp"), "usr/bin/sipp")
    process = await asyncio.create_subprocess_exec(
        *argv, f"127.0.0.1:{sip_port}", *options, "-nostdin",
        cwd=cwd, env={"TERM": "dumb", "LANG": "C.UTF-8"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        said, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said.decode(errors="replace")


async def register(cwd: Path, sip_port: int) -> None:
    """Register the callee's phone for an hour."""
    (cwd / "fields.csv").write_text(f"SEQUENTIAL\n{PASSWORD}\n")
    code, said = await sipp(
        cwd, sip_port, "-sf", scenario("register"), "-inf", "fields.csv", "-s", "sipp",
        *callee_at(), "-m", "1", "-timeout", "20s",
    )  # fmt: skip
    if code:
        raise SystemExit(f"the phone could not register:\n{said[-2000:]}")


def scenario(name: str) -> str:
    return str(HERE / "scenarios" / f"{name}.xml")


class Calls(Struct, frozen=True):
    """What a run of calls came to; `calls_per_s` counts the successful ones."""

    placed: int
    succeeded: int
    failed: int
    retransmitted: int
    """INVITEs that were sent again: the engine was late."""
    calls_per_s: float

    def each_us(self, seconds: float) -> int:
        """Microseconds for each call."""
        return round(seconds * 1e6 / max(self.succeeded, 1))


async def run_calls(
    cwd: Path, sip_port: int, rate: int, seconds: int, *answering: str, talk_ms: int = 500
) -> Calls:
    """Place `rate` calls a second; each rings for 500 ms, talks, and is hung up by the callee."""
    total = rate * seconds
    limits = ("-m", str(total), "-l", "9000", "-timeout", f"{seconds + 30}s")
    answer = asyncio.create_task(
        sipp(
            cwd, sip_port, "-sf", scenario("answer"), *callee_at(), "-d", str(talk_ms), "-aa",
            *limits, *answering,
        )
    )  # fmt: skip
    began = time.monotonic()
    _, said = await sipp(
        cwd, sip_port, "-sf", scenario("call"), "-s", NUMBER, *caller_at(), "-r", str(rate), *limits
    )
    took = time.monotonic() - began - 0.5 - talk_ms / 1000
    answer.cancel()
    await asyncio.gather(answer, return_exceptions=True)
    succeeded, failed = _last(said, "Successful call"), _last(said, "Failed call")
    retransmitted = int(re.findall(r"INVITE -+>\s+\d+\s+(\d+)", said)[-1])
    return Calls(total, succeeded, failed, retransmitted, succeeded / max(took, seconds))


def _last(said: str, name: str) -> int:
    found = re.findall(rf"{name}\s+\|\s+\d+\s+\|\s+(\d+)", said)
    if not found:
        raise SystemExit(f"SIPp said nothing of {name}:\n{said[-2000:]}")
    return int(found[-1])


def callee_at() -> Sequence[str]:
    return ("-i", CALLEE_HOST, "-p", str(CALLEE_PORT))


def caller_at() -> Sequence[str]:
    return ("-i", CALLER_HOST, "-p", str(CALLER_PORT))
