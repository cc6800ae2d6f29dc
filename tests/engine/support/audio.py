"""Audio behind links: fetched, decoded, and listened to for the tones that phones sent."""

import array
import asyncio
import io
import math
import wave
from collections.abc import Mapping, Sequence
from typing import Any

from aiohttp import ClientSession
from msgspec import Struct

from hookswitch.phone import Call, Sound, g711
from hookswitch.phone.g711 import FRAME_SECONDS, RATE

WINDOW_S = 0.1
LOOK_EVERY_S = 0.05
PATIENCE_S = 60.0
LOUD = 500
"""The least amplitude of a tone that counts as heard; phones send one of 8000."""


class Audio(Struct, frozen=True):
    """Decoded sound, mono."""

    rate: int
    samples: Sequence[int]

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def heard(self, hertz: int) -> float:
        """For how many seconds a tone is in it."""
        size = round(self.rate * WINDOW_S)
        starts = range(0, len(self.samples) - size + 1, size)
        windows = [self.samples[at : at + size] for at in starts]
        return WINDOW_S * sum(_amplitude(window, hertz / self.rate) > LOUD for window in windows)


def _amplitude(window: Sequence[int], frequency: float) -> float:
    turns = [2 * math.pi * frequency * n for n in range(len(window))]
    real = sum(s * math.cos(turn) for s, turn in zip(window, turns, strict=True))
    imaginary = sum(s * math.sin(turn) for s, turn in zip(window, turns, strict=True))
    return 2 * math.hypot(real, imaginary) / len(window)


def received(call: Call) -> Audio:
    """What a phone that records has heard so far."""
    return Audio(RATE, array.array("h", call.media.recorded()))


async def until_heard(call: Call, hertz: int, seconds: float) -> None:
    """Wait until the phone has heard that tone for so long: a busy machine says less a second."""
    async with asyncio.timeout(PATIENCE_S):
        while received(call).heard(hertz) < seconds:
            await asyncio.sleep(LOOK_EVERY_S)


async def until_said(call: Call, seconds: float) -> None:
    """Wait until the phone has sent so many more seconds of its sound."""
    end = call.media.sent + seconds / FRAME_SECONDS
    async with asyncio.timeout(PATIENCE_S):
        while call.media.sent < end:
            await asyncio.sleep(LOOK_EVERY_S)


def decode(wav: bytes) -> Audio:
    with wave.open(io.BytesIO(wav), "rb") as audio:
        assert (audio.getnchannels(), audio.getsampwidth()) == (1, 2)
        return Audio(audio.getframerate(), array.array("h", audio.readframes(audio.getnframes())))


def wav(sound: Sound) -> bytes:
    """A phone's sound as a file to upload."""
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setparams((1, 2, RATE, 0, "NONE", ""))
        audio.writeframes(g711.decode(b"".join(sound)))
    return out.getvalue()


def links_of(event: Mapping[str, Any]) -> Sequence[str]:
    recording = event.get("call_recording_link")
    return [*event.get("audio_file", ()), *([recording] if recording else ())]


async def fetch(client: ClientSession, link: str) -> Audio:
    async with client.get(link) as answer:
        assert answer.status == 200, answer.status
        return decode(await answer.read())
