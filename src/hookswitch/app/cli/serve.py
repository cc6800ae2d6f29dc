"""`hookswitch serve`, and its parts apart: `node`, `worker`, `web`."""

import asyncio
import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import click
import uvloop

from hookswitch.app.cli.options import (
    DIRECTORY,
    FILE,
    F,
    examples,
    fail,
    settings_from,
    settings_options,
    system_error,
)
from hookswitch.app.datadir import DataDirError
from hookswitch.app.deliverer import delivering
from hookswitch.app.interpreter import keep_what_is, tune_interpreter
from hookswitch.app.logs import configure_logs
from hookswitch.app.parts import NODE, SERVE, WEB, PartsError
from hookswitch.app.server import Server, running
from hookswitch.app.settings import Settings
from hookswitch.app.tasks import Tasks
from hookswitch.app.webserver import PortError
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.process import yield_to_calls
from hookswitch.config.archive import ArchiveError
from hookswitch.store.port import StoreError
from hookswitch.vault import VaultError


def database_option(command: F) -> F:
    """Add --database."""
    return click.option(
        "--database", help="sqlite, or postgresql://USER:PASSWORD@HOST/NAME.  [default: sqlite]"
    )(command)


def web_options(command: F) -> F:
    """Add --host and --port."""
    for option in (
        click.option("--port", type=int, help="Their port, 0 for a free one.  [default: 8088]"),
        click.option("--host", help="Address of the API and console.  [default: 127.0.0.1]"),
    ):
        command = option(command)
    return command


def engine_options(command: F) -> F:
    """Add what a process with an engine takes."""
    for option in (
        click.option("--node", help="This node's name, part of every call's id.  [default: n1]"),
        click.option("--engine-prefix", type=DIRECTORY, help="Where the embedded engine lies."),
        click.option("--engine", type=FILE, help="A system Asterisk (22.7 or later) to use."),
        click.option("--sip-port", type=int, help="Its port, 0 for a free one.  [default: 5060]"),
        click.option("--sip-host", help="Address phones and trunks reach.  [default: 127.0.0.1]"),
    ):
        command = option(command)
    return command


def log_options(command: F) -> F:
    """Add --log-level and --log-format."""
    levels = click.Choice(["debug", "info", "warning", "error"])
    formats = click.Choice(["auto", "console", "json"])
    command = click.option(
        "--log-format", type=formats, help="auto: console on a terminal, else json."
    )(command)
    return click.option("--log-level", type=levels, help="The least that is logged.")(command)


@click.command(
    epilog=examples(
        "hookswitch serve",
        "hookswitch serve --sip-host 192.0.2.10",
        "hookswitch serve --settings /etc/hookswitch.toml --data-dir /var/lib/hookswitch",
    ),
)
@settings_options
@database_option
@web_options
@engine_options
@log_options
def serve(settings_file: Path | None, **flags: Any) -> None:
    """Run the phone system: engine, call events, deliveries and API.

    Runs until SIGTERM or Ctrl-C, then ends the engine cleanly; killed otherwise, the engine and
    its calls go on and the next start takes them over. Every setting can also be given as an
    environment variable (HOOKSWITCH_PORT) or in a TOML file.
    """
    _run(settings_file, flags, partial(running, parts=SERVE), calls=True)


@click.command(
    epilog=examples("hookswitch node --node n1 --sip-host 192.0.2.10"),
)
@settings_options
@database_option
@web_options
@engine_options
@log_options
def node(settings_file: Path | None, **flags: Any) -> None:
    """Run a phone node of a shared database, without deliveries.

    It has the engine, call events and API. Each node needs a name of its own (--node). Needs
    PostgreSQL: see docs/postgresql.md.
    """
    _run(settings_file, flags, partial(running, parts=NODE), calls=True)


@click.command(
    epilog=examples(
        "hookswitch web",
        "hookswitch web --host 192.0.2.12",
    ),
)
@settings_options
@database_option
@web_options
@log_options
def web(settings_file: Path | None, **flags: Any) -> None:
    """Run the API and console alone, on a shared database.

    What is applied there is tried on a throwaway engine, then taken up by every node.
    """
    _run(settings_file, flags, partial(running, parts=WEB))


@click.command(
    epilog=examples(
        "hookswitch worker",
        "hookswitch worker --worker-host 192.0.2.11 --worker-port 9100",
    ),
)
@settings_options
@database_option
@click.option("--worker-host", help="Address of /healthz and /metrics.  [default: 127.0.0.1]")
@click.option("--worker-port", type=int, help="Their port; a free one unless given.")
@log_options
def worker(settings_file: Path | None, **flags: Any) -> None:
    """Deliver webhooks from a shared database.

    Run any number, on any machines. It says where it answers /healthz (200 while it delivers) and
    /metrics, without a login: give it an address that only your monitoring reaches.
    """
    _run(settings_file, flags, delivering)


class _Running(Protocol):
    @property
    def tasks(self) -> Tasks: ...


_Start = Callable[..., AbstractAsyncContextManager[_Running]]


def _run(
    settings_file: Path | None, flags: dict[str, Any], start: _Start, *, calls: bool = False
) -> None:
    settings = settings_from(settings_file, **flags)
    configure_logs(settings)
    tune_interpreter()
    if calls:
        yield_to_calls()
    uvloop.run(_until_stopped(settings, start))


async def _until_stopped(settings: Settings, start: _Start) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        while (after := await _once(settings, start, stop)) is not None:
            settings = after
            _say("starting again")
    except (
        ArchiveError, DataDirError, PartsError, PortError, EngineError, StoreError, VaultError
    ) as error:  # fmt: skip
        fail(str(error))
    except OSError as error:
        fail(system_error(error))


async def _once(settings: Settings, start: _Start, stop: asyncio.Event) -> Settings | None:
    """Until it is stopped; gives the settings to start again with if that is wanted."""
    again = asyncio.Event()
    async with start(settings, say=_say) as made:
        made.tasks.failed.add_done_callback(lambda _failed: stop.set())
        if isinstance(made, Server):
            made.again = again
            settings = settings.model_copy(update={"port": made.web.port})
        keep_what_is()
        waiting = [asyncio.create_task(event.wait()) for event in (stop, again)]
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        _say("stopping")
        if made.tasks.failed.done():
            await made.tasks.failed
    return settings if again.is_set() and not stop.is_set() else None


def _say(text: str) -> None:
    click.echo(text, err=True)
