"""G.711, mu-law but on the wire, and the sounds a phone makes without a microphone."""

import math
import sys
from array import array
from functools import lru_cache

RATE = 8000
FRAME = 160
FRAME_SECONDS = FRAME / RATE

_BIAS = 132
_CLIP = 32635


def _to_ulaw(sample: int) -> int:
    magnitude = min(abs(sample), _CLIP) + _BIAS
    exponent = magnitude.bit_length() - 8
    mantissa = magnitude >> (exponent + 3) & 0x0F
    return ~((0x80 if sample < 0 else 0) | exponent << 4 | mantissa) & 0xFF


def _to_linear(code: int) -> int:
    code = ~code & 0xFF
    magnitude = ((code & 0x0F) << 3 | 0x84) << (code >> 4 & 7)
    return _BIAS - magnitude if code & 0x80 else magnitude - _BIAS


def _to_alaw(sample: int) -> int:
    magnitude = min(abs(sample) >> 4, 2047)
    exponent = max(magnitude.bit_length() - 4, 0)
    mantissa = magnitude >> max(exponent - 1, 0) & 0x0F
    return ((0 if sample < 0 else 0x80) | exponent << 4 | mantissa) ^ 0x55


def _alaw_to_linear(code: int) -> int:
    code ^= 0x55
    exponent, mantissa = code >> 4 & 7, (code & 0x0F) << 1
    magnitude = mantissa + 1 if not exponent else (mantissa + 33) << (exponent - 1)
    return (magnitude if code & 0x80 else -magnitude) << 3


_LINEAR = tuple(_to_linear(code) for code in range(256))
TO_ALAW = bytes(map(_to_alaw, _LINEAR))
"""Mu-law as A-law, for `bytes.translate`."""
FROM_ALAW = bytes(_to_ulaw(_alaw_to_linear(code)) for code in range(256))


def encode(pcm: bytes) -> bytes:
    """Turn 16-bit little-endian PCM into mu-law."""
    samples = array("h", pcm[: len(pcm) & ~1])
    if sys.byteorder == "big":
        samples.byteswap()
    return bytes(_to_ulaw(sample) for sample in samples)


def decode(ulaw: bytes) -> bytes:
    """Turn mu-law into 16-bit little-endian PCM."""
    samples = array("h", (_LINEAR[code] for code in ulaw))
    if sys.byteorder == "big":
        samples.byteswap()
    return samples.tobytes()


Sound = tuple[bytes, ...]
"""Frames of 20 ms played in a loop; an empty one sends no packets at all."""

NOTHING: Sound = ()
SILENCE: Sound = (b"\xff" * FRAME,)


@lru_cache(maxsize=32)
def tone(frequency: int = 400, amplitude: int = 8000) -> Sound:
    """Give one second of a tone; whole hertz, so that the loop has no click."""
    turn = 2 * math.pi * frequency / RATE
    wave = bytes(_to_ulaw(round(amplitude * math.sin(turn * n))) for n in range(RATE))
    return frames(wave)


def frames(ulaw: bytes) -> Sound:
    """Cut mu-law into frames, the last one filled up with silence."""
    cut = [ulaw[at : at + FRAME] for at in range(0, len(ulaw), FRAME)]
    return tuple(frame.ljust(FRAME, b"\xff") for frame in cut)
