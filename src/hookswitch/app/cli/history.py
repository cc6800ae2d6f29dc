"""`hookswitch history` and `hookswitch rollback`."""

import json
from pathlib import Path

import click

from hookswitch.app.cli.access import Answer, answered, reading, tell
from hookswitch.app.cli.configuration import comment_option, say_applied
from hookswitch.app.cli.options import (
    Revision,
    examples,
    json_option,
    settings_from,
    settings_options,
)
from hookswitch.app.cli.text import print_json, printable, table, when

_HEAD = ("revision", "state", "when", "by", "from", "comment")


@click.group(
    invoke_without_command=True,
    epilog="""\b
Examples:
  hookswitch history
  hookswitch history show 7
  hookswitch history diff 7 live
""",
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many."
)
@settings_options
@json_option
@click.pass_context
def history(
    context: click.Context,
    *,
    limit: int,
    settings_file: Path | None,
    data_dir: Path | None,
    as_json: bool,
) -> None:
    """List what was applied: when, by whom, and what failed.

    The newest first, with the reason if it failed. live: in force. retired: was in force. failed:
    the engine did not take it. staged: is being applied.
    """
    if context.invoked_subcommand is not None:
        return
    of = reading(settings_from(settings_file, data_dir=data_dir))
    rows = answered(lambda: of.all(limit), as_json=as_json)
    if as_json:
        print_json(rows)
    elif rows:
        click.echo(table(_HEAD, map(_row, rows)))
    else:
        click.echo("nothing was applied yet", err=True)


@history.command(
    epilog=examples("hookswitch history show live"),
)
@click.argument("revision", metavar="N", type=Revision())
@settings_options
@json_option
def show(
    revision: str, *, settings_file: Path | None, data_dir: Path | None, as_json: bool
) -> None:
    """Show one revision and what it changed. N is a number, `live` or `previous`."""
    of = reading(settings_from(settings_file, data_dir=data_dir))
    found = answered(lambda: of.one(revision), as_json=as_json)
    if as_json:
        print_json(found)
        return
    click.echo(
        f"revision {found['number']}, {found['state']} since {when(found['applied_at'])},"
        f" {found['origin']} by {printable(found['applied_by'])}"
    )
    for text in filter(None, (found["comment"], found["reason"])):
        click.echo(printable(text, keep="\n"))
    click.echo(f"what it changed of revision {found['base']}:" if found["base"] else "it has:")
    tell(found["changes"])


@history.command(
    epilog=examples(
        "hookswitch history diff 7 live",
        "hookswitch history diff previous live",
    ),
)
@click.argument("old", metavar="A", type=Revision())
@click.argument("new", metavar="B", type=Revision())
@settings_options
@json_option
def diff(
    old: str, new: str, *, settings_file: Path | None, data_dir: Path | None, as_json: bool
) -> None:
    """Tell how revision B differs from A. Each is a number, `live` or `previous`.

    A line for each object and field; of a secret only that it was changed.
    """
    of = reading(settings_from(settings_file, data_dir=data_dir))
    changes = answered(lambda: of.diff(old, new), as_json=as_json)
    if as_json:
        print_json(changes)
    else:
        tell(changes)


@click.command(
    epilog="""\b
Examples:
  hookswitch rollback previous
  hookswitch rollback 7 --dry-run
"""
)
@click.argument("revision", metavar="N", type=Revision())
@settings_options
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@comment_option
@json_option
def rollback(
    revision: str,
    *,
    settings_file: Path | None,
    data_dir: Path | None,
    dry_run: bool,
    comment: str,
    as_json: bool,
) -> None:
    """Apply revision N (or `previous`) again, as a new one.

    Secrets stay as they are now: an older revision never brings an old password back.
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    of = reading(settings)
    done = answered(
        lambda: of.rollback(revision, comment=comment, dry_run=dry_run), as_json=as_json
    )
    if not dry_run:
        say_applied(done, settings, as_json=as_json)
    elif as_json:
        click.echo(json.dumps({"ok": True, **done}))
    else:
        tell(done["changes"])


def _row(row: Answer) -> tuple[str, ...]:
    return (
        str(row["number"]),
        row["state"],
        when(row["applied_at"]),
        row["applied_by"],
        row["origin"],
        (row["comment"] or row["reason"]).partition("\n")[0],
    )
