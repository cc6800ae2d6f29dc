"""A newer engine is taken only if a real call through it succeeds; no network is needed here."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result
from msgspec.structs import replace

from hookswitch.app.upkeep.upgrade import smoke_call
from hookswitch.asterisk import process, throwaway
from hookswitch.asterisk.engine import Engine, engine_from_prefix
from hookswitch.asterisk.errors import OlderPackageError, SmokeCallError
from hookswitch.asterisk.install import apt, manifest
from hookswitch.asterisk.install.apt import Apt, Deb
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from kit.api import cli
from kit.candidates import OLD_ROOT, mirror_of, prefix_with_candidate

pytestmark = pytest.mark.usefixtures("engine")


@pytest.fixture(autouse=True)
def the_index_as_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    async def keep(_: Apt) -> None:
        pass

    async def mirror() -> str:
        return mirror_of(default_prefix())

    monkeypatch.setattr(Apt, "update", keep)
    monkeypatch.setattr(apt, "system_mirror", mirror)


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """apt is not asked once more: that takes 3 s, and the first test has done it."""

    async def resolve(*_: object) -> tuple[Deb, ...]:
        there = manifest.read(default_prefix())
        assert there is not None
        return tuple(
            Deb(p.name, p.version, p.architecture, p.size, p.sha256) for p in there.packages
        )

    async def download(*_: object) -> None:
        pass

    monkeypatch.setattr(Apt, "resolve", resolve)
    monkeypatch.setattr(Apt, "download", download)


@pytest.fixture(autouse=True)
def nothing_left_behind() -> Iterator[None]:
    yield
    assert not list(process.having_argument(f"{throwaway.PREFIX}{os.getpid()}-"))


async def run(*args: str | Path) -> Result:
    return await cli("engine", *args)


async def test_a_newer_engine_that_carries_a_call_is_taken(tmp_path: Path) -> None:
    prefix = prefix_with_candidate(tmp_path)
    result = await run("install", "--upgrade", "--prefix", prefix, "--json")
    assert result.exit_code == 0, result.output
    (installed,) = json.loads(result.stdout)["installed"]
    assert installed["version"].startswith("22.10")
    assert engine_from_prefix(prefix).version == installed["version"]
    assert (prefix / OLD_ROOT).is_dir(), "a running engine may still use it"


@pytest.mark.usefixtures("resolved")
async def test_one_that_writes_no_journal_is_refused_and_the_old_one_stays(tmp_path: Path) -> None:
    prefix = prefix_with_candidate(tmp_path, without="cel_custom.so")
    before = manifest.read(prefix)
    result = await run("install", "--upgrade", "--prefix", prefix)
    assert result.exit_code == 1
    last = result.stderr.splitlines()[-1]
    assert last.startswith("hookswitch: Asterisk 22.10")
    assert "did not pass its test call" in last
    assert "cel_custom.so" in last
    assert "22.7.0~old-1 stays" in last
    assert manifest.read(prefix) == before
    assert [path.name for path in (prefix / "roots").iterdir()] == ["before"]


@pytest.mark.usefixtures("resolved")
async def test_one_that_refuses_the_call_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It boots and writes its journal, but cannot answer the flow's first step."""
    prefix = prefix_with_candidate(tmp_path, without="app_dial.so", installed=False)

    async def takes_everything(*_args: object, **_options: object) -> list[str]:
        return []

    monkeypatch.setattr(throwaway, "validate", takes_everything)
    result = await run("install", "--prefix", prefix)
    assert result.exit_code == 1
    assert "did not pass its test call (the test call failed: " in result.stderr
    assert "nothing was installed" in result.stderr
    assert manifest.read(prefix) is None


@pytest.mark.usefixtures("resolved")
async def test_an_older_engine_is_not_taken(tmp_path: Path) -> None:
    prefix = prefix_with_candidate(tmp_path)
    there = manifest.read(prefix)
    assert there is not None
    (main, *others) = there.packages
    newer = (replace(main, version="1:22.99.0-1"), *others)
    manifest.write(prefix, replace(there, version="22.99.0-1", packages=newer))
    with pytest.raises(OlderPackageError, match=r"older than the installed 22\.99\.0-1, which"):
        await install(ENGINE, prefix, upgrade=True)


@pytest.mark.usefixtures("resolved")
async def test_what_is_installed_already_is_not_tried_again() -> None:
    async def fails(_: Engine) -> None:
        raise SmokeCallError("tried")

    before = manifest.read(default_prefix())
    after = await install(ENGINE, default_prefix(), upgrade=True, prove=fails)
    assert before is not None
    assert after.root == before.root


async def test_a_call_that_takes_too_long(engine: Engine) -> None:
    with pytest.raises(SmokeCallError, match="not over in 0"):
        await smoke_call(engine, within=0.1)
