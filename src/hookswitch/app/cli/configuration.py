"""`hookswitch check`, `apply` and `import`."""

import contextlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

import click

from hookswitch.app.cli.access import Answer, access, answered, cannot_be_applied, refuse, tell
from hookswitch.app.cli.options import FILE, examples, json_option, settings_from, settings_options
from hookswitch.app.configuration.simulation import stand_ins
from hookswitch.app.datadir import DataDir
from hookswitch.app.settings import Settings
from hookswitch.config.check import parse_source, warnings
from hookswitch.config.document import Document
from hookswitch.config.problems import InvalidDocument, Problem
from hookswitch.config.secrets import wanted
from hookswitch.config.yaml import load, read_file

comment_option = click.option(
    "--comment", default="", metavar="TEXT", help="Kept in the history with the revision."
)


@click.command(
    epilog=examples(
        "hookswitch check office.yaml",
        "hookswitch check office.yaml --json | jq .problems",
    ),
)
@click.argument("file", type=FILE)
@settings_options
@json_option
def check(file: Path, settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Check the configuration in FILE without applying it.

    Exit code 0 if it can be applied, 1 if not; each problem names the object, the field and the
    mend. Warnings tell what can be applied and is likely not meant so. Needs nothing but the file,
    unless the file leaves secrets out: then they must be stored in the data directory, as for
    apply.
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    text = read_file_or_fail(file, as_json=as_json)
    said, warned = _checked(text, file, settings, as_json=as_json)
    if as_json:
        click.echo(json.dumps({"ok": True, "problems": [], "warnings": entries_of(warned)}))
        return
    for warning in warned:
        click.echo(f"warning: {warning}", err=True)
    click.echo(f"{file} is fine: {said}")


@click.command(
    epilog=examples(
        "hookswitch apply office.yaml",
        'hookswitch apply office.yaml --comment "rings longer"',
    ),
)
@click.argument("file", type=FILE)
@settings_options
@comment_option
@json_option
def apply(
    file: Path, settings_file: Path | None, data_dir: Path | None, comment: str, as_json: bool
) -> None:
    """Apply the configuration in FILE, without dropping a call.

    It is checked, tried on an engine of its own, and made live. Talks to the running `hookswitch
    serve` of the same data directory; if none runs, the configuration goes live at its next start.
    On failure the old one stays in force. A secret that FILE leaves out keeps its value.
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    text = read_file_or_fail(file, as_json=as_json)
    to = access(settings)
    applied = answered(lambda: to.apply(text, comment=comment), as_json=as_json, file=file)
    say_applied(applied, settings, as_json=as_json)
    if not as_json:
        _warn(text)


@click.command(
    "import",
    epilog=examples(
        "hookswitch import office.yaml --dry-run",
        "hookswitch import office.yaml --yes",
    ),
)
@click.argument("file", type=FILE)
@settings_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@comment_option
@json_option
def import_(
    file: Path,
    *,
    settings_file: Path | None,
    data_dir: Path | None,
    yes: bool,
    dry_run: bool,
    comment: str,
    as_json: bool,
) -> None:
    """Replace the configuration by FILE, as `export` wrote it.

    Shows what changes and asks; refused if somebody else applies meanwhile. A secret that FILE
    leaves out keeps its value; what FILE does not name is removed.
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    text = read_file_or_fail(file, as_json=as_json)
    to = access(settings)
    found = answered(lambda: to.preview(text), as_json=as_json, file=file)
    if dry_run and as_json:
        click.echo(json.dumps({"ok": True, **found}))
        return
    if not as_json:
        tell(found["changes"])
    if dry_run:
        return
    if not yes:
        click.confirm("Apply this?", abort=True, err=True)
    applied = answered(
        lambda: to.apply(text, origin="import", comment=comment, base=found["live"]),
        as_json=as_json,
        file=file,
    )
    say_applied({**applied, "changes": None}, settings, as_json=as_json)


def say_applied(applied: Answer, settings: Settings, *, as_json: bool) -> None:
    """`changes` of None were shown before."""
    running = DataDir(settings.data_dir).running() is not None
    if as_json:
        changes = applied["changes"]
        shown: dict[str, Any] = {} if changes is None else {"changes": changes}
        said = {
            "ok": True,
            "revision": applied["revision"],
            "running": running,
            "warnings": applied["warnings"],
            **shown,
        }
        click.echo(json.dumps(said))
        return
    how = "" if running else " at the next start of hookswitch serve"
    click.echo(f"revision {applied['revision']} is live{how}")
    if applied["changes"] is not None:
        tell(applied["changes"])
    for warning in applied["warnings"]:
        click.echo(f"warning: {warning}", err=True)


def read_file_or_fail(file: Path, *, as_json: bool) -> str:
    try:
        return read_file(file)
    except InvalidDocument as error:
        invalid(file, error, as_json=as_json)


def _checked(
    text: str, file: Path, settings: Settings, *, as_json: bool
) -> tuple[str, Sequence[Problem]]:
    """Give what is in it, and warnings."""
    try:
        source = load(text)
        kept = wanted(source.values) if DataDir(settings.data_dir).database.exists() else ()
        if kept:
            answered(lambda: access(settings).preview(text), as_json=as_json, file=file)
        document = parse_source(source, stand_ins(sorted(kept)))
        return _summary(document), warnings(document)
    except InvalidDocument as error:
        invalid(file, error, as_json=as_json)


def _warn(text: str) -> None:
    """Of a document that was applied, its secrets with it."""
    with contextlib.suppress(InvalidDocument):
        source = load(text)
        for warning in warnings(parse_source(source, stand_ins(sorted(wanted(source.values))))):
            click.echo(f"warning: {warning}", err=True)


def _summary(document: Document) -> str:
    objects = sum(len(flow.objects) for flow in document.flows)
    return (
        f"{len(document.users)} users, {len(document.trunks)} trunks,"
        f" {objects} objects, {len(document.webhooks)} webhook endpoints"
    )


def invalid(file: Path, error: InvalidDocument, *, as_json: bool) -> NoReturn:
    problems = entries_of(error.problems)
    refuse(cannot_be_applied(file, len(problems)), problems, as_json=as_json)


def entries_of(problems: Sequence[Problem]) -> list[dict[str, Any]]:
    return [
        {"where": p.where, "field": p.field, "message": p.message, "mend": p.mend, "line": p.line,
         "text": str(p)}
        for p in problems
    ]  # fmt: skip
