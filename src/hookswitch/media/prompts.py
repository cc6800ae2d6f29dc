"""Prompts: uploaded in any common format, kept as the engine plays them."""

import re
import time
import wave
from pathlib import Path
from typing import Final

import miniaudio
from msgspec import Struct

RATE: Final = 16_000
LONGEST_S: Final = 600
FORGOTTEN_S: Final = 86_400
LARGEST: Final = 50 << 20
NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}\Z")


class PromptError(Exception):
    """An upload that cannot be a prompt, or a name there is not; the text says the mend."""


class Prompt(Struct, frozen=True):
    """A prompt that is there."""

    name: str
    seconds: float
    size: int


class Prompts:
    """The prompts of one data directory: 16 kHz mono WAV, which the engine plays to any codec."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def names(self) -> frozenset[str]:
        return frozenset(path.stem for path in self.directory.glob("*.wav16"))

    def all(self) -> list[Prompt]:
        return [_describe(path) for path in sorted(self.directory.glob("*.wav16"))]

    def add(self, name: str, audio: bytes) -> Prompt:
        """Convert and keep `audio` (WAV, MP3, FLAC or Ogg Vorbis); an older one is replaced."""
        if not NAME.match(name):
            raise PromptError(f"{name!r} is not a prompt's name: use at most 40 of a-z 0-9 _ -")
        if len(audio) > LARGEST:
            raise PromptError(f"the file is larger than {LARGEST >> 20} MiB: shorten it")
        samples = _decode(audio)
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        part, target = self.directory / f"{name}.part", self._path(name)
        with wave.open(str(part), "wb") as out:
            out.setparams((1, 2, RATE, 0, "NONE", ""))
            out.writeframes(samples)
        part.chmod(0o600)
        part.rename(target)
        return _describe(target)

    def take(self, name: str, file: str) -> bool:
        """Keep what a phone recorded; False if it is no audio, or was taken already."""
        source = self.recorded / f"{Path(file).name}.wav16"
        try:
            described = _describe(source)
        except (OSError, wave.Error, EOFError):
            return False
        if not NAME.match(name) or described.seconds <= 0:
            return False
        source.chmod(0o600)
        source.rename(self._path(name))
        for left in self.recorded.glob("*.wav16"):
            # nobody kept it
            if time.time() - left.stat().st_mtime > FORGOTTEN_S:
                left.unlink(missing_ok=True)
        return True

    @property
    def recorded(self) -> Path:
        """Where the engine writes what phones record."""
        return self.directory / "recorded"

    def delete(self, name: str) -> None:
        try:
            self._path(name).unlink()
        except FileNotFoundError:
            raise PromptError(f"there is no prompt {name!r}: see the list of them") from None

    def _path(self, name: str) -> Path:
        if not NAME.match(name):
            raise PromptError(f"there is no prompt {name!r}: see the list of them")
        return self.directory / f"{name}.wav16"


def _decode(audio: bytes) -> bytes:
    try:
        decoded = miniaudio.decode(
            audio, miniaudio.SampleFormat.SIGNED16, nchannels=1, sample_rate=RATE
        )
    except (miniaudio.DecodeError, miniaudio.MiniaudioError) as error:
        raise PromptError("the file is no audio we can read: use WAV, MP3, FLAC or Ogg") from error
    seconds = decoded.num_frames / RATE
    if not 0 < seconds <= LONGEST_S:
        raise PromptError(f"the audio lasts {seconds:.0f} s: it must last 1 to {LONGEST_S} s")
    return bytes(decoded.samples)


def _describe(path: Path) -> Prompt:
    with wave.open(str(path), "rb") as audio:
        seconds = audio.getnframes() / audio.getframerate()
    return Prompt(path.stem, round(seconds, 1), path.stat().st_size)
