"""`hookswitch completion`: commands and options, completed by the shell."""

from collections.abc import Mapping
from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ShellComplete, ZshComplete

from hookswitch.app.cli.options import examples

_SHELLS: Final[Mapping[str, type[ShellComplete]]] = {
    "bash": BashComplete,
    "fish": FishComplete,
    "zsh": ZshComplete,
}


@click.command(
    epilog=examples(
        "hookswitch completion bash > ~/.local/share/bash-completion/completions/hookswitch",
        "hookswitch completion zsh > ~/.zfunc/_hookswitch",
        "hookswitch completion fish > ~/.config/fish/completions/hookswitch.fish",
    )
)
@click.argument("shell", metavar="[bash|fish|zsh]", type=click.Choice([*_SHELLS]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print what makes a shell complete commands and options."""
    made = _SHELLS[shell](context.find_root().command, {}, "hookswitch", "_HOOKSWITCH_COMPLETE")
    click.echo(made.source())
