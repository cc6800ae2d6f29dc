"""The command line. Each command is a module, loaded when it is called."""

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click
from click.exceptions import NoArgsIsHelpError

from hookswitch import __version__

SECTIONS = {
    "To try it": {
        "demo": "demo:demo",
        "simulate": "simulate:simulate",
        "phone": "phone:phone",
        "listen": "listen:listen",
        "events": "events:events",
    },
    "To run it": {
        "serve": "serve:serve",
        "node": "serve:node",
        "worker": "serve:worker",
        "web": "serve:web",
        "engine": "engine:engine_group",
        "service": "service:service_group",
        "migrate": "migrate:migrate",
        "backup": "backup:backup",
        "restore": "backup:restore",
    },
    "To configure it": {
        "check": "configuration:check",
        "apply": "configuration:apply",
        "import": "configuration:import_",
        "export": "export:export",
        "history": "history:history",
        "rollback": "history:rollback",
        "secrets": "secrets:secrets",
        "prompts": "prompts:prompts",
    },
    "To look after it": {
        "deliveries": "deliveries:deliveries",
        "endpoints": "endpoints:endpoints",
        "replay": "replay:replay",
        "call": "call:call",
        "bans": "bans:bans",
        "user": "user:user",
        "tokens": "tokens:tokens",
        "openapi": "openapi:openapi",
        "completion": "completion:completion",
    },
}
COMMANDS = {name: where for section in SECTIONS.values() for name, where in section.items()}


SHARED = ("as_json", "settings_file", "data_dir")


def arranged(command: click.Command) -> click.Command:
    """Its own options first, then those that many commands share."""
    command.params.sort(key=lambda one: SHARED.index(one.name) + 1 if one.name in SHARED else 0)
    if isinstance(command, click.Group):
        for below in command.commands.values():
            arranged(below)
    return command


def show(error: click.ClickException) -> None:
    """A mistake in what was typed, with where the right way is told."""
    if isinstance(error, NoArgsIsHelpError):
        error.show()
        return
    click.echo(f"hookswitch: {error.format_message()}", err=True)
    if isinstance(error, click.UsageError) and error.ctx:
        click.echo(error.ctx.get_usage(), err=True)
        click.echo(f"Try: {error.ctx.command_path} --help", err=True)


class LazyGroup(click.Group):
    """Loads a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(f"hookswitch.app.cli.{module}"), name)
        return arranged(command)

    def invoke(self, ctx: click.Context) -> Any:
        """A data directory of somebody else is told in one line, whatever the command."""
        try:
            return super().invoke(ctx)
        except PermissionError as error:
            where = f"{error.filename}: " if error.filename else ""
            mend = "run this as the user that owns it, or name another with --data-dir"
            click.echo(f"hookswitch: {where}{error.strerror}: {mend}", err=True)
            return ctx.exit(1)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """End in one way, whoever found the mistake: `hookswitch: `, what is wrong, the mend."""
        try:
            code = super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        except click.ClickException as error:
            if not standalone_mode:
                raise
            show(error)
            sys.exit(error.exit_code)
        except click.Abort:
            if not standalone_mode:
                raise
            click.echo("hookswitch: stopped: nothing more is done", err=True)
            sys.exit(1)
        return sys.exit(code if isinstance(code, int) else 0) if standalone_mode else code

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """In sections, each by what one wants."""
        width = max(map(len, COMMANDS))
        limit = formatter.width - 6 - width
        for title, names in SECTIONS.items():
            found = [(name, self.get_command(ctx, name)) for name in names]
            rows = [
                (f"{name:{width}}", one.get_short_help_str(limit)) for name, one in found if one
            ]
            with formatter.section(title):
                formatter.write_dl(rows)


CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


EXIT_CODES = """\b
Exit codes:
  0  it was done
  1  it failed: standard error says why, and the mend
  2  the command line or the settings are wrong
  3  (engine status, service status) it is not installed, or does not run
"""


@click.group(cls=LazyGroup, context_settings=CONTEXT, epilog=EXIT_CODES)
@click.version_option(__version__, prog_name="hookswitch")
def main() -> None:
    """Hookswitch: a phone system whose every call event reaches your software.

    Begin with `hookswitch demo`: it fetches the engine, places real calls through the example
    flow and shows their webhooks.
    """
