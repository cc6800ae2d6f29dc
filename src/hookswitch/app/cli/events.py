"""`hookswitch events`: samples and schema of the webhooks; `send` is in a module of its own."""

import json
from typing import Any, Final

import click
import msgspec

from hookswitch.app.cli.send import send
from hookswitch.app.cli.text import indented, pretty, print_json, table
from hookswitch.events.samples import KINDS, sample
from hookswitch.events.schema import render, schema, schema_of_all
from hookswitch.events.variables import summary, variables

_TYPE: Final = click.Choice(list(KINDS))


@click.group()
def events() -> None:
    """Samples, schema and test events of the webhooks."""


@events.command(
    epilog="""\b
Examples:
  hookswitch events samples
  hookswitch events samples queue_call
  hookswitch events samples queue_call --json | jq .sample
"""
)
@click.argument("kind", metavar="[TYPE]", type=_TYPE, required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON: an object, or a list of all.")
def samples(kind: str | None, *, as_json: bool) -> None:
    """Show sample and variables of one event TYPE, or of all twelve."""
    wanted = [kind] if kind else list(KINDS)
    if as_json:
        found = [_described(one) for one in wanted]
        print_json(found[0] if kind else found)
        return
    click.echo("\n\n".join(_page(one) for one in wanted))


@events.command(
    epilog="""\b
Examples:
  hookswitch events schema > events.schema.json
  hookswitch events schema user_inbound_completed
"""
)
@click.argument("kind", metavar="[TYPE]", type=_TYPE, required=False)
def schema_command(kind: str | None) -> None:
    """Print the JSON Schema of one event TYPE, or one for all twelve.

    It is of 2020-12, and generated from what builds the events; `x-hookswitch-version` grows when
    the contract does. A receiver should not refuse fields it does not know.
    """
    click.echo(render(schema(kind) if kind else schema_of_all()), nl=False)


schema_command.name = "schema"
events.add_command(send)


def _described(kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "title": KINDS[kind].title,
        "description": summary(kind),
        "sample": json.loads(sample(kind)),
        "variables": msgspec.to_builtins(variables(kind)),
    }


def _page(kind: str) -> str:
    head = click.style(f"{kind}: {KINDS[kind].title}", bold=True)
    rows = [(field.name, field.type, field.meaning) for field in variables(kind)]
    body = indented(pretty(json.loads(sample(kind))))
    return f"{head}\n{summary(kind)}\n\n{body}\n\n{table(('variable', 'type', 'meaning'), rows)}"
