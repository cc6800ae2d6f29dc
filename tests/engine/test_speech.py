"""Greetings from text: spoken at Apply by the real tool, played to the caller."""

import asyncio
import wave
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from support.serving import Serving, serving

from hookswitch.app.configuration.apply_errors import ApplyError
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import SPEECH, default_prefix, tool_prefix
from hookswitch.phone import NOTHING, Phone

NUMBER = "61300000005"
SHORT = "Nobody is here."
LONG = "Nobody is here. Leave your name, your number and your question, and we will call you back."


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    await install(SPEECH, tool_prefix("speech"))
    async with serving(tmp_path_factory.mktemp("speech")) as at:
        yield at


def document(at: Serving, **box: str) -> str:
    flow: list[dict[str, Any]] = [
        {"id": "number", "kind": "number", "name": "Number", "numbers": [NUMBER],
         "outputs": {"next": "box"}},
        {"id": "box", "kind": "voicemail", "name": "Box", "box": "1001", "greeting": "text", **box},
    ]  # fmt: skip
    return at.document(
        mailboxes=[{"box": "1001", "name": "Alice", "pin": "4321"}],
        flows=[{"name": "Office", "objects": flow}],
    )


def spoken(at: Serving) -> list[Path]:
    return sorted(
        (at.server.data.prompts / "spoken").glob("*.wav16"), key=lambda p: p.stat().st_mtime
    )


def audio(path: Path) -> tuple[float, int]:
    """Seconds, and the loudest sample."""
    with wave.open(str(path), "rb") as file:
        frames = memoryview(file.readframes(file.getnframes())).cast("h")
        return file.getnframes() / file.getframerate(), max(map(abs, frames))


async def test_a_longer_text_gives_longer_speech_made_once(office: Serving) -> None:
    await office.apply(document(office, text=SHORT))
    (short,) = spoken(office)
    await office.apply(document(office, text=LONG))
    (_, long) = spoken(office)
    assert audio(short)[0] * 2 < audio(long)[0]
    assert min(audio(short)[1], audio(long)[1]) > 3000, "it is not silent"
    before = [path.stat().st_mtime_ns for path in spoken(office)]
    await office.apply(document(office, text=f"  {SHORT}\n"))
    assert [path.stat().st_mtime_ns for path in spoken(office)] == before


async def test_the_caller_hears_it(office: Serving) -> None:
    await office.apply(document(office, text=SHORT))
    (seconds, _) = audio(spoken(office)[0])
    sip = f"sip:{NUMBER}@{office.sip[0]}:{office.sip[1]}"
    async with Phone("gateway", office.carrier.address[0], 0, sound=NOTHING, record=True) as caller:
        call = await caller.call(sip)
        await call.answered()
        async with asyncio.timeout(60):
            while len(call.media.recorded()) <= 16_000 * seconds:
                await asyncio.sleep(0.05)
        heard = memoryview(call.media.recorded()).cast("h")
        await call.hang_up()
    assert max(map(abs, heard)) > 2000


async def test_without_the_tool_apply_says_how_to_get_it(office: Serving, tmp_path: Path) -> None:
    office.server.applier._speech._prefix = tmp_path / "speech"
    try:
        with pytest.raises(ApplyError) as refused:
            await office.apply(document(office, text="Something new."))
    finally:
        office.server.applier._speech._prefix = tool_prefix("speech", default_prefix())
    assert str(refused.value) == (
        "Box: text: it cannot be spoken: speech is not installed in"
        f" {tmp_path}/speech; run: hookswitch engine install --with speech"
    )


async def test_a_voice_that_is_none_is_refused(office: Serving) -> None:
    with pytest.raises(ApplyError, match="the voice 'xq' cannot speak"):
        await office.apply(document(office, text="Something new.", voice="xq"))
    assert office.server.live.revision
