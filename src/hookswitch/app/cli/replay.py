"""`hookswitch replay`: deliver many again."""

import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any, Final, get_args

import click

from hookswitch.app.cli.client import Client, require_client
from hookswitch.app.cli.options import (
    EXIT_FAILED,
    Instant,
    examples,
    json_option,
    settings_from,
    settings_options,
)
from hookswitch.app.cli.text import print_json, table
from hookswitch.model.events import COMPONENT_EVENT, Trigger

_TYPES: Final = (*get_args(Trigger), COMPONENT_EVENT)
_STATES: Final = ("failed", "cancelled", "delivered", "pending")
_HEAD: Final = ("id", "state", "matched", "done", "skipped", "rate", "by", "asked", "ended")
_LOOK_S: Final = 0.5


@click.group()
def replay() -> None:
    """Deliver many events again, with the same webhook-ids.

    A replay makes its deliveries due at a bounded rate, and runs by itself until it is done or
    cancelled.
    """


@replay.command(
    "start",
    epilog="""\b
Examples:
  hookswitch replay start --dry-run
  hookswitch replay start --endpoint crm --since 2026-10-01 --until 2026-10-02
  hookswitch replay start --call n1b1-1790868675.4 --state delivered --state failed
  hookswitch replay start --rate 50 --wait
""",
)
@click.option("--call", metavar="ID", help="Only those of this call (its unique_call_id).")
@click.option(
    "--endpoint",
    metavar="NAME",
    help="Only those to this endpoint (an id of `hookswitch endpoints list`).",
)
@click.option(
    "--type",
    "kind",
    metavar="TYPE",
    type=click.Choice(_TYPES),
    help="Only events of this type (see `hookswitch events samples`).",
)
@click.option(
    "--state",
    "states",
    type=click.Choice(_STATES),
    multiple=True,
    default=("failed",),
    show_default=True,
    help="Only those in this state; may be given several times.",
)
@click.option(
    "--since",
    type=Instant(),
    metavar="TIME",
    help="Only those created then or later (UTC): 2026-10-01 or 2026-10-01T09:30.",
)
@click.option("--until", type=Instant(), metavar="TIME", help="Only those created before (UTC).")
@click.option("--rate", type=click.IntRange(1, 1000), default=10, show_default=True,
              help="At most so many a second.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Tell what would be delivered again.")
@click.option("--wait", is_flag=True, help="Show its progress until it is done.")
@json_option
@settings_options
def start(
    *,
    kind: str | None,
    since: datetime | None,
    until: datetime | None,
    wait: bool,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
    **asked: Any,
) -> None:
    """Begin a replay of all that failed, or of what options name.

    A delivery must match every option. With --wait the exit code is 1 if the replay was cancelled
    before it was done.
    """
    client = _client(settings_file, data_dir)
    asked |= {
        "type": kind,
        "since": since.isoformat() if since else None,
        "until": until.isoformat() if until else None,
    }
    made = _asked(client, asked)
    if wait and not asked["dry_run"]:
        made = _watched(client, made, quiet=as_json)
    _tell(made, asked, wait=wait, as_json=as_json)
    if made.get("state") == "cancelled":
        sys.exit(EXIT_FAILED)


def _tell(made: dict[str, Any], asked: dict[str, Any], *, wait: bool, as_json: bool) -> None:
    if as_json:
        print_json(made)
    elif asked["dry_run"]:
        click.echo(f"{made['matched']} deliveries would be made again")
        for name, count in made["endpoints"].items():
            skipped = ", skipped: it is gone" if name in made["gone"] else ""
            click.echo(f"  {count} to {name}{skipped}")
    elif not wait:
        click.echo(f"replay {made['id']}: {made['matched']} deliveries, {made['rate']} a second")
        for name, count in made["gone"].items():
            click.echo(f"  {count} to {name} will be skipped: it is gone")


@replay.command("list")
@json_option
@settings_options
def list_command(*, as_json: bool, settings_file: Path | None, data_dir: Path | None) -> None:
    """List replays, the newest first."""
    rows = _client(settings_file, data_dir).get("/api/replays")
    if as_json:
        print_json(rows)
    elif rows:
        click.echo(table(_HEAD, map(_row, rows)))
    else:
        click.echo("no replays", err=True)


@replay.command(
    epilog=examples("hookswitch replay show 3"),
)
@click.argument("number", metavar="ID", type=click.IntRange(1))
@json_option
@settings_options
def show(number: int, *, as_json: bool, settings_file: Path | None, data_dir: Path | None) -> None:
    """Show a replay and how far it is."""
    found = _client(settings_file, data_dir).get(f"/api/replays/{number}")
    print_json(found) if as_json else click.echo(_progress(found))


@replay.command(
    epilog=examples("hookswitch replay cancel 3"),
)
@click.argument("number", metavar="ID", type=click.IntRange(1))
@json_option
@settings_options
def cancel(
    number: int, *, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Stop a replay where it is; what it made due already is delivered."""
    client = _client(settings_file, data_dir)
    client.delete(f"/api/replays/{number}")
    found = client.get(f"/api/replays/{number}")
    print_json(found) if as_json else click.echo(_progress(found))


def _asked(client: Client, asked: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = client.post("/api/replays", json=asked)
    return made


def _watched(client: Client, made: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    said = ""
    while True:
        made = client.get(f"/api/replays/{made['id']}")
        line = _progress(made)
        if line != said and not quiet:
            click.echo(line)
        said = line
        if made["state"] != "running":
            return made
        time.sleep(_LOOK_S)


def _progress(found: dict[str, Any]) -> str:
    skipped = f", {found['skipped']} skipped: their endpoint is gone" if found["skipped"] else ""
    return (
        f"replay {found['id']} {found['state']}: {found['done']} of {found['matched']} made due"
        f"{skipped}"
    )


def _row(found: dict[str, Any]) -> tuple[str, ...]:
    values = (*(found[name] for name in _HEAD[:6]), found["asked_by"], found["asked_at"])
    return tuple(str(value) for value in (*values, found["ended_at"] or ""))


def _client(settings_file: Path | None, data_dir: Path | None) -> Client:
    return require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
