"""The wheel installs into an empty environment and runs there."""

import asyncio
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final

import pytest

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, data_home, default_prefix
from hookswitch.phone import Phone
from hookswitch.phone.behaviour import answer_after
from kit.command import Ended, Served, environment, run_program, up

ROOT = Path(__file__).parents[2]
GUIDE: Final = ROOT / "docs/guides/upgrade.md"
UV = Path(sys.executable).parent / "uv"


def _run(*command: str | Path, cwd: Path, **env: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    environment.update(env)
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=500
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_console_is_in_it_whole(installed: Path) -> None:
    (wheel,) = installed.parents[1].glob("*.whl")
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        assert "hookswitch/console/index.html" in names, "the console is not built: make console"
        page = files.read("hookswitch/console/index.html").decode()
    wanted = re.findall(r'(?:src|href)="/(assets/[^"]+)"', page)
    assert any(name.endswith(".js") for name in wanted)
    assert {f"hookswitch/console/{name}" for name in wanted} <= names


async def test_its_demo_places_calls_and_what_it_proposes_works(
    installed: Path, tmp_path: Path
) -> None:
    """Its directory has a blank in its name, and is not on the path."""
    await install(ENGINE, default_prefix())
    place = tmp_path / "a home"
    place.mkdir()
    home = {"HOME": str(place), "XDG_DATA_HOME": str(data_home().parent), "PYTHONUNBUFFERED": "1"}
    started = await asyncio.create_subprocess_exec(
        *(installed / "hookswitch", "demo"),
        cwd=place,
        env=environment(**home),
        stdout=asyncio.subprocess.PIPE,
    )
    said: list[str] = []
    try:
        await until_said(started, said, "its token is in")
        assert "Every webhook arrived as it should." in said
        proposed = [line.strip() for line in said if "--data-dir" in line]
        assert [shlex.split(line)[1] for line in proposed] == ["phone", "apply"]
        for line in proposed:
            done = await run_program(*shlex.split(line), **home)
            assert done.code == 0, (line, done)
        await until_said(started, said, "user_inbound_completed")
        started.send_signal(signal.SIGINT)
        await until_said(started, said, "stopping")
        assert await started.wait() == 0
    finally:
        if started.returncode is None:
            started.terminate()
            await started.wait()


async def until_said(started: asyncio.subprocess.Process, said: list[str], words: str) -> None:
    assert started.stdout
    async with asyncio.timeout(90):
        while words not in (line := (await started.stdout.readline()).decode().rstrip()):
            assert line or not started.stdout.at_eof(), said
            said.append(line)


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheel")
    _run(UV, "build", "-q", "--wheel", "--out-dir", place, cwd=ROOT)
    (wheel,) = place.glob("*.whl")
    locked = place / "locked.txt"
    locked.write_text(
        _run(UV, "export", "-q", "--frozen", "--no-dev", "--no-emit-project", cwd=ROOT)
    )
    _run(UV, "venv", "-q", "--python", sys.executable, place / "venv", cwd=place)
    pip = (UV, "pip", "install", "-q", "--python", place / "venv/bin/python")
    _run(*pip, "-r", locked, cwd=place)
    _run(*pip, "--no-deps", wheel, cwd=place)
    return place / "venv/bin"


def test_it_says_its_version(installed: Path, tmp_path: Path) -> None:
    assert "hookswitch" in _run(installed / "hookswitch", "--version", cwd=tmp_path)


def test_it_checks_and_opens_its_store(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").write_text("hookswitch: 1\n")
    said = _run(installed / "hookswitch", "check", "empty.yaml", "--json", cwd=tmp_path)
    assert json.loads(said)["ok"] is True
    opens = (
        "import asyncio, pathlib; from hookswitch.store.sqlite import SqliteStore;"
        "asyncio.run(SqliteStore.open(pathlib.Path('x.db')))"
    )
    _run(installed / "python", "-c", opens, cwd=tmp_path)


def test_the_receivers_kit_needs_nothing_else(installed: Path, tmp_path: Path) -> None:
    """Imported without site-packages, from the package's own folder alone."""
    package = _run(
        installed / "python", "-c", "import hookswitch; print(hookswitch.__path__[0])", cwd=tmp_path
    ).strip()
    bare = (
        f"import sys, types; m = types.ModuleType('hookswitch'); m.__path__ = [{package!r}];"
        "sys.modules['hookswitch'] = m; from hookswitch.receiver import parse, verify"
    )
    _run(sys.executable, "-S", "-I", "-c", bare, cwd=tmp_path)


OFFICE: Final = """
hookswitch: 1
users: [{name: Alice, extension: "1001", devices: [{username: alice, password: alice-secret}]}]
trunks: [{name: provider, host: 127.0.0.2}]
flows:
  - name: Office
    objects:
      - {id: main, kind: number, name: Main, numbers: ["61300000000"], outputs: {next: alice}}
      - {id: alice, kind: user, name: Alice, user: "1001"}
"""


class Machine:
    """The guide's machine: the environment that the wheel is installed into, and its data."""

    def __init__(self, installed: Path, place: Path) -> None:
        self.program, self.place, self.data = installed / "hookswitch", place, place / "data"
        self.served: Served | None = None

    async def type(self, line: str) -> Ended:
        """Run a line of the guide; the service is the process that this test began."""
        words = shlex.split(line)
        if words[0] == "systemctl":
            assert words[1:3] == ["kill", "--signal=KILL"]
            assert self.served
            self.served.process.kill()
            await self.served.process.wait()
            return Ended(0, "", "")
        own = {"HOOKSWITCH_DATA_DIR": str(self.data)}
        if words[0] == "pip":
            into = ("--offline", "--no-deps", "--python", self.program.with_name("python"))
            return await run_program(UV, *words[:2], *into, *words[2:-1], self.place / words[-1])
        here = [self.place / one if one.endswith(".tar.gz") else one for one in words[1:]]
        return await run_program(self.program, *here, **own)

    def up(self) -> AbstractAsyncContextManager[Served]:
        ports = ("--port", "0", "--sip-port", "0")
        return up("serve", "--data-dir", self.data, *ports, data=self.data, program=self.program)

    def engine(self) -> int:
        return int((self.data / "engine/run/asterisk.pid").read_text())


def newer(wheel: Path, version: str) -> None:
    """The same wheel as if it were of another version."""
    old = wheel.name.split("-")[1]
    target = wheel.with_name(wheel.name.replace(f"-{old}-", f"-{version}-"))
    with zipfile.ZipFile(wheel) as given, zipfile.ZipFile(target, "w") as made:
        for name in given.namelist():
            body = given.read(name)
            if name.endswith("/METADATA"):
                body = body.replace(f"Version: {old}".encode(), f"Version: {version}".encode(), 1)
            if name.endswith("/RECORD"):
                body = re.sub(rb"sha256=[^,]*,\d*", b",", body)
                body = body.replace(f"-{old}.dist".encode(), f"-{version}.dist".encode())
            made.writestr(name.replace(f"-{old}.dist-info", f"-{version}.dist-info"), body)


async def test_the_upgrade_guide_is_followed_with_a_call_up(
    installed: Path, tmp_path: Path
) -> None:
    await install(ENGINE, default_prefix())
    (wheel,) = installed.parents[1].glob("*.whl")
    shutil.copy(wheel, tmp_path)
    newer(tmp_path / wheel.name, "0.2.0")
    shown = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    backup, upgrade, kill, status, down, older, *_ = "".join(shown).splitlines()
    machine = Machine(installed, tmp_path)
    (tmp_path / "office.yaml").write_text(OFFICE)
    async with machine.up() as before:
        machine.served = before
        for line in (f"hookswitch apply {tmp_path}/office.yaml", backup, upgrade):
            done = await machine.type(line)
            assert done.code == 0, (line, done)
        engine = machine.engine()
        phone = Phone(
            "alice",
            "127.0.0.1",
            server=before.sip,
            password="alice-secret",
            on_call=answer_after(0),
        )
        async with phone, Phone("61400000001", "127.0.0.2", server=before.sip) as caller:
            await phone.register()
            call = await caller.call("61300000000")
            await call.answered()
            await machine.type(kill)
            async with machine.up() as after:
                machine.served = after
                assert (await after.get("/api/about"))["version"] == "0.2.0"
                assert machine.engine() == engine
                await call.hang_up()
                await ended(after)
                known = await machine.type(f"{status} --json")
                assert (await machine.type(down)).code == 1
        assert (await machine.type(down)).code == 0
        there = json.loads((await machine.type(f"{status} --json")).out)
        assert (there["version"], there["newest"]) == (9, json.loads(known.out)["newest"])
        assert (await machine.type(older)).code == 0
        async with machine.up() as again:
            assert (await again.get("/api/about"))["version"] == "0.1.0"


async def ended(served: Served) -> None:
    """Wait until the call that was up over the upgrade has ended, answered."""
    async with asyncio.timeout(60):
        while True:
            calls = (await served.get("/api/calls"))["items"]
            if calls and calls[0]["ended_at"]:
                assert calls[0]["state"] == "answered"
                return
            await asyncio.sleep(0.1)
