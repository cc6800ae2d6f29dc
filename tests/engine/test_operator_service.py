"""The systemd unit: its text, what is run to put it in place, and the engine under its limits.

Oracles: the golden files, `systemd-analyze` where there is one, and the kernel: the read-only
system and the lack of capabilities are those that the unit asks systemd for.
"""

import configparser
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hookswitch.app.cli.service import service_group
from hookswitch.app.upkeep import service
from hookswitch.app.upkeep.service import Service, ServiceError, quoted, unit_text

GOLDEN = Path(__file__).parents[1] / "unit/golden"
ANALYZE = shutil.which("systemd-analyze")
PLACE = Path("/srv/hookswitch")
SYSTEM = Service(
    name="hookswitch",
    command=(sys.executable, "serve", "--data-dir", "/srv/a 100% $b"),
    run_as="daemon",
    home=Path("/var/empty"),
    writable=(PLACE,),
)
OWN = Service(
    name="own",
    command=(sys.executable, "serve"),
    run_as="me",
    home=Path("/var/empty"),
    writable=(PLACE,),
    user_units=Path("/var/empty/.config/systemd/user"),
)
SANDBOX = """
mount --make-rprivate / && mount --bind /tmp /tmp && mount --bind "$1" "$1" &&
mount -o remount,bind,ro / && shift &&
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""
SMOKE = """
import asyncio, pathlib, sys
from hookswitch.app.upkeep.upgrade import smoke_call
from hookswitch.asterisk.engine import engine_from_prefix
from hookswitch.asterisk.install.packages import default_prefix
try:
    pathlib.Path("/etc/written").touch()
except OSError as error:
    print("the system is closed:", error.strerror)
asyncio.run(smoke_call(engine_from_prefix(default_prefix())))
print("the call went through")
"""


@pytest.mark.parametrize("unit", [SYSTEM, OWN], ids=lambda unit: unit.name)
def test_the_unit_is_as_agreed(unit: Service) -> None:
    path = GOLDEN / unit.unit
    text = unit_text(unit).replace(sys.executable, "/usr/bin/python3")
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.parametrize("unit", [SYSTEM, OWN], ids=lambda unit: unit.name)
def test_the_unit_is_well_formed(unit: Service, tmp_path: Path) -> None:
    """By systemd itself, else as far as a reader of its format can tell."""
    path = tmp_path / unit.unit
    path.write_text(unit_text(unit))
    if ANALYZE:
        said = subprocess.run([ANALYZE, "verify", path], capture_output=True, text=True, check=True)
        assert said.stderr == ""
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(unit_text(unit))
    assert parser["Service"]["KillMode"] == "process"
    assert parser["Service"]["Restart"] == "always"
    assert set(parser.sections()) == {"Unit", "Service", "Install"}


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze here")
def test_systemd_finds_the_unit_safe(tmp_path: Path) -> None:
    path = tmp_path / SYSTEM.unit
    path.write_text(unit_text(SYSTEM))
    command = [ANALYZE, "security", "--offline=yes", "--no-pager", "--threshold=25", path]
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    if "unrecognized option" in said.stderr:
        pytest.skip("this systemd-analyze is too old")
    assert said.returncode == 0, said.stdout


@pytest.mark.usefixtures("engine")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make such a sandbox")
def test_a_call_goes_through_under_the_units_limits(tmp_path: Path) -> None:
    command = ["unshare", "--mount", "sh", "-c", SANDBOX, "sandbox", tmp_path]
    said = subprocess.run(
        [*command, sys.executable, "-c", SMOKE],
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert said.returncode == 0, said.stderr
    assert "the system is closed: Read-only file system" in said.stdout
    assert "the call went through" in said.stdout


@pytest.mark.parametrize(
    ("word", "shown"),
    [
        ("serve", "serve"),
        ("--data-dir", "--data-dir"),
        ("a b", '"a b"'),
        ("100%", "100%%"),
        ("$HOME", "$$HOME"),
        ('a"b\\c', '"a\\"b\\\\c"'),
    ],
)
def test_words_reach_the_program_as_they_are(word: str, shown: str) -> None:
    assert quoted(word) == shown


def test_a_line_end_cannot_begin_a_setting() -> None:
    with pytest.raises(ServiceError, match="line end"):
        quoted("a\nUser=root")


def run(*args: str | Path) -> Result:
    return CliRunner().invoke(service_group, [str(arg) for arg in args])


@pytest.fixture
def units(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine run by systemd, as far as we ask; what is asked of it is in `asked`."""
    tools, folder = tmp_path / "bin", tmp_path / "units"
    tools.mkdir()
    for tool in ("systemctl", "loginctl", "runuser", "install"):
        (tools / tool).write_text(f'#!/bin/sh\necho "{tool} $*" >> "{tmp_path}/asked"\n{STATUS}')
        (tools / tool).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}:{os.environ['PATH']}")
    monkeypatch.setattr(service, "SYSTEM_UNITS", folder)
    monkeypatch.setattr(service.require_systemd, "__defaults__", (tmp_path,))
    return folder


