"""The guides' documents on a real engine, and their commands in order."""

import re
import shlex
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest
from click.testing import Result

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from kit.api import cli
from kit.command import Served, serve

GUIDES: Final = Path(__file__).parents[2] / "docs/guides"
HOST: Final = "sip.provider.example"
BLOCK: Final = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(guide: str, language: str) -> list[str]:
    text = (GUIDES / guide).read_text("utf-8")
    return [body for kind, body in BLOCK.findall(text) if kind == language]


def provider(number: int) -> str:
    """A document of the provider's guide, with a provider whose name can be looked up here."""
    return blocks("sip-provider.md", "yaml")[number].replace(HOST, "127.0.0.31")


def lines(guide: str) -> list[str]:
    """Every command of ours that the guide shows, in order."""
    shown = "".join(blocks(guide, "sh")).splitlines()
    return [line for line in shown if line.startswith("hookswitch ")]


async def typed(line: str, data: Path) -> Result:
    """Run a line of a guide on this installation, in its directory."""
    words = shlex.split(line)[1:]
    with pytest.MonkeyPatch.context() as here:
        here.setenv("HOOKSWITCH_DATA_DIR", str(data))
        return await cli(*words)


@pytest.fixture(scope="module")
async def served(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    await install(ENGINE, default_prefix())
    async with serve(tmp_path_factory.mktemp("guides") / "data") as up:
        yield up


@pytest.mark.parametrize("number", range(len(blocks("sip-provider.md", "yaml"))))
async def test_a_providers_document_goes_live_and_is_asked_about(
    number: int, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "office.yaml").write_text(provider(number))
    simulated = re.search(
        r"`(hookswitch simulate [^`]*)`", (GUIDES / "sip-provider.md").read_text()
    )
    assert simulated
    said = [await typed(line, served.data) for line in (*lines("sip-provider.md"), simulated[1])]
    assert [one.output for one in said if one.exit_code] == []
    assert "127.0.0.31" in said[3].stdout


async def test_a_provider_whose_name_cannot_be_looked_up(served: Served, tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(provider(0).replace("127.0.0.31", "nowhere.invalid"))
    done = await typed(f"hookswitch apply {file}", served.data)
    assert done.exit_code == 0
    assert "warning: trunks provider: host: nowhere.invalid cannot be looked up" in done.stderr


async def test_a_move_is_played_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "office.yaml").write_text(provider(0))
    played = [line for line in lines("moving.md") if "simulate" in line]
    assert len(played) == 2
    for line in played:
        assert (await typed(line, tmp_path / "none")).exit_code == 0


async def test_a_backup_is_made_restored_and_looked_at(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "office.yaml").write_text(provider(0))
    assert (await typed("hookswitch apply office.yaml", served.data)).exit_code == 0
    trial = [line for line in lines("backup.md") if "/tmp/trial" in line]
    assert len(trial) == 3
    for line in (lines("backup.md")[0], lines("backup.md")[0], *trial, lines("backup.md")[-1]):
        here = line.replace("/var/backups/", "").replace("/tmp/trial", "trial")
        done = await typed(here.partition(" > ")[0], served.data)
        assert done.exit_code == 0, (line, done)
    assert "registered_number" in done.stdout
    assert "the-account-s-password" not in done.stdout
