"""`hookswitch backup` and `hookswitch restore`."""

from pathlib import Path

import click

from hookswitch.app.cli.options import (
    FILE,
    examples,
    fail,
    json_option,
    settings_from,
    settings_options,
)
from hookswitch.app.cli.text import print_json
from hookswitch.app.datadir import DataDir, DataDirError
from hookswitch.app.stores import is_shared
from hookswitch.app.upkeep import backup as work


@click.command(
    epilog=examples("hookswitch backup hookswitch.tar.gz --audio"),
)
@click.argument("file", type=FILE)
@click.option("--audio", is_flag=True, help="With voicemail and recordings.")
@json_option
@settings_options
def backup(
    file: Path, *, audio: bool, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Write everything that is kept into one FILE.

    The server may be running. Configuration, secrets with their key, accounts, calls, events,
    deliveries and prompts: keep it where nobody else can read it. A PostgreSQL database is backed
    up by its own means (pg_dump).
    """
    settings = settings_from(settings_file, data_dir=data_dir)
    if is_shared(settings):
        fail(
            "the database is PostgreSQL: back it up with pg_dump, and the data directory beside it"
        )
    try:
        work.make(DataDir(settings.data_dir), file, audio=audio)
    except work.BackupError as error:
        fail(str(error))
    size = file.stat().st_size
    if as_json:
        print_json({"file": str(file), "bytes": size})
    else:
        click.echo(f"{file}: {size} bytes", err=True)


@click.command(
    epilog=examples("hookswitch restore hookswitch.tar.gz --data-dir /var/lib/hookswitch"),
)
@click.argument("file", type=FILE)
@json_option
@settings_options
def restore(
    file: Path, *, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Fill an empty data directory from the FILE of a backup.

    Then start `hookswitch serve` on it.
    """
    data = DataDir(settings_from(settings_file, data_dir=data_dir).data_dir)
    try:
        with data.lock():
            manifest = work.restore(file, data)
    except (work.BackupError, DataDirError) as error:
        fail(str(error))
    if as_json:
        print_json({"data_dir": str(data.path), "made_at": manifest["made_at"]})
    else:
        click.echo(f"restored what was kept at {manifest['made_at']} into {data.path}", err=True)
