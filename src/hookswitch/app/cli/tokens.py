"""`hookswitch tokens`: keys of programs."""

from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import quote

import click

from hookswitch.app.cli.client import Client, require_client
from hookswitch.app.cli.options import examples, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json, table, when
from hookswitch.model.access import Role

_HEAD: Final = ("id", "name", "role", "addresses", "created", "last used")


@click.group()
def tokens() -> None:
    """Manage the API tokens of programs."""


@tokens.command("list")
@json_option
@settings_options
def list_command(*, as_json: bool, settings_file: Path | None, data_dir: Path | None) -> None:
    """List the tokens; the tokens themselves are kept nowhere."""
    rows = _client(settings_file, data_dir).get("/api/tokens")["items"]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no tokens", err=True)
    else:
        click.echo(table(_HEAD, map(_row, rows)))


@tokens.command(
    epilog=examples(
        "hookswitch tokens add crm",
        "hookswitch tokens add crm --role operator --address 192.0.2.0/24",
    ),
)
@click.argument("name")
@click.option(
    "--role",
    type=click.Choice(get_args(Role)),
    default="read_only",
    show_default=True,
    help="What the program may do.",
)
@click.option(
    "--address",
    "addresses",
    metavar="ADDRESS",
    multiple=True,
    help="Take it only from this address or network; may be given several times.",
)
@json_option
@settings_options
def add(
    name: str,
    *,
    role: str,
    addresses: tuple[str, ...],
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Make a token and print it: it is shown this once."""
    body = {"name": name, "role": role, "addresses": list(addresses)}
    made = _client(settings_file, data_dir).post("/api/tokens", json=body)
    if as_json:
        print_json(made)
    else:
        click.echo(made["token"])


@tokens.command(
    epilog=examples("hookswitch tokens delete a1b2c3"),
)
@click.argument("token", metavar="ID")
@settings_options
def delete(token: str, *, settings_file: Path | None, data_dir: Path | None) -> None:
    """Refuse a token from now on."""
    _client(settings_file, data_dir).delete(f"/api/tokens/{quote(token, safe='')}")
    click.echo(f"{token} is refused from now on", err=True)


def _client(settings_file: Path | None, data_dir: Path | None) -> Client:
    return require_client(settings_from(settings_file, data_dir=data_dir).data_dir)


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["id"],
        row["name"],
        row["role"],
        ", ".join(row["addresses"]) or "any",
        when(row["created_at"]),
        when(row["used_at"]) if row["used_at"] else "-",
    )
