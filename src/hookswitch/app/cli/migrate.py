"""`hookswitch migrate`: the database's schema, and the move from SQLite to PostgreSQL."""

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from hookswitch.app.cli.options import examples, fail, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json
from hookswitch.app.datadir import DataDir, DataDirError
from hookswitch.app.settings import Settings
from hookswitch.app.upkeep.moving import Moved, move
from hookswitch.app.upkeep.schema import Schema, bring_to, status
from hookswitch.store.port import StoreError

T = TypeVar("T")

database_option = click.option(
    "--database", help="sqlite, or postgresql://USER:PASSWORD@HOST/NAME."
)


@click.group()
def migrate() -> None:
    """See and change the schema's version; move to PostgreSQL.

    A start brings the schema up to date by itself. Going back is for an older Hookswitch: stop
    every process first, and make a backup.
    """


@migrate.command("status")
@json_option
@database_option
@settings_options
def status_command(*, as_json: bool, settings_file: Path | None, **flags: Any) -> None:
    """Tell the schema's version, and the newest there is."""
    _tell(_done(status(settings_from(settings_file, **flags))), as_json=as_json)


@migrate.command()
@json_option
@database_option
@settings_options
def up(*, as_json: bool, settings_file: Path | None, **flags: Any) -> None:
    """Bring the schema up to date, as a start does."""
    _tell(_done(bring_to(settings_from(settings_file, **flags), None)), as_json=as_json)


@migrate.command(
    epilog=examples("hookswitch migrate down --to 9"),
)
@click.option(
    "--to", "version", type=click.IntRange(0), required=True, help="The version to reach."
)
@json_option
@database_option
@settings_options
def down(*, version: int, as_json: bool, settings_file: Path | None, **flags: Any) -> None:
    """Bring the schema back to an older version.

    What that one cannot hold is lost.
    """
    _tell(_done(bring_to(settings_from(settings_file, **flags), version)), as_json=as_json)


@migrate.command(
    "sqlite-to-postgres",
    epilog=examples(
        "hookswitch migrate sqlite-to-postgres postgresql://hookswitch@db.example.com/hookswitch"
    ),
)
@click.argument("url", metavar="URL")
@json_option
@settings_options
def sqlite_to_postgres(
    *, url: str, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Move the database into an empty one of PostgreSQL.

    URL is postgresql://USER:PASSWORD@HOST/NAME. Stop hookswitch first. Everything goes, what waits
    to be delivered too; the old file is kept beside its place with the ending .moved. Then set
    `database` and start again. If it fails, all is as it was.
    """
    settings = settings_from(settings_file, data_dir=data_dir, database=url)
    moved = _done(_moved(settings))
    if as_json:
        print_json(msgspec.to_builtins(moved, enc_hook=str))
        return
    rows = ", ".join(f"{count} {table}" for table, count in moved.rows.items() if count)
    click.echo(f"moved: {rows or 'nothing was there'}")
    click.echo(f"the old database is {moved.old}; set `database` (HOOKSWITCH_DATABASE) and start")


async def _moved(settings: Settings) -> Moved:
    data = DataDir(settings.data_dir)
    with data.lock():
        return await move(data.database, settings.database.get_secret_value())


def _tell(found: Schema, *, as_json: bool) -> None:
    if as_json:
        print_json(msgspec.to_builtins(found))
        return
    state = "up to date" if found.version == found.newest else f"the newest is {found.newest}"
    click.echo(f"{found.database}: schema {found.version} ({state})")


def _done(work: Coroutine[Any, Any, T]) -> T:
    try:
        return asyncio.run(work)
    except (DataDirError, StoreError) as error:
        fail(str(error))
