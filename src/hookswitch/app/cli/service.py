"""`hookswitch service`: run the phone system under systemd."""

import getpass
import os
import pwd
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from hookswitch.app.cli.options import examples, fail, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json
from hookswitch.app.settings import Settings
from hookswitch.app.upkeep import service as units
from hookswitch.app.upkeep.service import Command, Service, ServiceError

NOT_RUNNING = 3

F = TypeVar("F", bound=Callable[..., Any])


@click.group("service", help="Run the phone system as a systemd service.")
def service_group() -> None:
    pass


def _options(command: F) -> F:
    for option in (
        click.option("--name", default="hookswitch", show_default=True, help="Name of the unit."),
        click.option("--user", "own", is_flag=True, help="A unit of your own, without root."),
    ):
        command = option(command)
    return command


_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be done and do nothing.")


@service_group.command(
    epilog=examples(
        "hookswitch service install --dry-run",
        "hookswitch service install --run-as hookswitch --settings /etc/hookswitch.toml",
        "hookswitch service install --user",
    ),
)
@_options
@settings_options
@click.option("--run-as", metavar="USER", help="Who it runs as (system units).  [default: you]")
@_dry_run
def install(
    *,
    name: str,
    own: bool,
    settings_file: Path | None,
    data_dir: Path | None,
    run_as: str | None,
    dry_run: bool,
) -> None:
    """Write the unit, enable it and start it.

    It is started again whenever it ends; the engine and its calls live through that. Settings are
    those of the file (--settings); environment variables of this shell are not taken along.
    """
    try:
        service = _service(name, own, settings_file, data_dir, run_as)
        text = units.unit_text(service)
        if not dry_run:
            units.require_systemd(shutil.which("systemctl"))
            service.path.parent.mkdir(parents=True, exist_ok=True)
            service.path.write_text(text, encoding="utf-8")
        else:
            click.echo(f"# {service.path}\n{text}")
        _warn(service)
        _run(units.install_commands(service), dry_run=dry_run)
    except ServiceError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}: run it as root, or with --user")
    if not dry_run:
        click.echo(f"{service.unit} is installed and started")


@service_group.command()
@_options
@_dry_run
def uninstall(name: str, own: bool, dry_run: bool) -> None:
    """Stop the service and remove its unit; the data directory stays."""
    try:
        service = _named(name, own)
        before, after = units.uninstall_commands(service)
        if not dry_run:
            units.require_systemd(shutil.which("systemctl"))
            if not service.path.exists():
                fail(f"there is no {service.path}: look for the name with `systemctl list-units`")
        _run(before, dry_run=dry_run)
        if dry_run:
            click.echo(f"rm {service.path}")
        else:
            service.path.unlink()
        _run(after, dry_run=dry_run)
    except ServiceError as error:
        fail(str(error))
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}: run it as root, or with --user")
    if not dry_run:
        click.echo(f"{service.unit} is removed")


@service_group.command()
@_options
@json_option
@_dry_run
def status(name: str, own: bool, as_json: bool, dry_run: bool) -> None:
    """Tell whether the service is installed and runs.

    Exits with 3 if it does not run.
    """
    try:
        service = _named(name, own)
        command = units.status_command(service)
        if dry_run:
            click.echo(shlex.join(command))
            return
        units.require_systemd(shutil.which("systemctl"))
        said = subprocess.run(command, capture_output=True, text=True, check=False)
    except ServiceError as error:
        fail(str(error))
    found = dict(line.partition("=")[::2] for line in said.stdout.splitlines())
    print_json(_status(service, found)) if as_json else click.echo(_told(service, found))
    sys.exit(0 if found.get("ActiveState") == "active" else NOT_RUNNING)


def _is_installed(found: Mapping[str, str]) -> bool:
    return found.get("LoadState", "not-found") != "not-found"


