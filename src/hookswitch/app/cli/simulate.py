"""`hookswitch simulate`: a call through a draft, without an engine."""

import json
from pathlib import Path
from typing import Any

import click

from hookswitch.app.cli.configuration import invalid, read_file_or_fail
from hookswitch.app.cli.options import EXIT_USAGE, FILE, examples, fail, json_option
from hookswitch.app.clock import now_ms
from hookswitch.app.configuration.simulation import question, simulated, stand_ins
from hookswitch.config.check import parse_source
from hookswitch.config.problems import InvalidDocument
from hookswitch.config.secrets import wanted
from hookswitch.config.yaml import load
from hookswitch.simulate.scenario import ScenarioError


@click.command(
    epilog=examples(
        "hookswitch simulate office.yaml --number 61300000000 --answer 1001@3s",
        "hookswitch simulate office.yaml --number 61300000000 --press 2 --at 2026-12-01T09:00",
        "hookswitch simulate office.yaml --number 0400000001 --caller 1001 --json",
    ),
)
@click.argument("file", type=FILE)
@click.option("--number", required=True, help="The number that is called.")
@click.option("--caller", default="", help="Who calls; a user's extension is that user's phone.")
@click.option("--name", "caller_name", default="", help="The caller's name.")
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="WHO@SECONDS",
    help="What a user, or a number outside, does: 1001@3s answers after 3 s (1001@3s+20s and hangs"
    " up 20 s later), 1001=busy, 1001=offline, 1001=declines@2s. Others let it ring.",
)
@click.option("--busy", multiple=True, metavar="WHO", help="The same as --answer WHO=busy.")
@click.option("--dnd", multiple=True, metavar="USER", help="A user not to be disturbed.")
@click.option(
    "--forward",
    "forwards",
    multiple=True,
    metavar="USER=WHEN:TARGET",
    help="What a user forwards by code: 1001=always:1002, 1001=busy:..., 1001=no_answer:...",
)
@click.option(
    "--override",
    "overrides",
    multiple=True,
    metavar="OBJECT=OUTPUT",
    help="As what phones have set a time condition: matches or doesnt_match.",
)
@click.option("--away", multiple=True, metavar="TRUNK", help="A trunk that takes no calls.")
@click.option(
    "--order",
    "orders",
    multiple=True,
    metavar="OBJECT=USER,...",
    help="The agents as a queue chooses them, or whom a ring group begins with, if it chooses by"
    " chance or by its memory; as they are listed if absent.",
)
@click.option("--press", multiple=True, metavar="KEYS", help="Keys for the next menu that waits.")
@click.option("--at", default="", metavar="TIME", help="When: 2026-12-01T09:00; now if absent.")
@click.option("--hang-up", type=float, metavar="SECONDS", help="When the caller hangs up.")
@click.option(
    "--webhook",
    "webhooks",
    multiple=True,
    metavar="OBJECT=OUTPUT",
    help="What the receiver of a Webhook object that waits answers.",
)
@json_option
def simulate(file: Path, *, as_json: bool, **given: Any) -> None:
    """Walk a call through the flow in FILE and show its webhooks.

    Nothing is applied and nobody is called. Objects take no time but for what people do; audio
    lasts no time. Exit code 2 if the call cannot be played.
    """
    text = read_file_or_fail(file, as_json=as_json)
    try:
        source = load(text)
        document = parse_source(source, stand_ins(sorted(wanted(source.values))))
    except InvalidDocument as error:
        invalid(file, error, as_json=as_json)
    try:
        found = simulated(document, question(_asked(given)), now_ms())
    except ScenarioError as error:
        fail(str(error), EXIT_USAGE)
    click.echo(json.dumps(found) if as_json else "\n".join(_lines(found)))


def _asked(given: dict[str, Any]) -> dict[str, Any]:
    """The options as the simulator takes them."""
    words = {name: given.pop(name) for name in ("busy", "dnd")}
    said = {who: word for word, many in words.items() for who in many}
    forwards: dict[str, dict[str, str]] = {}
    for user, text in map(_pair, given["forwards"]):
        when, _, target = text.partition(":")
        forwards.setdefault(user, {})[when] = target
    return {
        **given,
        "answers": {**dict(map(_answer, given["answers"])), **said},
        "webhooks": dict(map(_pair, given["webhooks"])),
        "forwards": forwards,
        "overrides": dict(map(_pair, given["overrides"])),
        "orders": {name: text.split(",") for name, text in map(_pair, given["orders"])},
    }


def _answer(text: str) -> tuple[str, str]:
    user, at, rest = text.partition("@")
    return _pair(text) if "=" in user or not at else (user, f"@{rest}")


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise ScenarioError(f"{text!r} says nothing: write it like 1001=busy or 1001@3s")
    return name, value


def _lines(found: dict[str, Any]) -> list[str]:
    declined = ["     0.0  declined: the caller is one of `blocked_callers`"]
    return [
        *(declined if found["blocked"] else ()),
        *(
            f"{passed['at']:8.1f}  {passed['name']} ({passed['kind']})"
            + (f" -> {passed['output']}" if passed["output"] else "")
            for passed in found["path"]
        ),
        f"{found['duration']:8.1f}  the call is over",
        *(
            f"  {number}. {event['type']}  {json.dumps(event['body'])}"
            for number, event in enumerate(found["events"], 1)
        ),
    ]
