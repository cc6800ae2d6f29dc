"""`hookswitch serve`."""

import asyncio
import signal
from pathlib import Path
from typing import Any

import click

from hookswitch.app.cli.options import (
    DIRECTORY,
    FILE,
    fail,
    settings_from,
    settings_options,
    system_error,
)
from hookswitch.app.datadir import DataDirError
from hookswitch.app.logs import configure_logs
from hookswitch.app.server import running
from hookswitch.app.settings import Settings
from hookswitch.app.webserver import PortError
from hookswitch.asterisk.errors import EngineError
from hookswitch.config.archive import ArchiveError
from hookswitch.store.port import StoreError
from hookswitch.vault import VaultError


@click.command()
@settings_options
@click.option("--host", help="Address of the API and console.  [default: 127.0.0.1]")
@click.option("--port", type=int, help="Their port, 0 for a free one.  [default: 8088]")
@click.option("--sip-host", help="Address phones and trunks reach.  [default: 127.0.0.1]")
@click.option("--sip-port", type=int, help="Its port, 0 for a free one.  [default: 5060]")
@click.option("--engine", type=FILE, help="A system Asterisk (22.7 or later) to use.")
@click.option("--engine-prefix", type=DIRECTORY, help="Where the embedded engine is installed.")
@click.option("--node", help="This node's name, part of every call's id.  [default: n1]")
@click.option("--log-level", type=click.Choice(["debug", "info", "warning", "error"]))
@click.option("--log-format", type=click.Choice(["auto", "console", "json"]))
def serve(settings_file: Path | None, **flags: Any) -> None:
    """Run the phone system: engine, call events, deliveries and API.

    Runs until SIGTERM or Ctrl-C, then ends the engine cleanly; killed otherwise, the engine and
    its calls go on and the next start takes them over. Every setting can also be given as an
    environment variable (HOOKSWITCH_PORT) or in a TOML file.
    """
    settings = settings_from(settings_file, **flags)
    configure_logs(settings)
    asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        async with running(settings, say=_say) as server:
            server.failed.add_done_callback(lambda _failed: stop.set())
            await stop.wait()
            _say("stopping")
            if server.failed.done():
                await server.failed
    except (
        ArchiveError, DataDirError, PortError, EngineError, StoreError, VaultError
    ) as error:  # fmt: skip
        fail(str(error))
    except OSError as error:
        fail(system_error(error))


def _say(text: str) -> None:
    click.echo(text, err=True)
