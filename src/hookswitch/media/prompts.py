"""Prompts: uploaded in any common format, kept as the engine plays them."""

import re
import time
import wave
from pathlib import Path
from typing import Final

import miniaudio
from msgspec import Struct

RATE: Final = 16_000
WIDTH: Final = 2
"""Bytes of a sample."""
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
            out.setparams((1, WIDTH, RATE, 0, "NONE", ""))
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
    """Never more than is allowed: a small file can hold hours of silence."""
    samples = bytearray()
    try:
        for piece in miniaudio.stream_memory(audio, miniaudio.SampleFormat.SIGNED16, 1, RATE):
            samples += piece.tobytes()
            if len(samples) > LONGEST_S * RATE * WIDTH:
                raise PromptError(f"the audio lasts more than {LONGEST_S} s: shorten it")
    except (miniaudio.DecodeError, miniaudio.MiniaudioError) as error:
        raise PromptError("the file is no audio we can read: use WAV, MP3, FLAC or Ogg") from error
    if not samples:
        raise PromptError("the audio lasts no time: choose another file")
    return bytes(samples)


def _describe(path: Path) -> Prompt:
    with wave.open(str(path), "rb") as audio:
        seconds = audio.getnframes() / audio.getframerate()
    return Prompt(path.stem, round(seconds, 1), path.stat().st_size)
