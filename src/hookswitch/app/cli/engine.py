"""`hookswitch engine`: install the phone engine and see what is there."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import structlog

from hookswitch.app.cli.ask import ask
from hookswitch.app.cli.options import examples, json_option, settings_from, settings_options
from hookswitch.app.logs import configure_logs
from hookswitch.app.upkeep.upgrade import smoke_call
from hookswitch.asterisk import state
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.install import manifest
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.manifest import Manifest
from hookswitch.asterisk.install.packages import ENGINE, TOOLS, tool_prefix
from hookswitch.asterisk.install.progress import Progress, Step, silent
from hookswitch.asterisk.layout import Layout

NOT_INSTALLED = 3

prefix_option = click.option(
    "--prefix",
    type=click.Path(path_type=Path, file_okay=False),
    help="Directory of the engine.  [default: ~/.local/share/hookswitch/engine]",
)


@click.group("engine", help="Install the phone engine (Asterisk 22) and see what is there.")
def engine_group() -> None:
    pass


@engine_group.command(
    "install",
    epilog=examples(
        "hookswitch engine install",
        "hookswitch engine install --with speech",
        "hookswitch engine install --upgrade",
    ),
)
@prefix_option
@click.option("--mirror", metavar="URL", help="A Debian mirror; the system's own unless given.")
@click.option(
    "--with",
    "tools",
    multiple=True,
    type=click.Choice(sorted(TOOLS)),
    help="Install this tool too (sipp and baresip: peers for tests; speech: greetings from text).",
)
@click.option(
    "--upgrade",
    is_flag=True,
    help="Take newer packages if the mirror has them and a test call through them succeeds.",
)
@json_option
def install_command(
    prefix: Path | None, mirror: str | None, tools: tuple[str, ...], upgrade: bool, as_json: bool
) -> None:
    """Fetch Asterisk 22 and its libraries into a private directory.

    Needs no root and changes nothing on the system: Debian packages are downloaded with apt's own
    signature checks and unpacked. An interrupted install goes on where it stopped. A real call is
    placed through the new engine before it is installed; a running one goes on with the old until
    `hookswitch serve` is stopped and started.
    """
    home = prefix or settings_from(None).engine_prefix
    wanted = [(ENGINE, home), *((TOOLS[name], tool_prefix(name, home)) for name in tools)]
    done = []
    for packages, place in wanted:
        with _quiet(), _errors(), shown(as_json) as progress:
            result = install(
                packages,
                place,
                mirror=mirror,
                upgrade=upgrade,
                prove=smoke_call if packages is ENGINE else None,
                progress=progress,
            )
            done.append(_about(place, asyncio.run(result)))
    if as_json:
        click.echo(msgspec.json.encode({"installed": done}))


@engine_group.command(
    "status",
    epilog=examples(
        "hookswitch engine status",
        "hookswitch engine status --json",
    ),
)
@prefix_option
@json_option
@settings_options
def status_command(
    prefix: Path | None, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Show what is installed, and what runs.

    Exits with 3 if the engine is not installed.
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    home = prefix or settings.engine_prefix
    places = [(ENGINE.name, home), *((name, tool_prefix(name, home)) for name in TOOLS)]
    found = [_about(place, m) for _, place in places if (m := manifest.read(place))]
    with _errors():
        running = _running(settings.data_dir)
    if as_json:
        click.echo(msgspec.json.encode({"installed": found, "running": running}))
    else:
        _print_status(home, found, running)
    if manifest.read(home) is None:
        sys.exit(NOT_INSTALLED)


engine_group.add_command(ask)


def _about(place: Path, installed: Manifest) -> dict[str, Any]:
    return {
        "name": installed.name,
        "version": installed.version,
        "prefix": str(place),
        "suite": installed.suite,
        "packages": len(installed.packages),
        "megabytes": sum(package.size for package in installed.packages) // 1_000_000,
        "installed_at": installed.installed_at,
    }


def _running(data_dir: Path) -> dict[str, Any] | None:
    record = state.read(Layout(data_dir.absolute()).state)
    if record.process is None or not record.process.alive:
        return None
    return {
        "pid": record.process.pid,
        "version": record.version,
        "boot": record.boot,
        "bind": record.bind,
        "ports": record.ports,
    }


def _print_status(home: Path, found: list[dict[str, Any]], running: dict[str, Any] | None) -> None:
    for item in found:
        click.echo(
            "{name} {version}: {packages} packages ({megabytes} MB) of {suite} in {prefix}, "
            "installed {installed_at}".format_map(item)
        )
    if not any(item["prefix"] == str(home) for item in found):
        click.echo(f"no engine in {home}; run: hookswitch engine install")
    if running:
        click.echo(
            "running: process {pid}, version {version}, boot {boot}, SIP on {bind}:".format_map(
                running
            )
            + str(running["ports"].sip)
        )


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the smoke call's engine from telling its life on our standard output."""
    before = structlog.get_config()
    configure_logs(settings_from(None, log_level="warning"))
    try:
        yield
    finally:
        structlog.configure(**before)


@contextlib.contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except EngineError as error:
        raise click.ClickException(str(error)) from error


@contextlib.contextmanager
def shown(as_json: bool) -> Iterator[Progress]:
    """Give a progress reporter: a line per step, counting in place on a terminal."""
    if as_json:
        yield silent
        return
    terminal = sys.stderr.isatty()
    last: list[Step] = []

    def show(step: Step) -> None:
        new = not last or last[-1].name != step.name
        if terminal:
            click.echo(("\n" if new and last else "\r\x1b[K") + _line(step), nl=False, err=True)
        elif new:
            click.echo(_line(step), err=True)
        last[:] = [step]

    yield show
    if terminal:
        click.echo(err=True)


def _line(step: Step) -> str:
    if not step.total or not sys.stderr.isatty():
        return step.text
    if step.unit == "bytes":
        return f"{step.text}: {step.done / 1e6:.0f} of {step.total / 1e6:.0f} MB"
    return f"{step.text}: {step.done} of {step.total}"
