"""Real calls that wait in a Webhook object for their receiver's answer."""

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.receiver import Reply
from support.serving import CARRIER_HOST, Serving, serving

from hookswitch.asterisk.engine import Engine
from hookswitch.delivery.retry import RetrySettings
from hookswitch.delivery.sender import SendSettings
from hookswitch.delivery.worker import DeliveryWorker
from hookswitch.phone import NOTHING, CallFailed, Phone
from kit.command import run, serve

NUMBER = "61300000008"
SIGNING = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
WAYS = {"success": "busy", "failed": "rejected", "timeout": "congestion", "gold": "no_answer"}
STATUS = {"success": 486, "failed": 403, "timeout": 503, "gold": 480}


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("waiting")) as at:
        _retry_soon(at.server.worker)
        await at.apply(document(at))
        yield at


def _retry_soon(worker: DeliveryWorker) -> None:
    """The first wait of the ladder is long for a test."""
    worker._sender._settings = SendSettings(retry=RetrySettings(ladder=(500, 500)))


def document(at: Serving, **settings: Any) -> str:
    """Each way ends the call by a status of its own."""
    ask = {
        "id": "ask", "kind": "webhook", "name": "Ask", "url": at.receiver.url("/ask"),
        "secret_token": "t", "signing_secret": SIGNING, "wait": True, "time_limit": 5,
        "branch": {"field": "level", "cases": [{"output": "gold", "values": ["gold", "${x}"]}]},
        "outputs": {way: way for way in WAYS}, **settings,
    }  # fmt: skip
    ends = [
        {"id": way, "kind": "hang_up", "name": way, "cause": cause} for way, cause in WAYS.items()
    ]
    number = {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
              "outputs": {"next": "ask"}}  # fmt: skip
    return at.document(flows=[{"name": "Flow", "objects": [number, ask, *ends]}])


async def way_of_a_call(at: Serving) -> str:
    call = await at.carrier.call(NUMBER)
    with pytest.raises(CallFailed):
        await call.answered()
    return {status: way for way, status in STATUS.items()}[call.final_status or 0]


def asked(at: Serving) -> list[dict[str, Any]]:
    return [request.event for request in at.receiver.at("/ask")]


@pytest.fixture(autouse=True)
async def fresh(office: Serving) -> AsyncIterator[None]:
    """A test begins when the retries of the one before are over."""
    yield
    office.receiver.replies.clear()
    async with asyncio.timeout(60):
        while counts := await office.server.store.delivery_counts():
            if not counts.get("pending") and not counts.get("sending"):
                break
            await asyncio.sleep(0.05)
    office.receiver.answers.clear()
    office.receiver.requests.clear()


HUGE = json.dumps({"filler": "x" * 20_000, "level": "gold"})


@pytest.mark.parametrize(
    ("body", "way"),
    [
        ("", "success"),
        ("no JSON", "success"),
        ("[" * 5000, "success"),
        (HUGE, "success"),
        ('{"level": "silver"}', "success"),
        ('{"level": ["gold"]}', "success"),
        ('{"level": {"gold": 1}}', "success"),
        ('"gold"', "success"),
        ('{"level": "gold"}', "gold"),
        ('{"level": "${x}"}', "gold"),
        ('{"level": "${HANGUP()}\\" = \\"\\r\\nAction: Logoff"}', "success"),
    ],
)
async def test_the_answer_chooses_the_way(office: Serving, body: str, way: str) -> None:
    office.receiver.replies["/ask"] = Reply(body=body)
    assert await way_of_a_call(office) == way
    assert [event["component_name"] for event in asked(office)] == ["Ask"]
    assert office.server.supervisor.ami.connected


async def test_a_refusal_goes_on_at_once_and_is_retried(office: Serving) -> None:
    office.receiver.answers["/ask"] = itertools.chain([500], itertools.repeat(200))
    assert await way_of_a_call(office) == "failed"
    assert await office.receiver.until(lambda: len(asked(office)) == 2)
    first, second = office.receiver.at("/ask")
    assert (first.id, first.attempt, second.attempt) == (second.id, 1, 2)
    assert first.sequence == second.sequence == 1


async def test_a_slow_receiver_is_not_waited_for_longer_than_the_limit(office: Serving) -> None:
    office.receiver.replies["/ask"] = Reply(body='{"level": "gold"}', after=6)
    assert await way_of_a_call(office) == "timeout"
    assert await office.receiver.until(lambda: len(asked(office)) == 1)


async def test_each_call_gets_its_own_answer(office: Serving) -> None:
    """A late answer to one is none to the others."""
    office.receiver.answers["/ask"] = iter([200, 500, 200, 500])
    ways = await asyncio.gather(*(way_of_a_call(office) for _ in range(4)))
    by_call = {e["unique_call_id"]: r.answered for e, r in zip(
        asked(office)[:4], office.receiver.at("/ask")[:4], strict=True)}  # fmt: skip
    assert sorted(ways) == sorted("success" if s == 200 else "failed" for s in by_call.values())


async def test_a_caller_who_hangs_up_while_waiting_is_gone_at_once(office: Serving) -> None:
    office.receiver.replies["/ask"] = Reply(after=4)
    call = await office.carrier.call(NUMBER)
    assert await office.receiver.until(lambda: len(asked(office)) == 1)
    await call.cancel()
    async with asyncio.timeout(60):
        while any(open_.arrived for open_ in office.server.line.open_calls):
            await asyncio.sleep(0.02)
        while office.server.waiting._asking:
            await asyncio.sleep(0.02)
    counts = await office.server.store.delivery_counts()
    assert counts.get("sending"), "it is not the answer that ended it"


async def test_outputs_that_are_not_connected_lead_to_next(office: Serving) -> None:
    """A case leads to `success` first."""
    try:
        text = document(office, outputs={"success": "success", "next": "failed"})
        await office.apply(text)
        office.receiver.replies["/ask"] = Reply(body='{"level": "gold"}')
        assert await way_of_a_call(office) == "success"
        office.receiver.replies["/ask"] = Reply(status=404)
        assert await way_of_a_call(office) == "failed"
    finally:
        await office.apply(document(office))


async def test_when_our_process_is_killed_the_call_goes_on_and_the_event_comes_later(
    data: Path, office: Serving, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The engine keeps to the limit by itself; the next process reads what it recorded."""
    file = tmp_path_factory.mktemp("document") / "office.yaml"
    async with (
        serve(data) as first,
        Phone("carrier", CARRIER_HOST, server=first.sip, sound=NOTHING) as carrier,
    ):
        text = json.loads(document(office, time_limit=1))
        text["trunks"] = [{"name": "carrier", "host": CARRIER_HOST, "port": carrier.address[1]}]
        file.write_text(json.dumps(text))
        applied = await run("apply", file, "--data-dir", data)
        assert applied.code == 0, applied.err
        first.process.kill()
        await first.process.wait()
        call = await carrier.call(NUMBER)
        with pytest.raises(CallFailed):
            await call.answered()
        assert call.final_status == STATUS["timeout"]
        assert not asked(office)
        async with serve(data) as second:
            assert await office.receiver.until(lambda: len(asked(office)) == 1)
            assert second.process.returncode is None