STATUS = """\
[ "$1" = fail ] && exit 1
[ "$1" = show ] && printf 'LoadState=loaded\\nUnitFileState=enabled\\nActiveState=active\\n\
SubState=running\\nMainPID=7\\nNRestarts=2\\n'
exit 0
"""


def test_install_status_uninstall(units: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = run("install", "--name", "second", "--data-dir", data, "--run-as", "nobody")
    assert made.exit_code == 0, made.output
    text = (units / "second.service").read_text()
    assert f"serve --data-dir {data} --engine-prefix " in text
    assert f"ReadWritePaths={data} /tmp\n" in text
    assert (tmp_path / "asked").read_text().splitlines() == [
        f"install -d -m 700 -o nobody {data}",
        "systemctl daemon-reload",
        "systemctl enable second.service",
        "systemctl restart second.service",
    ]
    status = run("status", "--name", "second")
    assert status.exit_code == 0
    assert status.output == (
        "second.service: active (running), enabled, process 7, started again 2 times\n"
    )
    told = run("status", "--name", "second", "--json")
    assert json.loads(told.stdout) == {
        "unit": "second.service",
        "installed": True,
        "active": True,
        "state": "active",
        "enabled": True,
        "pid": 7,
        "restarts": 2,
    }
    assert run("uninstall", "--name", "second").exit_code == 0
    assert not (units / "second.service").exists()


def test_a_dry_run_shows_everything_and_does_nothing(units: Path, tmp_path: Path) -> None:
    data = tmp_path / "data"
    shown = run("install", "--dry-run", "--data-dir", data, "--run-as", "nobody")
    assert shown.exit_code == 0
    lines = shown.stdout.splitlines()
    assert lines[0] == f"# {units}/hookswitch.service"
    assert "KillMode=process" in lines
    assert lines[-1] == "systemctl restart hookswitch.service"
    assert run("uninstall", "--dry-run").stdout.splitlines() == [
        "systemctl disable --now hookswitch.service",
        f"rm {units}/hookswitch.service",
        "systemctl daemon-reload",
    ]
    assert not units.exists()
    assert not (tmp_path / "asked").exists()


def test_a_unit_of_ones_own_needs_no_root(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = run("install", "--user", "--dry-run", "--data-dir", tmp_path / "data")
    lines = shown.stdout.splitlines()
    assert lines[0] == f"# {tmp_path}/.config/systemd/user/hookswitch.service"
    assert not any(line.startswith(("User=", "ProtectSystem=")) for line in lines)
    assert "systemctl --user enable hookswitch.service" in lines
    assert lines[-1].startswith("loginctl enable-linger ")


def test_settings_of_this_shell_are_not_taken_along(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOOKSWITCH_PORT", "8099")
    shown = run("install", "--dry-run", "--data-dir", tmp_path)
    assert "will not see HOOKSWITCH_PORT" in shown.stderr


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("install", "--run-as", "nobody-of-this-name"), "there is no user nobody-of-this-name"),
        (("install", "--user", "--run-as", "nobody"), "--run-as is for system units"),
        (("install", "--name", "../x"), "is no name for a service"),
    ],
)
def test_what_cannot_be_is_one_line(args: tuple[str, ...], said: str) -> None:
    result = run(*args, "--dry-run")
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
