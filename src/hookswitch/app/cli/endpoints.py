"""`hookswitch endpoints`: which endpoints are sent to, and pausing and resuming one."""

from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import click

from hookswitch.app.cli.client import require_client
from hookswitch.app.cli.options import json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json, printable, table, when

_HEAD: Final = ("endpoint", "state", "pending", "oldest", "failing since", "held until", "reason")

reason_option = click.option("--reason", default="", help="Kept and shown beside the state.")
endpoint_argument = click.argument("endpoint", metavar="NAME")


@click.group()
def endpoints() -> None:
    """See webhook endpoints at work; pause and resume one.

    State survives Apply and restarts; the events of an endpoint that is not active wait for it.
    The commands talk to the `hookswitch serve` that runs on the data directory.
    """


@endpoints.command(
    "list",
    epilog="""\b
Examples:
  hookswitch endpoints list
  hookswitch endpoints list --json | jq '.[] | select(.state != "active")'
""",
)
@json_option
@settings_options
def list_command(*, as_json: bool, settings_file: Path | None, data_dir: Path | None) -> None:
    """List endpoints: their state, what waits, since when they fail.

    active: it is sent to. paused: by hand, or because nothing was delivered for days. disabled:
    the receiver answered 410 Gone. A held one fails and is left alone for a while.
    """
    found = require_client(settings_from(settings_file, data_dir=data_dir).data_dir).get(
        "/api/endpoints"
    )["items"]
    if as_json:
        print_json(found)
    elif not found:
        click.echo("no endpoints", err=True)
    else:
        click.echo(table(_HEAD, map(_row, found)))


@endpoints.command(
    epilog="""\b
Examples:
  hookswitch endpoints pause crm --reason "the CRM is moved tonight"
"""
)
@endpoint_argument
@reason_option
@json_option
@settings_options
def pause(
    endpoint: str,
    *,
    reason: str,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Send nothing to an endpoint until it is resumed."""
    _set(endpoint, "pause", {"reason": reason}, settings_file, data_dir, as_json=as_json)


@endpoints.command(
    epilog="""\b
Examples:
  hookswitch endpoints disable crm --reason "replaced by helpdesk"
"""
)
@endpoint_argument
@reason_option
@json_option
@settings_options
def disable(
    endpoint: str,
    *,
    reason: str,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """The same as pause, for a receiver that is gone."""
    _set(endpoint, "disable", {"reason": reason}, settings_file, data_dir, as_json=as_json)


@endpoints.command(
    epilog="""\b
Examples:
  hookswitch endpoints resume crm
"""
)
@endpoint_argument
@json_option
@settings_options
def resume(
    endpoint: str, *, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Send to an endpoint again, at once what is due."""
    _set(endpoint, "resume", None, settings_file, data_dir, as_json=as_json)


def _set(
    endpoint: str,
    what: str,
    body: Any,
    settings_file: Path | None,
    data_dir: Path | None,
    *,
    as_json: bool,
) -> None:
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    found = client.post(f"/api/endpoints/{quote(endpoint, safe='')}/{what}", json=body)
    if as_json:
        print_json(found)
    else:
        click.echo(f"{printable(endpoint)} is {found['state']}; {found['backlog']} events wait")


def _row(found: dict[str, Any]) -> list[str]:
    instants = (found["oldest_at"], found["failing_since"], found["held_until"])
    return [
        printable(found["id"]),
        found["state"],
        str(found["backlog"]),
        *(when(instant) if instant else "-" for instant in instants),
        printable(found["reason"]) or "-",
    ]
