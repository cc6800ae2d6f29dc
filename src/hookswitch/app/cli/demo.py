"""`hookswitch demo`."""

import asyncio
import signal
import sys
from pathlib import Path

import click
import uvloop

from hookswitch.app.cli.engine import shown
from hookswitch.app.cli.options import (
    DIRECTORY,
    EXIT_FAILED,
    examples,
    fail,
    settings_from,
    system_error,
)
from hookswitch.app.datadir import DataDirError
from hookswitch.app.demo.run import Demo
from hookswitch.app.demo.show import Screen
from hookswitch.app.logs import configure_logs
from hookswitch.app.settings import Settings
from hookswitch.app.webserver import PortError
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE
from hookswitch.phone import PhoneError
from hookswitch.store.port import StoreError


@click.command(
    epilog=examples(
        "hookswitch demo",
        "hookswitch demo --once",
        "hookswitch demo --once --json | jq .body.type",
    ),
)
@click.option("--once", is_flag=True, help="End after the calls; exit 0 only if all was right.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Standard output is one JSON line per webhook, as of `listen --json`.",
)
@click.option(
    "--data-dir",
    type=DIRECTORY,
    default=Path("var/demo"),
    show_default=True,
    help="Where the demo keeps its things.",
)
@click.option("--sip-port", type=int, help="SIP port, 0 for a free one.  [default: 0]")
@click.option("--port", type=int, help="Port of the API, 0 for a free one.  [default: 0]")
@click.option("--engine", type=click.Path(path_type=Path), help="A system Asterisk to use.")
@click.option("--engine-prefix", type=DIRECTORY, help="Where the embedded engine is installed.")
def demo(
    *,
    once: bool,
    as_json: bool,
    data_dir: Path,
    sip_port: int | None,
    port: int | None,
    engine: Path | None,
    engine_prefix: Path | None,
) -> None:
    """Place real SIP calls and show their webhooks.

    Fetches the engine if it is not there, starts everything on free ports of this machine, calls
    the number of the example flow three times (answered, given up, unanswered) and checks that
    every webhook arrives signed and in order. Then it stays up for you to play with.
    """
    settings = settings_from(
        None,
        data_dir=data_dir.absolute(),
        sip_port=sip_port or 0,
        port=port or 0,
        engine=engine,
        engine_prefix=engine_prefix,
        log_level="warning",
    )
    configure_logs(settings)
    try:
        if engine is None:
            with shown(False) as progress:
                asyncio.run(install(ENGINE, settings.engine_prefix, progress=progress))
        right = uvloop.run(_demo(settings, Screen(as_json=as_json), once=once))
    except (DataDirError, EngineError, PhoneError, PortError, StoreError) as error:
        fail(str(error))
    except OSError as error:
        fail(system_error(error))
    sys.exit(0 if right else EXIT_FAILED)


async def _demo(settings: Settings, screen: Screen, *, once: bool) -> bool:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    demo = Demo(screen)
    async with demo.up(settings) as server:
        calls = asyncio.ensure_future(demo.calls())
        stopping = asyncio.ensure_future(stop.wait())
        await asyncio.wait({calls, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if not calls.done():
            calls.cancel()
            return False
        stopping.cancel()
        right = calls.result()
        screen.title("Every webhook arrived as it should." if right else "Something is missing.")
        if not once and not stop.is_set():
            demo.stay(server, settings)
            await stop.wait()
            screen.say("stopping")
    return right
