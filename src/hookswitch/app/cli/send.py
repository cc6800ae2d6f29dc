"""`hookswitch events send`: a test event to a URL or to a live endpoint."""

import asyncio
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast
from urllib.parse import quote

import click
from click.core import ParameterSource

from hookswitch.app.cli.client import ApiError, require_client
from hookswitch.app.cli.options import (
    EXIT_FAILED,
    EXIT_USAGE,
    fail,
    settings_from,
    settings_options,
    web_url,
)
from hookswitch.app.cli.text import indented, pretty, print_json, printable
from hookswitch.app.clock import now_ms
from hookswitch.app.webhooks import trial
from hookswitch.app.webhooks.post import Reply, post
from hookswitch.delivery.errors import Unsendable
from hookswitch.events.samples import KINDS
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import EventType
from hookswitch.model.ids import EndpointId
from hookswitch.model.secret import Secret

_DEADLINE_S: Final = 15.0
_DIRECT_ONLY: Final = ("token", "signing_secret", "webhook_id", "show_secrets")

_EPILOG: Final = """\b
Examples:
  hookswitch events send user_inbound --to http://127.0.0.1:8000/hooks
  hookswitch events send voicemail --to https://crm.example.com/calls --token ... --signing-secret whsec_...
  hookswitch events send queue_call --to-endpoint crm
  hookswitch events send user_inbound --to http://127.0.0.1:8000/ --id evt_1    (twice: handled once?)
\b
Exit codes:
  0  the receiver answered 2xx
  1  it answered something else, or not at all
  2  wrong options
"""  # noqa: E501  an example stays on its line


@click.command(epilog=_EPILOG)
@click.argument("kind", metavar="TYPE", type=click.Choice(list(KINDS)))
@click.option("--to", metavar="URL", callback=web_url, help="A receiver, dialled from here.")
@click.option("--to-endpoint", metavar="NAME", help="A live endpoint, dialled by the server.")
@click.option(
    "--token",
    envvar="HOOKSWITCH_SECRET_TOKEN",
    show_envvar=True,
    default="",
    help="The Secret Token to send as X-Pbx-Token.",
)
@click.option(
    "--signing-secret",
    envvar="HOOKSWITCH_SIGNING_SECRET",
    show_envvar=True,
    default="",
    help="The signing secret (whsec_...).",
)
@click.option("--id", "webhook_id", metavar="ID", help="The webhook-id; a new one unless given.")
@click.option("--show-secrets", is_flag=True, help="Show token and signature of the request.")
@click.option("--json", "as_json", is_flag=True, help="Print request and answer as JSON.")
@settings_options
@click.pass_context
def send(
    context: click.Context,
    kind: str,
    *,
    to: str | None,
    to_endpoint: str | None,
    token: str,
    signing_secret: str,
    webhook_id: str | None,
    show_secrets: bool,
    as_json: bool,
    settings_file: Path | None,
    data_dir: Path | None,
) -> None:
    """Send a test event: the sample of TYPE, signed like a real one.

    With --to this machine dials the URL, which may be on this machine too. With --to-endpoint the
    running `hookswitch serve` sends it to an endpoint of the live configuration, with that
    endpoint's URL, token, secret and headers, and only where webhooks may go.

    A test event has X-Hookswitch-Test, no X-Hookswitch-Call-Sequence, and is not kept among the
    deliveries.
    """
    if (to is None) == (to_endpoint is None):
        raise click.UsageError("give either --to URL or --to-endpoint NAME")
    event = cast("EventType", kind)
    if to is not None:
        endpoint = _endpoint(to, token, signing_secret)
        result = _send(endpoint, event, webhook_id, show_secrets=show_secrets)
    else:
        _refuse_direct_options(context)
        settings = settings_from(settings_file, data_dir=data_dir)
        result = _send_to_endpoint(settings.data_dir, str(to_endpoint), event)
    if as_json:
        print_json(result)
    else:
        click.echo(_exchange(result))
    sys.exit(0 if result["error"] is None else EXIT_FAILED)


def _endpoint(url: str, token: str, signing_secret: str) -> Endpoint:
    if not signing_secret:
        click.echo(
            "no --signing-secret: signed with a throwaway one, which no receiver can verify",
            err=True,
        )
    return Endpoint(
        id=EndpointId("test"),
        name="test",
        url=url,
        token=Secret(token),
        signing_secrets=(Secret(signing_secret or trial.throwaway_secret()),),
    )


def _send(
    endpoint: Endpoint, kind: EventType, webhook_id: str | None, *, show_secrets: bool
) -> dict[str, Any]:
    try:
        request = trial.request(endpoint, kind, now_ms(), webhook_id)
    except Unsendable as error:
        fail(f"the event cannot be sent: {error}", EXIT_USAGE)
    reply = asyncio.run(post(endpoint.url, request.headers, request.body, _DEADLINE_S))
    headers = request.headers if show_secrets else trial.masked(request.headers, endpoint)
    return {
        "request": {
            "url": endpoint.url,
            "headers": dict(headers),
            "body": json.loads(request.body),
        },
        **_answer(reply),
    }


def _answer(reply: Reply) -> dict[str, Any]:
    return {
        "status": reply.status,
        "error": reply.error or trial.refusal(reply.status),
        "detail": reply.detail,
        "duration_ms": reply.duration_ms,
        "headers": {name.lower(): value for name, value in reply.headers},
        "response": trial.shown(reply.body),
    }


def _refuse_direct_options(context: click.Context) -> None:
    for name in _DIRECT_ONLY:
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            raise click.UsageError("with --to-endpoint the endpoint's own settings are used")


def _send_to_endpoint(data_dir: Path, name: str, kind: EventType) -> dict[str, Any]:
    path = f"/api/webhooks/{quote(name, safe='')}/test"
    try:
        said: dict[str, Any] = require_client(data_dir).post(path, json={"type": kind})
    except ApiError as error:
        fail(f"not sent: {error.detail}")
    return said


def _exchange(result: Mapping[str, Any]) -> str:
    request = result["request"]
    lines = [
        click.style(f"POST {request['url']}", bold=True),
        *(f"  {name}: {value}" for name, value in request["headers"].items()),
        "",
        indented(pretty(request["body"])),
        "",
        click.style(_outcome(result), bold=True),
        *(f"  {printable(name)}: {printable(v)}" for name, v in result["headers"].items()),
    ]
    if result["response"]:
        lines += ["", indented(printable(result["response"], keep="\n"))]
    return "\n".join(lines)


def _outcome(result: Mapping[str, Any]) -> str:
    took = f"after {result['duration_ms']} ms"
    answered = f"answered {result['status']}" if result["status"] else "no answer"
    detail = f": {result['detail']}" if result["detail"] else ""
    if result["status"] and 300 <= result["status"] < 400:
        detail = detail or ": redirects are not followed"
    return f"{answered} {took}{detail}"
