"""`hookswitch bans`: addresses that guessed SIP passwords."""

from pathlib import Path
from urllib.parse import quote

import click

from hookswitch.app.cli.client import require_client
from hookswitch.app.cli.options import examples, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json, table


@click.group()
def bans() -> None:
    """See and lift bans of addresses that guess SIP passwords.

    Talks to the running `hookswitch serve` of the same data directory.
    """


@bans.command("list")
@settings_options
@json_option
def list_command(settings_file: Path | None, data_dir: Path | None, as_json: bool) -> None:
    """List the banned addresses, the newest first."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    found = client.get("/api/bans")
    if as_json:
        print_json(found)
        return
    if not found:
        click.echo("nobody is banned", err=True)
        return
    # the account is what a stranger sent
    lines = (
        (ban["address"], ban["until"], str(ban["failures"]), ascii(ban["account"])) for ban in found
    )
    click.echo(table(("address", "until", "failures", "last account"), lines))


@bans.command(
    "remove",
    epilog=examples("hookswitch bans remove 192.0.2.7"),
)
@click.argument("address")
@settings_options
def remove(address: str, settings_file: Path | None, data_dir: Path | None) -> None:
    """Let ADDRESS in again, at once."""
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    client.delete(f"/api/bans/{quote(address, safe='')}")
    click.echo(f"{address} may log in again")
