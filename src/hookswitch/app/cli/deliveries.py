"""`hookswitch deliveries`: what was sent where, what came of it, and sending it again."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import click

from hookswitch.app.cli.client import ApiError, Client, require_client
from hookswitch.app.cli.options import EXIT_FAILED, json_option, settings_from, settings_options
from hookswitch.app.cli.text import indented, pretty, print_json, printable, table, when
from hookswitch.app.webhooks.trial import SHOWN
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.events import COMPONENT_EVENT, Trigger

_STATES: Final = get_args(DeliveryState)
_TYPES: Final = (*get_args(Trigger), COMPONENT_EVENT)
_HEAD: Final = (
    *("id", "created", "type", "call", "endpoint", "sequence", "state", "attempts"),
    "last",
)


@click.group()
def deliveries() -> None:
    """See deliveries of webhook events, and send one again.

    A delivery is one event for one endpoint. The commands talk to the `hookswitch serve` that
    runs on the data directory.
    """


@deliveries.command(
    "list",
    epilog="""\b
Examples:
  hookswitch deliveries list
  hookswitch deliveries list --state failed --endpoint crm
  hookswitch deliveries list --call n1b1-1790868675.4
  hookswitch deliveries list --state failed --json | jq .[].id | xargs hookswitch deliveries retry
""",
)
@click.option("--call", metavar="ID", help="Only those of this call (its unique_call_id).")
@click.option("--endpoint", metavar="NAME", help="Only those to this endpoint.")
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@click.option(
    "--type", "kind", metavar="TYPE", type=click.Choice(_TYPES), help="Only events of this type."
)
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="At most so many."
)
@json_option
@settings_options
def list_command(
    *,
    call: str | None,
    endpoint: str | None,
    state: str | None,
    kind: str | None,
    limit: int,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """List deliveries, the newest first.

    pending: waits for its next attempt. sending: an attempt is under way. delivered: the receiver
    answered 2xx. failed: every attempt failed. cancelled: its endpoint was removed.
    """
    wanted = {"call": call, "endpoint": endpoint, "state": state, "type": kind, "limit": limit}
    rows = _client(settings_file, data_dir).get("/api/deliveries", **wanted)["items"]
    if as_json:
        print_json(rows)
    elif not rows:
        click.echo("no deliveries", err=True)
    else:
        click.echo(table(_HEAD, map(_row, rows)))


@deliveries.command(
    epilog="""\b
Examples:
  hookswitch deliveries show 12
  hookswitch deliveries show 12 --json | jq .body
"""
)
@click.argument("delivery", metavar="ID", type=click.IntRange(1))
@json_option
@settings_options
def show(
    delivery: int, *, as_json: bool, settings_file: Path | None, data_dir: Path | None
) -> None:
    """Show a delivery: its event and every attempt with its answer.

    The first KiB of an answer is shown; --json has the 16 KiB that are kept.
    """
    found = _client(settings_file, data_dir).get(f"/api/deliveries/{delivery}")
    if as_json:
        print_json(found)
    else:
        click.echo(_page(found))


@deliveries.command(
    epilog="""\b
Examples:
  hookswitch deliveries retry 12
  hookswitch deliveries retry 12 13 14
  hookswitch deliveries retry 12 --again    (the receiver has it, and shall have it once more)
\b
Exit codes:
  0  all are due now
  1  at least one is not; the others are
"""
)
@click.argument("wanted", metavar="ID...", type=click.IntRange(1), nargs=-1, required=True)
@click.option("--again", is_flag=True, help="Also what was delivered already.")
@json_option
@settings_options
def retry(
    wanted: tuple[int, ...],
    *,
    again: bool,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Make deliveries due now, with the same webhook-id and body.

    They use the endpoint's settings of the live configuration. A failed or cancelled one becomes
    pending and is retried like a new one if it fails again.
    """
    client = _client(settings_file, data_dir)
    said = [_retry(client, delivery, again=again) for delivery in wanted]
    if as_json:
        print_json(said)
    else:
        for one in said:
            click.echo(_retried(one), err=not one["ok"])
    sys.exit(0 if all(one["ok"] for one in said) else EXIT_FAILED)


def _client(settings_file: Path | None, data_dir: Path | None) -> Client:
    return require_client(settings_from(settings_file, data_dir=data_dir).data_dir)


def _retry(client: Client, delivery: int, *, again: bool) -> dict[str, Any]:
    try:
        found = client.post(f"/api/deliveries/{delivery}/retry", again=str(again).lower())
    except ApiError as error:
        detail = error.detail.replace("retry with again", "retry with --again")
        return {"id": delivery, "ok": False, "detail": detail}
    return {"id": delivery, "ok": True, "detail": found["waits"], "delivery": found}


def _retried(one: Mapping[str, Any]) -> str:
    if not one["ok"]:
        return f"delivery {one['id']} is not retried: {one['detail']}"
    if one["detail"]:
        return f"delivery {one['id']} is due, but waits: {one['detail']}"
    row = one["delivery"]
    return f"delivery {row['id']} is due now: {row['type']} to {row['endpoint']} ({row['event']})"


def _row(row: Mapping[str, Any]) -> Sequence[str]:
    return (
        str(row["id"]),
        when(row["created_at"]),
        row["type"],
        row["call"],
        row["endpoint"],
        str(row["sequence"] or ""),
        row["state"],
        str(row["attempts"]),
        _outcome(row["last_status"], row["last_error"]),
    )


def _outcome(status: int | None, error: str | None) -> str:
    """A status of its own says all; `status` as an error class adds nothing to it."""
    parts = (str(status or ""), "" if error == "status" else error or "")
    return " ".join(filter(None, parts))


def _page(found: Mapping[str, Any]) -> str:
    due = f", due {when(found['due_at'])}" if found["state"] == "pending" else ""
    waits = f" ({printable(found['waits'])})" if found["waits"] else ""
    lines = [
        click.style(f"Delivery {found['id']}: {found['type']} to {found['endpoint']}", bold=True),
        f"  state       {found['state']}{due}{waits}",
        f"  call        {found['call']}",
        f"  webhook-id  {found['event']}",
        f"  sequence    {found['sequence'] or '-'}",
        f"  event of    {when(found['event_at'])}, revision {found['revision']}",
        "",
        indented(pretty(found["body"])),
    ]
    for attempt in found["history"]:
        lines += ["", *_attempt(attempt)]
    if not found["history"]:
        lines += ["", "no attempt yet"]
    return "\n".join(lines)


def _attempt(attempt: Mapping[str, Any]) -> list[str]:
    outcome = _outcome(attempt["status"], attempt["error"])
    detail = f": {printable(attempt['detail'])}" if attempt["detail"] else ""
    head = (
        f"attempt {attempt['number']}  {when(attempt['started_at'])}"
        f"  {attempt['duration_ms']} ms  {outcome}{detail}"
    )
    answer = printable(attempt["response"][:SHOWN], keep="\n")
    return [click.style(head, bold=True), *([indented(answer)] if answer.strip() else [])]
