"""The demo's output: the call's steps and its webhooks, one line each."""

import json
import time
from collections.abc import Callable, Sequence

import click

from hookswitch.app.webhooks.listener import Received
from hookswitch.model.facts import (
    CallArrived,
    CallEnded,
    Fact,
    LegAnswered,
    LegEnded,
    LegRang,
    LegTried,
    WebhookReached,
)


class Screen:
    """Writes for people to `err` or standard output; with `as_json` webhooks are JSON lines."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    def say(self, text: str = "") -> None:
        click.echo(text, err=self._as_json)

    def title(self, text: str) -> None:
        self.say()
        self.say(click.style(text, bold=True))

    def step(self, text: str, *, at_ms: int | None = None) -> None:
        self.say(f"  {_clock(at_ms)}  {text}")

    def facts(self, facts: Sequence[Fact]) -> None:
        for fact in facts:
            if text := _describe(fact):
                self.step(text, at_ms=fact.at)

    def webhook(self, received: Received, verdict: str) -> None:
        """Show a request; `verdict` is empty if token and signature are right."""
        if self._as_json:
            line = {"headers": dict(received.headers), "body": received.document}
            click.echo(json.dumps(line))
        kind = received.document.get("type", "?") if received.is_json else "not JSON"
        sequence = received.headers.get("x-hookswitch-call-sequence", "-")
        verified = click.style(verdict, fg="red") if verdict else "token and signature right"
        head = click.style(f"webhook {sequence}  {kind}", fg="cyan")
        self.step(f"{head}  ({verified})", at_ms=round(received.at * 1000))
        body = json.dumps(received.document, ensure_ascii=False)
        self.say(" " * 16 + click.style(body, dim=True))


def _clock(at_ms: int | None) -> str:
    at = time.time() if at_ms is None else at_ms / 1000
    return f"{time.strftime('%H:%M:%S', time.localtime(at))}.{int(at * 1000) % 1000:03d}"


def _describe(fact: Fact) -> str:
    texts: dict[type[Fact], Callable[..., str]] = {
        CallArrived: lambda f: f"{f.call.caller.number or 'somebody'} reached {f.call.dest_number}",
        LegTried: lambda f: f"dialling {f.leg.user.name}",
        LegRang: lambda f: f"{f.leg.user.name} rings",
        LegAnswered: lambda f: f"{f.leg.user.name} answered",
        LegEnded: _ended,
        WebhookReached: lambda f: f"passed the Webhook object '{f.component}'",
        CallEnded: lambda f: "the call is over" if f.call.revision else "",
    }
    text = texts.get(type(fact))
    return text(fact) if text else ""


def _ended(fact: LegEnded) -> str:
    name = fact.leg.user.name
    return f"the call with {name} ended" if fact.leg.answered_at else f"{name} did not answer"
