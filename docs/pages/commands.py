"""The command line, from each command's own help."""

from collections.abc import Iterator

import click

from hookswitch.app.cli import main

WIDTH = 92
HEAD = """# Commands

What `hookswitch COMMAND --help` says, of all commands. `--data-dir` names the installation a command
means, `--settings` a file with [settings](settings.md). Exit codes: 0 it is done, 1 it failed, 2 the
command line or the settings are wrong, 3 (`hookswitch engine status`, `hookswitch service status`) it
is not installed or not running.
"""


def page() -> str:
    """A section for each command, one below for each command of a group."""
    return "\n".join((HEAD, *_sections(main, "hookswitch", 1)))


def _sections(group: click.Group, path: str, level: int) -> Iterator[str]:
    context = click.Context(group, info_name=path)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        full = f"{path} {name}"
        yield f"{'#' * (level + 1)} {full}\n\n```text\n{_help(command, full)}\n```\n"
        if isinstance(command, click.Group):
            yield from _sections(command, full, level + 1)


def _help(command: click.Command, path: str) -> str:
    context = click.Context(command, info_name=path, terminal_width=WIDTH, **main.context_settings)
    return command.get_help(context).rstrip()
