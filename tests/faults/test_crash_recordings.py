"""Our process and the engine, killed while a call is recorded."""

import asyncio
import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from crash_rig import PATIENCE_S, Rig, engine_pid, hung_up, kill_now, rig

from hookswitch.phone import Call, tone
from hookswitch.phone.behaviour import answer_after

TALK_S = 5.0
RECORDED = [
    *("user_inbound", "user_inbound_answered", "user_inbound_completed"),
    "recording_inbound",
]
BUFFERED_S = 2.5
"""What an engine that is killed has recorded and not yet written."""


@pytest.fixture
async def recorded(tmp_path: Path) -> AsyncIterator[Rig]:
    """The example, its number with a recording."""
    async with rig(tmp_path / "r", start=False) as made:
        text = made.document.read_text("utf-8")
        text = text.replace("        numbers:", "        record: true\n        numbers:")
        text = text.replace("[user_inbound,", "[recording_inbound, user_inbound,")
        made.document.write_text(text, "utf-8")
        await made.start()
        await made.register()
        made.alice.on_call = answer_after(0.1)
        made.carrier.sound = tone(500)
        yield made
        made.alice.deaf = True
        await made.end()


async def _talk(up: Rig) -> Call:
    call = await up.dial()
    await call.answered()
    await up.until(lambda: len(up.received) == 2, PATIENCE_S)
    return call


async def _audio(up: Rig) -> bytes:
    """What the link of the one recording leads to."""
    sent = up.sent()
    assert [each.type for each in sent] == RECORDED
    assert {each.id for each in sent} == {i for i, _ in up.expected({sent[0].call})}
    link = up.received[-1].document["call_recording_link"]
    return await asyncio.to_thread(_fetch, link)


def _fetch(link: str) -> bytes:
    with urlopen(link, timeout=60) as answer:
        return bytes(answer.read())


def _seconds(audio: bytes) -> float:
    """By the header, which must be that of the whole file."""
    with wave.open(io.BytesIO(audio), "rb") as wav:
        assert len(audio) == 44 + wav.getnframes() * wav.getsampwidth()
        return wav.getnframes() / wav.getframerate()


async def test_our_process_is_killed_and_the_call_ends_before_it_is_back(recorded: Rig) -> None:
    call = await _talk(recorded)
    recorded.child.kill()
    await recorded.child.wait()
    await asyncio.sleep(TALK_S)
    await call.hang_up()
    await recorded.start()
    await recorded.until(recorded.settled, PATIENCE_S)
    assert _seconds(await _audio(recorded)) >= TALK_S * 0.9
    assert list(recorded.layout.recordings.iterdir()) == []


async def test_the_engine_is_killed_and_what_it_wrote_is_told(recorded: Rig) -> None:
    call = await _talk(recorded)
    await asyncio.sleep(TALK_S)
    kill_now(engine_pid(recorded))
    await recorded.until(lambda: len(recorded.received) == len(RECORDED), PATIENCE_S)
    await hung_up(call)
    await recorded.until(recorded.settled, PATIENCE_S)
    assert _seconds(await _audio(recorded)) >= TALK_S - BUFFERED_S