def _status(service: Service, found: Mapping[str, str]) -> dict[str, Any]:
    if not _is_installed(found):
        return {"unit": service.unit, "installed": False, "active": False}
    return {
        "unit": service.unit,
        "installed": True,
        "active": found["ActiveState"] == "active",
        "state": found["ActiveState"],
        "enabled": found["UnitFileState"] == "enabled",
        "pid": int(found["MainPID"]) or None,
        "restarts": int(found["NRestarts"]),
    }


def _told(service: Service, found: Mapping[str, str]) -> str:
    if not _is_installed(found):
        return f"{service.unit} is not installed"
    return (
        f"{service.unit}: {found['ActiveState']} ({found['SubState']}), {found['UnitFileState']},"
        f" process {found['MainPID']}, started again {found['NRestarts']} times"
    )


def _named(name: str, own: bool) -> Service:
    folder = Path.home() / ".config/systemd/user" if own else None
    return Service(
        name=units.check_name(name),
        command=(),
        run_as=getpass.getuser(),
        home=Path.home(),
        writable=(),
        user_units=folder,
    )


def _service(
    name: str, own: bool, file: Path | None, data_dir: Path | None, run_as: str | None
) -> Service:
    if own and run_as:
        raise ServiceError("--run-as is for system units: leave out --user or --run-as")
    user = run_as or (getpass.getuser() if own else os.environ.get("SUDO_USER", getpass.getuser()))
    settings = settings_from(file, **{"data_dir": data_dir, **_of_user(user, file, data_dir)})
    data = settings.data_dir.absolute()
    return Service(
        name=units.check_name(name),
        command=(str(_program()), "serve", *_arguments(settings, file)),
        run_as=user,
        home=_home_of(user),
        writable=(data,),
        low_ports=any(0 < p < units.LOWEST_FREE_PORT for p in (settings.port, settings.sip_port)),
        user_units=Path.home() / ".config/systemd/user" if own else None,
    )


def _home_of(user: str) -> Path:
    try:
        return Path(pwd.getpwnam(user).pw_dir)
    except KeyError:
        raise ServiceError(f"there is no user {user}: add one, or name another") from None


def _of_user(user: str, file: Path | None, data_dir: Path | None) -> dict[str, Path]:
    """The defaults of the user it will run as, where they are not those of whoever installs it."""
    home = _home_of(user)
    if user == getpass.getuser():
        return {}
    given = settings_from(file).model_fields_set
    theirs = {
        "data_dir": home / ".local/state/hookswitch",
        "engine_prefix": home / ".local/share/hookswitch/engine",
    }
    known = given | ({"data_dir"} if data_dir else set())
    return {name: path for name, path in theirs.items() if name not in known}


def _arguments(settings: Settings, file: Path | None) -> Sequence[str]:
    chosen = ["--settings", str(file.absolute())] if file else []
    where = ["--data-dir", str(settings.data_dir.absolute())]
    engine = (
        ["--engine", str(settings.engine.absolute())]
        if settings.engine
        else ["--engine-prefix", str(settings.engine_prefix.absolute())]
    )
    return [*chosen, *where, *engine, "--log-format", "json"]


def _program() -> Path:
    """The installed command: beside the interpreter of its environment, else on the path."""
    beside = Path(sys.executable).with_name("hookswitch")
    found = beside if beside.is_file() else shutil.which("hookswitch")
    if found is None:
        raise ServiceError("the command hookswitch is not installed: install the package first")
    return Path(found).absolute()


def _warn(service: Service) -> None:
    lost = sorted(name for name in os.environ if name.startswith("HOOKSWITCH_"))
    if lost:
        click.echo(
            f"note: the service will not see {', '.join(lost)}: put them in a --settings file",
            err=True,
        )
    if service.run_as == "root":
        click.echo("note: it will run as root: better name another user with --run-as", err=True)


def _run(commands: Sequence[Command], *, dry_run: bool) -> None:
    for command in commands:
        if dry_run:
            click.echo(shlex.join(command))
            continue
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["it said nothing"])[0]
            raise ServiceError(f"{shlex.join(command)} failed ({said}): mend that and run it again")
