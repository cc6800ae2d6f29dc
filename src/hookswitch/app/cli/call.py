"""`hookswitch call`: click-to-call."""

from pathlib import Path

import click

from hookswitch.app.cli.client import require_client
from hookswitch.app.cli.options import json_option, settings_from, settings_options
from hookswitch.app.cli.text import print_json


@click.command(
    epilog="""\b
Examples:
  hookswitch call 1001 0400000002
  hookswitch call 1001 0400000002 --client-ref "ticket 4711" --json
"""
)
@click.argument("user")
@click.argument("number")
@click.option("--client-ref", help="Comes back in a header of each event of the call.")
@click.option("--caller-id", help="The number shown to whom is called.")
@click.option("--idempotency-key", help="The same key again gives the same call.")
@json_option
@settings_options
def call(
    user: str,
    number: str,
    client_ref: str | None,
    caller_id: str | None,
    idempotency_key: str | None,
    *,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Ring USER's phones, and dial NUMBER on the answer.

    USER is an extension. Prints the call's id, which its webhooks carry as unique_call_id.
    """
    client = require_client(settings_from(settings_file, data_dir=data_dir).data_dir)
    wish = {
        "user": user,
        "number": number,
        "client_ref": client_ref,
        "caller_id": caller_id,
        "idempotency_key": idempotency_key,
    }
    answer = client.post("/api/calls", json=wish)
    if as_json:
        print_json(answer)
    else:
        click.echo(answer["call"])
