"""docs/errors.md: what keeps an engine from being installed; no network is needed."""

import json
import sys
from pathlib import Path

import pytest
from errors_page import as_the_page_says

from hookswitch.asterisk.install import manifest
from hookswitch.asterisk.install.installer import install as fetch
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from kit.candidates import fetched, mirror_of, prefix_with_candidate
from kit.command import Ended, run, run_program

SMALL = "gcc-16-base"
"""One of the fetched packages that needs no other."""
INSTALL = """
import asyncio, json, os, signal, sys
from hookswitch.app.cli import engine as command, main
from hookswitch.asterisk.install import apt, installer
from hookswitch.asterisk.errors import SmokeCallError
from hookswitch.asterisk.install.packages import ENGINE, PackageSet

plan = json.loads(sys.argv.pop(1))

async def as_fetched(*_):
    pass

async def mirror():
    return plan["mirror"]

async def interrupted(*_):
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(10)

async def smoke_call(_engine):
    if plan["fails"]:
        raise SmokeCallError("nobody answered")

apt.Apt.update, apt.system_mirror, command.smoke_call = as_fetched, mirror, smoke_call
if plan["small"]:
    command.ENGINE = PackageSet(name="engine", packages=(plan["small"],))
    installer.engine_from_root = lambda root, version: None
if plan["interrupt"]:
    installer._unpack = interrupted
sys.argv[0] = "hookswitch"
main()
"""


async def install(prefix: Path, *args: str, **plan: object) -> Ended:
    whole = {
        "mirror": mirror_of(default_prefix()),
        "small": "",
        "interrupt": False,
        "fails": False,
        **plan,
    }
    command = ("engine", "install", "--prefix", prefix, *args)
    return await run_program(sys.executable, "-c", INSTALL, json.dumps(whole), *command)


@pytest.fixture(autouse=True)
async def engine_there() -> None:
    await fetch(ENGINE, default_prefix())


async def test_no_network__(tmp_path: Path) -> None:
    mirror = "http://127.0.0.1:1/debian"
    ended = await run("engine", "install", "--prefix", tmp_path / "new", "--mirror", mirror)
    as_the_page_says("no-network", ended)


async def test_install_interrupted__(tmp_path: Path) -> None:
    """The second run takes what the first one fetched, and completes it."""
    fetched(tmp_path, SMALL)
    first = await install(tmp_path, small=SMALL, interrupt=True)
    as_the_page_says("install-interrupted", first)
    assert manifest.read(tmp_path) is None
    (deb,) = (tmp_path / "apt/cache/archives").glob("*.deb")
    before = deb.stat().st_ino
    again = await install(tmp_path, small=SMALL)
    assert again.code == 0, again.err
    assert manifest.read(tmp_path) is not None
    assert deb.stat().st_ino == before, "it was fetched once more"


async def test_upgrade_refused__(tmp_path: Path) -> None:
    prefix = prefix_with_candidate(tmp_path)
    before = manifest.read(prefix)
    ended = await install(prefix, "--upgrade", fails=True)
    as_the_page_says("upgrade-refused", ended)
    assert manifest.read(prefix) == before
    assert [path.name for path in (prefix / "roots").iterdir()] == ["before"]
