"""The command line. Each command is a module, loaded when it is called."""

from importlib import import_module

import click

from hookswitch import __version__

COMMANDS = {
    "demo": "hookswitch.app.cli.demo:demo",
    "serve": "hookswitch.app.cli.serve:serve",
    "node": "hookswitch.app.cli.serve:node",
    "worker": "hookswitch.app.cli.serve:worker",
    "web": "hookswitch.app.cli.serve:web",
    "engine": "hookswitch.app.cli.engine:engine_group",
    "service": "hookswitch.app.cli.service:service_group",
    "check": "hookswitch.app.cli.configuration:check",
    "simulate": "hookswitch.app.cli.simulate:simulate",
    "apply": "hookswitch.app.cli.configuration:apply",
    "import": "hookswitch.app.cli.configuration:import_",
    "export": "hookswitch.app.cli.export:export",
    "history": "hookswitch.app.cli.history:history",
    "rollback": "hookswitch.app.cli.history:rollback",
    "secrets": "hookswitch.app.cli.secrets:secrets",
    "prompts": "hookswitch.app.cli.prompts:prompts",
    "bans": "hookswitch.app.cli.bans:bans",
    "call": "hookswitch.app.cli.call:call",
    "phone": "hookswitch.app.cli.phone:phone",
    "listen": "hookswitch.app.cli.listen:listen",
    "user": "hookswitch.app.cli.user:user",
    "tokens": "hookswitch.app.cli.tokens:tokens",
    "backup": "hookswitch.app.cli.backup:backup",
    "restore": "hookswitch.app.cli.backup:restore",
    "openapi": "hookswitch.app.cli.openapi:openapi",
    "events": "hookswitch.app.cli.events:events",
    "deliveries": "hookswitch.app.cli.deliveries:deliveries",
    "endpoints": "hookswitch.app.cli.endpoints:endpoints",
    "migrate": "hookswitch.app.cli.migrate:migrate",
    "replay": "hookswitch.app.cli.replay:replay",
}


class LazyGroup(click.Group):
    """Loads a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(import_module(module), name)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hookswitch")
def main() -> None:
    """Hookswitch: a phone system whose every call event reaches your software.

    Begin with `hookswitch demo`: it fetches the engine, places real calls through the example
    flow and shows their webhooks.
    """
