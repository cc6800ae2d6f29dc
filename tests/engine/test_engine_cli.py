"""`hookswitch engine`, on what the other tests installed and started."""

import json
from pathlib import Path

from click.testing import Result

from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.supervise import Supervisor
from kit.api import cli


async def run(*args: str | Path) -> Result:
    return await cli("engine", *args)


async def test_install_says_what_is_there(engine: Engine) -> None:
    result = await run("install")
    assert result.exit_code == 0
    assert f"engine {engine.version} is installed" in result.output


async def test_install_as_json(engine: Engine) -> None:
    result = await run("install", "--json")
    (installed,) = json.loads(result.stdout)["installed"]
    assert installed["version"] == engine.version
    assert installed["packages"] > 100


async def test_an_error_is_one_line_with_its_mend(tmp_path: Path) -> None:
    result = await run("install", "--prefix", tmp_path / "engine", "--mirror", "nonsense")
    assert result.exit_code == 1
    assert result.stderr == (
        "hookswitch: 'nonsense' is not a mirror's address; pass --mirror http://HOST/debian\n"
    )


async def test_status_of_a_running_engine(shared: Supervisor) -> None:
    result = await run("status", "--data-dir", shared.layout.data, "--json")
    assert result.exit_code == 0
    status = json.loads(result.stdout)
    assert status["installed"][0]["name"] == "engine"
    assert status["running"]["ports"]["sip"] == shared.ports.sip
    assert status["running"]["boot"] == shared.boot
    assert "secret" not in result.output


async def test_status_for_people(shared: Supervisor) -> None:
    result = await run("status", "--data-dir", shared.layout.data)
    assert f"SIP on 127.0.0.1:{shared.ports.sip}" in result.output


async def test_status_of_nothing(tmp_path: Path) -> None:
    result = await run("status", "--prefix", tmp_path / "engine", "--data-dir", tmp_path)
    assert result.exit_code == 3
    assert "run: hookswitch engine install" in result.output


async def test_a_running_engine_is_asked(shared: Supervisor) -> None:
    data = ("--data-dir", shared.layout.data)
    result = await run("ask", "core", "show", "version", *data)
    assert result.exit_code == 0
    assert result.output.startswith("Asterisk 22.")
    wrong = await run("ask", "core", "shwo", "version", *data)
    assert wrong.exit_code == 1
    assert "the engine knows no such command" in wrong.stderr


async def test_no_engine_is_asked(tmp_path: Path) -> None:
    result = await run("ask", "core show version", "--data-dir", tmp_path)
    assert result.exit_code == 1
    assert f"no engine runs on {tmp_path}" in result.stderr
