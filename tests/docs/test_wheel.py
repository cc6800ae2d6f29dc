"""The wheel installs into an empty environment and runs there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).parent / "uv"


def _run(*command: str | Path, cwd: Path) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"VIRTUAL_ENV", "PYTHONPATH"}}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False, timeout=150
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


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
