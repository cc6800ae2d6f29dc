"""`hookswitch engine ask`: a question to the running engine, in its own words."""

import asyncio
from pathlib import Path

import click

from hookswitch.app.cli.options import fail, settings_from, settings_options
from hookswitch.app.cli.text import printable
from hookswitch.asterisk import state
from hookswitch.asterisk.control import command
from hookswitch.asterisk.errors import EngineError
from hookswitch.asterisk.layout import Layout

WITHIN_S = 10.0
NO_SUCH = "No such command"


@click.command(
    epilog="""\b
Examples:
  hookswitch engine ask pjsip show contacts
  hookswitch engine ask pjsip show registrations
  hookswitch engine ask pjsip show channelstats
  hookswitch engine ask core show channels verbose
"""
)
@click.argument("words", nargs=-1, required=True, metavar="COMMAND...")
@settings_options
def ask(words: tuple[str, ...], settings_file: Path | None, data_dir: Path | None) -> None:
    """Ask the running engine: a COMMAND of Asterisk's own console.

    For a look inside. What is changed this way is not part of the configuration, and is gone with
    the next Apply.
    """
    layout = Layout(settings_from(settings_file, data_dir=data_dir).data_dir.absolute())
    line = " ".join(words)
    try:
        process = state.read(layout.state).process
        if process is None or not process.alive:
            fail(
                f"no engine runs on {layout.data}: start `hookswitch serve`, or name its --data-dir"
            )
        said = asyncio.run(command(layout.control, line, WITHIN_S))
    except TimeoutError:
        fail(f"the engine did not answer within {WITHIN_S:g} s: see engine/log/messages")
    except EngineError as error:
        fail(str(error))
    click.echo(printable(said.rstrip(), keep="\n\t"))
    if said.startswith(NO_SUCH):
        fail("the engine knows no such command: try `core show help`")
