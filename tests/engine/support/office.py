"""A small office: one number that rings Alice, who answers at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from support.serving import Serving, device, serving

from hookswitch.phone import Call
from hookswitch.phone.behaviour import answer_after

NUMBER = "61300000009"
EVENTS = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]


@asynccontextmanager
async def office(data: Path, **settings: Any) -> AsyncIterator[Serving]:
    """One number that rings Alice, who answers at once."""
    async with serving(data, **settings) as at, at.phone("alice") as alice:
        secrets = {"secret_token": "t", "signing_secret": "whsec_" + "A" * 43 + "="}
        await at.apply(
            at.document(
                users=[{"name": "Alice", "extension": "1001", "devices": [device("alice")]}],
                flows=[
                    {
                        "name": "Flow",
                        "objects": [
                            {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
                             "outputs": {"next": "alice"}},
                            {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
                        ],
                    }
                ],
                webhooks=[
                    {"name": "crm", "url": at.receiver.url("/crm"), "triggers": EVENTS, **secrets}
                ],
            )
        )  # fmt: skip
        alice.on_call = answer_after()
        await alice.register()
        yield at


async def talking(at: Serving) -> Call:
    call = await at.carrier.call(NUMBER)
    await call.answered()
    return call
