"""The wheel installs into an empty environment and runs there."""

import asyncio
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from hookswitch.asterisk.install.install import install
from hookswitch.asterisk.install.packages import ENGINE, data_home, default_prefix

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def _run(*command: str | Path, cwd: Path, **env: str) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    environment.update(env)
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=150
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


async def test_its_demo_places_calls(installed: Path, tmp_path: Path) -> None:
    await install(ENGINE, default_prefix())
    home = {"HOME": str(tmp_path), "XDG_DATA_HOME": str(data_home().parent)}
    said = await asyncio.to_thread(
        _run, installed / "hookswitch", "demo", "--once", cwd=tmp_path, **home
    )
    assert "Every webhook arrived as it should." in said


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
