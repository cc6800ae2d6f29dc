"""`hookswitch export`."""

from pathlib import Path

import click

from hookswitch.app.cli.access import answered, reading
from hookswitch.app.cli.options import Revision, settings_from, settings_options


@click.command(
    epilog="""\b
Examples:
  hookswitch export > office.yaml
  hookswitch export --revision 7 > before.yaml
  hookswitch export --with-secrets > whole.yaml    (keep it as you keep a password)
"""
)
@click.option(
    "--revision",
    type=Revision(),
    default="live",
    show_default=True,
    metavar="N",
    help="A number from `hookswitch history`, or previous.",
)
@click.option(
    "--with-secrets", is_flag=True, help="Put passwords and tokens in; else they are masked."
)
@settings_options
def export(
    revision: str, *, with_secrets: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Write an applied configuration to standard output, as YAML.

    Its order and comments are those of the file that was applied. Masked secrets keep their
    values when the file is imported where they are stored; with --with-secrets they are written
    as they are now.
    """
    of = reading(settings_from(settings_file, data_dir=data_dir))
    text = answered(lambda: of.text(revision, secrets=with_secrets))
    click.echo(text, nl=not text.endswith("\n"))
