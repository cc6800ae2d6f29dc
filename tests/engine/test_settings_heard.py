"""Settings that one hears: announcements, a place in a queue, what a room's record holds."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientSession
from support import objects
from support.audio import fetch, received, until_heard, wav
from support.objects import Flow
from support.serving import Serving, device, serving

from hookswitch.phone import Call, Phone, tone
from hookswitch.phone.behaviour import answer_after, ring_only

BEEP = 1400
PLACES, ROOM, PLAIN = "61300006001", "61300006002", "61300006003"
RECORDING, TAKING = "1001", "1002"


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("heard")) as at:
        at.server.prompts.add("beep", wav(tone(BEEP)[:25]))
        queue = {"kind": "queue", "members": [{"user": TAKING}], "ring_time": 1, "retry": 1}
        told = {"announce_position": True, "announce_hold_time": True}
        room = {"kind": "conference", "room": "room", "announce_joins": False, "record": True}
        flows = [
            Flow(PLACES, {"id": "places", **queue, **told}, []),
            Flow(PLAIN, {"id": "plain", **queue}, []),
            Flow(ROOM, {"id": "room", **room}, []),
        ]
        recording = {
            "name": "Recording", "extension": RECORDING, "devices": [device(RECORDING)],
            "record_outbound": {"announcement": "beep"},
        }  # fmt: skip
        taking = {"name": "Taking", "extension": TAKING, "devices": [device(TAKING)]}
        webhook = {
            "name": "crm", "url": at.receiver.url("/crm"), "triggers": ["recording_inbound"],
            "secret_token": "t", "signing_secret": objects.SIGNING,
        }  # fmt: skip
        document: dict[str, Any] = {
            "users": [recording, taking],
            "flows": [objects.flow(at, flow) for flow in flows],
            "webhooks": [webhook],
            "routes": [{"name": "all", "patterns": ["04X."], "trunks": ["carrier"]}],
        }
        await at.apply(at.document(**document))
        at.carrier.record = True
        yield at


@pytest.fixture
async def taking(at: Serving) -> AsyncIterator[Phone]:
    async with at.phone(TAKING) as phone:
        phone.record = True
        phone.on_call = ring_only()
        await phone.register()
        yield phone


@pytest.mark.parametrize("dials", ["0400000001", TAKING])
async def test_who_is_called_is_told_that_the_caller_records(
    at: Serving, taking: Phone, dials: str
) -> None:
    taken: list[Call] = []

    async def take(call: Call) -> None:
        taken.append(call)
        await answer_after()(call)

    at.carrier.on_call = taking.on_call = take
    async with at.phone(RECORDING) as phone:
        phone.record = True
        await phone.register()
        call = await phone.call(dials)
        await call.answered()
        await until_heard(taken[0], BEEP, 0.3)
        await call.hang_up()
        assert received(call).heard(BEEP) == 0, "it is not for the caller"


@pytest.mark.usefixtures("taking")
async def test_callers_of_a_queue_are_told_their_place_and_how_long(
    at: Serving, tmp_path: Path
) -> None:
    """The engine's own account of what it plays to whom."""
    log = tmp_path / "played"
    await at.engine_says(f"logger add channel {log} verbose(3)")
    first = await at.carrier.call(PLACES, caller="61400000021")
    await until_logged(log, "queue-youarenext")
    second = await at.carrier.call(PLACES, caller="61400000022")
    await until_logged(log, "queue-thereare", "queue-callswaiting")
    plain = await at.carrier.call(PLAIN, caller="61400000023")
    await plain.answered()
    await asyncio.sleep(1)
    for call in (first, second, plain):
        await call.hang_up()
    await at.engine_says(f"logger remove channel {log}")
    told = [line.split("<")[1] for line in log.read_text().splitlines() if "'queue-" in line]
    assert len({line.partition(">")[0] for line in told}) == 2, "the third queue tells nothing"


async def until_logged(log: Path, *texts: str) -> None:
    async with asyncio.timeout(60):
        while True:
            said = await asyncio.to_thread(log.read_text)
            if all(text in said for text in texts):
                return
            await asyncio.sleep(0.1)


async def test_a_room_is_recorded(at: Serving) -> None:
    first = await at.carrier.call(ROOM, caller="61400000031", sound=tone(500))
    second = await at.carrier.call(ROOM, caller="61400000032", sound=tone(800))
    for call in (first, second):
        await call.answered()
    await until_heard(first, 800, 2)
    await until_heard(second, 500, 2)
    for call in (first, second):
        await call.hang_up()
    await at.receiver.until(lambda: len(at.receiver.at("/crm")) >= 2)
    async with ClientSession() as client:
        links = [r.event["call_recording_link"] for r in at.receiver.at("/crm")]
        for audio in [await fetch(client, link) for link in links]:
            assert audio.heard(500) >= 1.5
            assert audio.heard(800) >= 1.5
