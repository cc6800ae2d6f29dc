"""`hookswitch user`: the accounts of administrators."""

import sys
from pathlib import Path
from typing import Any, Final, get_args
from urllib.parse import quote

import click

from hookswitch.app.cli.client import require_client
from hookswitch.app.cli.options import examples, json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json, table, when
from hookswitch.model.access import Role

_ROLES: Final = get_args(Role)
_HEAD: Final = ("name", "role", "second factor", "state", "last sign-in")

role_option = click.option(
    "--role",
    type=click.Choice(_ROLES),
    default="administrator",
    show_default=True,
    help="What the account may do.",
)
password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input."
)


@click.group()
def user() -> None:
    """Manage who may sign in to the console.

    The commands talk to the `hookswitch serve` that runs on the data directory, as whoever may
    read it: a lost password is set anew with `passwd`.
    """


@user.command("list")
@json_option
@settings_options
def list_command(*, as_json: bool, settings_file: Path | None, data_dir: Path | None) -> None:
    """List the accounts."""
    rows = _ask("get", "/api/administrators", settings_file, data_dir)["items"]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no accounts yet: the console takes the code that the start printed", err=True)
    else:
        click.echo(table(_HEAD, map(_row, rows)))


@user.command(
    epilog=examples(
        "hookswitch user add ada",
        "hookswitch user add bob --role operator --password-stdin < password.txt",
    ),
)
@click.argument("name")
@role_option
@password_option
@json_option
@settings_options
def add(
    name: str,
    *,
    role: str,
    password_stdin: bool,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Add an account; asks for its password."""
    body = {"name": name, "role": role, "password": _password(from_stdin=password_stdin)}
    made = _ask("post", "/api/administrators", settings_file, data_dir, json=body)
    if as_json:
        print_json(made)
    else:
        click.echo(f"{made['name']} may sign in as {made['role']}", err=True)


@user.command(
    epilog=examples("hookswitch user passwd ada"),
)
@click.argument("name")
@password_option
@settings_options
def passwd(
    name: str, *, password_stdin: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Set a password anew; ends the account's sessions."""
    body = {"password": _password(from_stdin=password_stdin)}
    _change(name, settings_file, data_dir, body)
    click.echo(f"{name} has a new password", err=True)


@user.command(
    epilog=examples("hookswitch user disable ada"),
)
@click.argument("name")
@settings_options
def disable(name: str, *, settings_file: Path | None, data_dir: Path | None) -> None:
    """Let an account sign in no more."""
    _change(name, settings_file, data_dir, {"disabled": True})
    click.echo(f"{name} is disabled", err=True)


@user.command(
    epilog=examples("hookswitch user enable ada"),
)
@click.argument("name")
@settings_options
def enable(name: str, *, settings_file: Path | None, data_dir: Path | None) -> None:
    """Let a disabled account sign in again."""
    _change(name, settings_file, data_dir, {"disabled": False})
    click.echo(f"{name} is enabled", err=True)


@user.command(
    "reset-totp",
    epilog=examples("hookswitch user reset-totp ada"),
)
@click.argument("name")
@settings_options
def reset_totp(name: str, *, settings_file: Path | None, data_dir: Path | None) -> None:
    """Take a lost second factor away."""
    _change(name, settings_file, data_dir, {"totp": False})
    click.echo(f"{name} signs in without a second factor", err=True)


def _change(
    name: str, settings_file: Path | None, data_dir: Path | None, body: dict[str, Any]
) -> None:
    path = f"/api/administrators/{quote(name, safe='')}"
    _ask("patch", path, settings_file, data_dir, json=body)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    given: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return given


def _ask(
    method: str, path: str, settings_file: Path | None, data_dir: Path | None, **body: Any
) -> Any:
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    return getattr(client, method)(path, **body)


def _row(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["name"],
        row["role"],
        "yes" if row["totp"] else "no",
        "disabled" if row["disabled"] else "active",
        when(row["last_login_at"]) if row["last_login_at"] else "-",
    )
