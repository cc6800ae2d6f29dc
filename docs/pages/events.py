"""The twelve webhook events, from what builds them."""

import json

from hookswitch.events.samples import KINDS, sample
from hookswitch.events.variables import summary, variables

HEAD = """# Events

Each event is a `POST` with one JSON object. Every field listed is always there; what is absent is
`null`. A `timestamp` is ISO 8601 in UTC with milliseconds, an `integer` counts whole seconds, numbers
of callers are strings. `hookswitch events samples` prints the same, `hookswitch events schema` as
JSON Schema; [Receiving webhooks](../receiving.md) tells how to take them.

## The headers

| header | what it says |
|---|---|
| `webhook-id` | the event's id: the same at every endpoint, on every retry and when it is sent again |
| `webhook-timestamp` | when this attempt was signed, in seconds |
| `webhook-signature` | `v1,` and the HMAC-SHA256 of `id.timestamp.body`; two of them during a rotation |
| `X-Pbx-Token` | the endpoint's Secret Token as it is |
| `X-Hookswitch-Call-Sequence` | 1, 2, 3 ...: this call's events for this endpoint, without gaps |
| `X-Hookswitch-Final` | `true` on the call's last event; may be relied on when present, may be absent |
| `X-Hookswitch-Attempt` | 1 on the first attempt, 2 on the next |
| `X-Hookswitch-Linked-Call` | the call this one was joined to by an attended transfer |
| `X-Hookswitch-Client-Ref` | what was given with click-to-call |
| `X-Hookswitch-Test` | `true` on test events, which belong to no call |

## The twelve

| event | trigger in the console | sent |
|---|---|---|
"""


def page() -> str:
    """A list of all, then each one."""
    rows = (
        f"| [`{name}`](#{name}) | {kind.title} | {summary(name)} |\n"
        for name, kind in KINDS.items()
    )
    return HEAD + "".join(rows) + "".join(map(_section, KINDS))


def _section(name: str) -> str:
    body = json.dumps(json.loads(sample(name)), indent=2)
    rows = (f"| `{one.name}` | {one.type} | {one.meaning} |\n" for one in variables(name))
    table = "| field | type | meaning |\n|---|---|---|\n" + "".join(rows)
    return f"\n## {name}\n\n{summary(name)}\n\n```json\n{body}\n```\n\n{table}"
