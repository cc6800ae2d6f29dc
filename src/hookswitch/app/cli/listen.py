"""`hookswitch listen`: a receiver on this machine that shows every webhook."""

import asyncio
import json
import os
import signal
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

import click
from yarl import URL

from hookswitch.app.cli.options import web_url
from hookswitch.app.cli.text import indented, printable
from hookswitch.app.webhooks.listener import Behaviour, Checks, Forward, Listener, Received
from hookswitch.app.webhooks.post import Reply, post
from hookswitch.app.webhooks.trial import shown
from hookswitch.receiver import facts

_EPILOG: Final = """\b
Examples:
  hookswitch listen
  hookswitch listen --port 9000 --signing-secret whsec_... --token ...
  hookswitch listen --json | jq .body.unique_call_id
  hookswitch listen --forward http://127.0.0.1:8000/hooks
  hookswitch listen --status 500          (see how deliveries are retried)
  hookswitch listen --status 410          (see an endpoint being disabled)
  hookswitch listen --delay 20            (be slower than the 15 s deadline)
"""
_FORWARD_S: Final = 60.0


@click.command(epilog=_EPILOG)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=9000,
    show_default=True,
    help="Port to listen on; 0 takes any free one.",
)
@click.option(
    "--token",
    envvar=["HOOKSWITCH_LISTEN_TOKEN", "HOOKSWITCH_SECRET_TOKEN"],
    show_envvar=True,
    default="",
    help="The endpoint's Secret Token: requests without it are answered 401.",
)
@click.option(
    "--signing-secret",
    envvar=["HOOKSWITCH_LISTEN_SIGNING_SECRET", "HOOKSWITCH_SIGNING_SECRET"],
    show_envvar=True,
    default="",
    help="The endpoint's signing secret (whsec_...): requests not signed by it are answered 401.",
)
@click.option(
    "--forward",
    metavar="URL",
    callback=web_url,
    help="Post each request on to this URL, unchanged, and answer as it answers.",
)
@click.option(
    "--status",
    type=click.IntRange(200, 599),
    help="Status to answer with, to play a receiver that fails.  [default: 200]",
)
@click.option(
    "--delay",
    type=click.FloatRange(0, 3600),
    default=0.0,
    show_default=True,
    help="Seconds to wait before answering, to play a slow receiver.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="One line of JSON per request on standard output; all else goes to standard error.",
)
def listen(
    *,
    host: str,
    port: int,
    token: str,
    signing_secret: str,
    forward: str | None,
    status: int | None,
    delay: float,
    as_json: bool,
) -> None:
    """Receive webhooks on this machine and show each one.

    Any path is accepted. In the console, set an endpoint's URL to the one printed at the start,
    and let an administrator allow this address and port as a webhook target.

    With --forward a receiver under development gets what comes in here: body and headers as they
    are, always at that one URL. If it cannot be reached, the answer is 502, and the delivery is
    tried again later. A request that fails --token or --signing-secret is not passed on.

    With --json each line has `headers` and `body`, with --forward also `reply` (`status`,
    `headers`, `body`, `error`, `detail`, `duration_ms`).
    """
    if forward and status is not None:
        raise click.UsageError("--status plays a receiver; with --forward the real one answers")
    checks = Checks(token, signing_secret)
    _refuse_bad_secret(checks)
    show = _show_json if as_json else _show
    listener = Listener(
        show,
        host=host,
        port=port,
        checks=checks,
        behaviour=Behaviour(status or 200, delay),
        forward=_forward_to(forward) if forward else None,
    )
    asyncio.run(_serve(listener, forward))


def _refuse_bad_secret(checks: Checks) -> None:
    try:
        checks.run({"webhook-id": "", "webhook-timestamp": "", "webhook-signature": ""}, b"")
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--signing-secret") from None


def _forward_to(url: str) -> Forward:
    async def forward(headers: Sequence[tuple[str, str]], body: bytes) -> Reply:
        return await post(url, headers, body, _FORWARD_S)

    return forward


