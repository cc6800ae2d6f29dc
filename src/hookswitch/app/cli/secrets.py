"""`hookswitch secrets`."""

from pathlib import Path

import click

from hookswitch.app.cli.access import answered, reading
from hookswitch.app.cli.options import examples, fail, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json, table, when
from hookswitch.config.secrets import places
from hookswitch.config.yaml import load


@click.group()
def secrets() -> None:
    """List the stored secrets, show one, change their key.

    Passwords, PINs, tokens, signing secrets and header values are kept encrypted in the database,
    with the key in secrets.key of the data directory: back both up. To change a secret, apply a
    configuration that gives it anew.
    """


@secrets.command("list")
@settings_options
@json_option
def list_command(settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """List each secret by its reference, never its value."""
    of = reading(settings_from(settings_file, data_dir=data_dir))
    rows = answered(of.secrets, as_json=as_json)
    if as_json:
        print_json(rows)
        return
    lines = ((row["reference"], when(row["set_at"]), _used(row["live"])) for row in rows)
    click.echo(table(("reference", "given", "used by"), lines))


@secrets.command(
    "show",
    epilog=examples("hookswitch secrets show users/1001/devices/alice/password"),
)
@click.argument("reference")
@settings_options
def show(reference: str, settings_file: Path | None, data_dir: Path | None) -> None:
    """Print a secret, such as a password that was made up.

    REFERENCE is as `hookswitch secrets list` names it, of the live configuration.
    """
    of = reading(settings_from(settings_file, data_dir=data_dir))
    text = answered(lambda: of.text("live", secrets=True), as_json=False)
    found = {place.reference: place.value for place in places(load(text).values)}
    if found.get(reference) is None:
        fail(f"the live configuration has no secret {reference}: see hookswitch secrets list")
    click.echo(found[reference])


@secrets.command("rotate-key")
@settings_options
@json_option
def rotate_key(settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """Encrypt all secrets with a new key, in one transaction.

    Killed on the way, the next start finishes it. A backup of the database from before needs the
    old key file: take a new backup.
    """
    of = reading(settings_from(settings_file, data_dir=data_dir))
    done = answered(of.rotate_key, as_json=as_json)
    if as_json:
        print_json({"ok": True, **done})
        return
    count = "1 secret is" if done["secrets"] == 1 else f"{done['secrets']} secrets are"
    click.echo(f"{count} encrypted with a new key: take a new backup of secrets.key")


def _used(live: bool) -> str:
    return "the live revision" if live else "older revisions"
