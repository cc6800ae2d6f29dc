"""Our process and the engine, killed under a queue's calls and under a call to the outside.

Doubles: none. The oracle is the journal, folded without a kill (crash_rig.py).
"""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from crash_rig import PATIENCE_S, Rig, engine_pid, hung_up, kill_now, rig
from ruamel.yaml import YAML

from hookswitch.asterisk.install import install
from hookswitch.asterisk.packages import ENGINE, default_prefix
from hookswitch.phone import Call, CallFailed, PhoneError
from hookswitch.phone.behaviour import answer_after, ring_only

OUTSIDE = "0400000002"
TRIGGERS = [
    *("user_inbound", "user_inbound_answered", "user_inbound_completed", "queue_call"),
    *("user_outbound", "user_outbound_answered", "user_outbound_completed", "voicemail"),
]
IN_QUEUE = [*TRIGGERS[:4]]
OUT = TRIGGERS[4:7]


def changed(document: dict[str, Any]) -> dict[str, Any]:
    """The example with a queue for Alice's object, a mailbox behind its webhook, and a route."""
    objects = document["flows"][0]["objects"]
    for node in objects:
        if node["kind"] == "user":
            follows = node["outputs"]["no_answer"]
            node |= {"kind": "queue", "members": [{"user": node.pop("user")}], "ring_time": 2,
                     "retry": 1, "max_wait": 3, "outputs": {"timeout": follows}}  # fmt: skip
        if node["kind"] == "webhook":
            node["outputs"] = {"next": "box"}
    objects.append({"id": "box", "kind": "voicemail", "name": "Box", "box": "1001"})
    document["mailboxes"] = [{"box": "1001", "name": "Alice", "pin": "4321"}]
    document["routes"] = [
        {"name": "national", "patterns": ["04XXXXXXXX"], "trunks": [document["trunks"][0]["name"]]}
    ]
    document["webhooks"][0]["triggers"] = TRIGGERS
    return document


@pytest.fixture(scope="module", autouse=True)
async def engine() -> None:
    await install(ENGINE, default_prefix())


@pytest.fixture
async def up(tmp_path: Path) -> AsyncIterator[Rig]:
    async with rig(tmp_path / "r", start=False) as made:
        document = YAML(typ="safe", pure=True).load(made.document)
        made.document.write_text(json.dumps(changed(document)), "utf-8")
        await made.start()
        await made.register()
        yield made
        made.alice.deaf = True
        await made.end()


async def killed(up: Rig) -> None:
    up.child.kill()
    await up.child.wait()


async def told(up: Rig, *types: str) -> list[str]:
    """Wait for the end of all; give the types of what was sent, which is what the journal says."""
    await up.until(up.settled, PATIENCE_S)
    sent = up.sent()
    assert {(each.id, each.body) for each in sent} == up.expected({sent[0].call})
    assert [each.sequence for each in sent if each.type in TRIGGERS] == list(
        range(1, 1 + sum(each.type in TRIGGERS for each in sent))
    )
    return sorted(each.type for each in sent if each.type in types or not types)


async def test_killed_while_an_agent_talks(up: Rig) -> None:
    up.alice.on_call = answer_after(0.3)
    call = await up.dial()
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    await killed(up)
    await call.hang_up()
    await up.start()
    assert await told(up) == sorted(IN_QUEUE)


async def test_killed_while_a_queue_rings_and_nobody_answers(up: Rig) -> None:
    """Its time runs out, the Webhook object is passed, a message is left, all without us."""
    up.alice.on_call = ring_only()
    call = await up.dial()
    await up.until(lambda: len(up.received) == 1, PATIENCE_S)
    await killed(up)
    await up.until(lambda: b'"hs.webhook"' in up.layout.journal.read_bytes(), 10)
    await call.hang_up()
    await up.start()
    found = await told(up)
    assert "queue_call" in found
    assert "webhook_component_event" in found
    assert found.count("user_inbound") == found.count("user_inbound_completed") >= 1
    summary = next(r.document for r in up.received if r.document["type"] == "queue_call")
    assert summary["status"] == "timeout"


async def test_killed_while_a_user_talks_to_the_outside(up: Rig) -> None:
    up.carrier.on_call = answer_after(0.2)
    call = await up.alice.call(OUTSIDE)
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    await killed(up)
    await call.hang_up()
    await up.start()
    assert await told(up) == sorted(OUT)


async def test_the_engine_is_killed_while_one_talks_and_one_waits(up: Rig) -> None:
    up.alice.on_call = answer_after(0.2)
    talking = await up.dial()
    await talking.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    waiting = await up.dial()
    await waiting.answered()
    await up.until(up.registration_is_kept, PATIENCE_S)
    kill_now(engine_pid(up))
    await up.until(lambda: sum(r.document["type"] == "queue_call" for r in up.received) == 2, 10)
    await asyncio.gather(hung_up(talking), hung_up(waiting))
    assert statuses(up) == ["abandoned", "answered"]
    await up.until(lambda: answered_again(up), 10)
    await up.until(up.settled, PATIENCE_S)
    calls = {each.call for each in up.sent()}
    assert {(each.id, each.body) for each in up.sent()} == up.expected(calls)


def statuses(up: Rig) -> list[str]:
    summaries = [r.document for r in up.received if r.document["type"] == "queue_call"]
    return sorted(summary["status"] for summary in summaries)


async def answered_again(up: Rig) -> bool:
    """A queue answers every caller: only an agent's answer counts."""
    before = sum(r.document["type"] == "user_inbound_answered" for r in up.received)
    call = await up.dial()
    try:
        await call.answered(timeout=2)
        await up.until(
            lambda: (
                sum(r.document["type"] == "user_inbound_answered" for r in up.received) > before
            ),
            2,
        )
    except (CallFailed, PhoneError, TimeoutError):
        return False
    finally:
        await hung_up(call)
    return True


async def test_the_engine_is_killed_under_a_call_to_the_outside(up: Rig) -> None:
    up.carrier.on_call = answer_after(0.2)
    call: Call = await up.alice.call(OUTSIDE)
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    kill_now(engine_pid(up))
    await up.until(lambda: len(up.received) == 3, 10)
    await hung_up(call)
    assert await told(up) == sorted(OUT)
