"""The command as an operator runs it: processes of their own, on free ports."""

import asyncio
import json
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
from click.testing import CliRunner
from msgspec import Struct

from hookswitch.app.cli import main
from hookswitch.asterisk import process

HOOKSWITCH = Path(sys.executable).with_name("hookswitch")
START_WITHIN = 120.0
READY = re.compile(r"serving on (http\S+)")


class Ended(Struct, frozen=True):
    """A command's exit code and what it printed."""

    code: int
    out: str
    err: str


def environment(**others: str) -> dict[str, str]:
    own = {key: value for key, value in os.environ.items() if not key.startswith("HOOKSWITCH_")}
    return {**own, **others}


async def run(*args: str | Path, within: float = 120.0, **env: str) -> Ended:
    """Run a command of ours to its end."""
    return await run_program(HOOKSWITCH, *args, within=within, **env)


def run_here(*args: str | Path) -> Ended:
    """Run a command in this process: for what ends before it does anything."""
    result = CliRunner().invoke(main, [str(arg) for arg in args])
    return Ended(result.exit_code, result.stdout, result.stderr)


async def run_program(*args: str | Path, within: float = 120.0, **env: str) -> Ended:
    """Run a program to its end."""
    started = await asyncio.create_subprocess_exec(
        *args,
        env=environment(**env),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(within):
            out, err = await started.communicate()
    finally:
        if started.returncode is None:
            started.kill()
            await started.wait()
    return Ended(started.returncode or 0, out.decode(), err.decode())


class Served:
    """A running `hookswitch serve`; `said` is its standard error, line by line."""

    def __init__(self, data: Path, started: asyncio.subprocess.Process) -> None:
        self.data = data
        self.process = started
        self.said: list[str] = []
        self.url = ""
        self._changed = asyncio.Event()

    async def read(self) -> None:
        assert self.process.stderr is not None
        while line := await self.process.stderr.readline():
            self.said.append(line.decode().rstrip())
            self._changed.set()
        self._changed.set()

    async def until_said(self, pattern: str, within: float = 120.0) -> re.Match[str]:
        """Wait for a line that holds `pattern`; past lines count too."""
        async with asyncio.timeout(within):
            while True:
                for line in self.said:
                    if found := re.search(pattern, line):
                        return found
                assert self.process.returncode is None, self.said
                self._changed.clear()
                await self._changed.wait()

    @property
    def sip(self) -> tuple[str, int]:
        state = json.loads((self.data / "engine/engine.json").read_text())
        return "127.0.0.1", state["ports"]["sip"]

    @property
    def token(self) -> str:
        return (self.data / "api-token").read_text().strip()

    async def get(self, path: str) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.get(self.url + path) as answer,
        ):
            return await answer.json()

    async def parts(self) -> Mapping[str, str]:
        parts: Mapping[str, str] = (await self.get("/healthz"))["parts"]
        return parts


@asynccontextmanager
async def serve(
    data: Path, *args: str | Path, under: Sequence[str | Path] = (), **env: str
) -> AsyncIterator[Served]:
    """A `hookswitch serve` on free ports; it and its engine are gone afterwards.

    `under` is a command that runs it.
    """
    given = ("serve", "--data-dir", data, "--port", "0", "--sip-port", "0", *args)
    async with up(*given, data=data, under=under, **env) as served:
        yield served


@asynccontextmanager
async def up(
    *args: str | Path,
    data: Path,
    ready: re.Pattern[str] = READY,
    program: Path = HOOKSWITCH,
    under: Sequence[str | Path] = (),
    **env: str,
) -> AsyncIterator[Served]:
    """A command that runs until it is told to stop; it and its engine are gone afterwards."""
    started = await asyncio.create_subprocess_exec(
        *under,
        program,
        *args,
        env=environment(**env),
        stderr=asyncio.subprocess.PIPE,
    )
    served = Served(data, started)
    reading = asyncio.create_task(served.read())
    try:
        served.url = (await served.until_said(ready.pattern, START_WITHIN))[1]
        yield served
    finally:
        if started.returncode is None:
            started.terminate()
        try:
            async with asyncio.timeout(60):
                await started.wait()
        finally:
            await _clear_away(data, started)
            await reading
    assert not list(process.having_argument(f"{data}/")), "left behind"


async def _clear_away(data: Path, started: asyncio.subprocess.Process) -> None:
    if started.returncode is None:
        started.kill()
        await started.wait()
        for found, _ in process.having_argument(f"{data}/"):
            process.kill(found)


def system_asterisk(place: Path, root: Path) -> Path:
    """A real Asterisk at `place`/usr/sbin/asterisk, installed there as far as it can tell."""
    usr = place / "usr"
    (usr / "sbin").mkdir(parents=True)
    for part in ("lib", "share"):
        (usr / part).symlink_to(root / "usr" / part)
    program = usr / "sbin" / "asterisk"
    program.write_text(
        "#!/bin/sh\n"
        f"exec {root}/usr/lib64/ld-linux-x86-64.so.2"
        f' --library-path {root}/usr/lib/x86_64-linux-gnu {root}/usr/sbin/asterisk "$@"\n'
    )
    program.chmod(0o755)
    return program