def _why(error: OSError) -> str:
    return os.strerror(error.errno) if error.errno else str(error)


async def _serve(listener: Listener, forward: str | None) -> None:
    try:
        await listener.start()
    except OSError as error:
        await listener.close()
        mend = "end what uses the port, or choose another with --port (0: any free one)"
        raise click.ClickException(f"cannot listen ({_why(error)}): {mend}") from None
    if forward and URL(forward).origin() == URL(listener.url).origin():
        await listener.close()
        raise click.ClickException("--forward is this command's own address: name the receiver's")
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    onward = f", forwarding to {forward}" if forward else ""
    click.echo(f"Listening on {listener.url} (Ctrl-C ends){onward}", err=True)
    try:
        await ended.wait()
    finally:
        await listener.close()


def _show_json(received: Received) -> None:
    """Give a body that is not JSON as a text, so that every request has its line."""
    text = received.body.decode("utf-8", "replace")
    body = received.document if received.is_json else text
    # ASCII escapes keep the line whole whatever line separators or surrogates came in.
    line = {"headers": dict(received.headers), "body": body}
    if received.reply is not None:
        line["reply"] = _reply(received.reply)
    click.echo(json.dumps(line))
    click.echo(_headline(received), err=True)


def _show(received: Received) -> None:
    click.echo(_headline(received))
    if received.is_json:
        text = json.dumps(received.document, indent=2, ensure_ascii=False)
    else:
        text = "not JSON: " + received.body[:2000].decode("utf-8", "replace")
    click.echo(printable(text, keep="\n"))
    if received.reply is not None and received.reply.body:
        click.echo("answer:\n" + indented(printable(shown(received.reply.body), keep="\n")))
    click.echo()


def _reply(reply: Reply) -> dict[str, Any]:
    return {
        "status": reply.status,
        "headers": {name.lower(): value for name, value in reply.headers},
        "body": reply.body.decode("utf-8", "replace"),
        "error": reply.error,
        "detail": reply.detail,
        "duration_ms": reply.duration_ms,
    }


def _headline(received: Received) -> str:
    at = datetime.fromtimestamp(received.at, UTC).astimezone()
    parts = [
        f"{at:%H:%M:%S}.{at.microsecond // 1000:03}",
        *_call_parts(received.document),
        *_delivery_parts(received),
        *_check_parts(received),
        *_forward_parts(received),
        f"answered {received.status}",
    ]
    return printable("  ".join(parts))


def _call_parts(document: Any) -> list[str]:
    if not isinstance(document, dict):
        return ["(no event)"]
    # In a Webhook object's event user_* is the caller.
    is_component = document.get("type") == "webhook_component_event"
    caller = document.get("user_number" if is_component else "caller_id") or "withheld"
    parts = [
        str(document.get("type", "(no type)")),
        f"{caller} -> {document.get('dest_number', '?')}",
    ]
    if not is_component and document.get("user_name"):
        parts.append(f"user {document['user_name']} ({document.get('user_number', '')})")
    return parts


def _delivery_parts(received: Received) -> list[str]:
    found = facts(received.headers)
    parts = []
    if found.sequence is not None:
        parts.append(f"sequence {found.sequence}" + (" (final)" if found.final else ""))
    if found.attempt is not None:
        parts.append(f"attempt {found.attempt}")
    if found.test:
        parts.append("test")
    return parts


def _check_parts(received: Received) -> list[str]:
    if not received.checks:
        return ["not verified"]
    return [
        f"{name} WRONG: {problem}" if problem else f"{name} ok"
        for name, problem in received.checks.items()
    ]


def _forward_parts(received: Received) -> list[str]:
    reply = received.reply
    if reply is None:
        return []
    if reply.status is None:
        return [f"not forwarded: {reply.detail}"]
    return [f"forwarded in {reply.duration_ms} ms"]
