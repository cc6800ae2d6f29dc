"""Ogg Opus files made one (RFC 3533, RFC 7845): the engine cannot go on in one that it closed."""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

from msgspec import Struct
from msgspec.structs import replace

BEGINS: Final = 2
ENDS: Final = 4
NOTHING_ENDS: Final = (1 << 64) - 1
"""The position of a page in which no packet ends."""

_HEAD = struct.Struct("<4sBBQIIIB")
_CHECKSUM = slice(22, 26)
_MIRROR = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_SILK, _HYBRID, _CELT = (480, 960, 1920, 2880), (480, 960), (120, 240, 480, 960)


class Page(Struct, frozen=True):
    """A page: `position` counts samples at 48 kHz until its last packet's end."""

    flags: int
    position: int
    lacing: bytes
    body: bytes

    def encode(self, serial: int, number: int) -> bytes:
        head = _HEAD.pack(
            b"OggS", 0, self.flags, self.position, serial, number, 0, len(self.lacing)
        )
        page = bytearray(head + self.lacing + self.body)
        page[_CHECKSUM] = struct.pack("<I", checksum(page))
        return bytes(page)


def checksum(page: bytes | bytearray) -> int:
    """Ogg's is zlib's with the bits of each byte, and of the result, the other way round."""
    crc = zlib.crc32(page.translate(_MIRROR), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_MIRROR), "big")


def pages(file: BinaryIO) -> Iterator[Page]:
    """Read page after page, until one that is torn: the engine may have died."""
    while len(head := file.read(_HEAD.size)) == _HEAD.size:
        mark, _, flags, position, _, _, told, segments = _HEAD.unpack(head)
        lacing = file.read(segments)
        body = file.read(sum(lacing))
        blank = head[: _CHECKSUM.start] + bytes(4) + head[_CHECKSUM.stop :]
        if mark != b"OggS" or checksum(blank + lacing + body) != told:
            return
        yield Page(flags, position, lacing, body)


def has_audio(path: Path) -> bool:
    """Whether it has more than the two headers."""
    try:
        with path.open("rb") as file:
            return any(page.position not in (0, NOTHING_ENDS) for page in pages(file))
    except OSError:
        return False


def join(parts: Sequence[Path], target: Path) -> None:
    """Write the audio of `parts`, one after another, as one file with the headers of the first."""
    with target.open("wb") as out:
        held: Page | None = None
        number = 0
        for page in _joined(parts):
            if held is not None:
                out.write(held.encode(1, number))
                number += 1
            held = page
        if held is not None:
            out.write(replace(held, flags=held.flags | ENDS).encode(1, number))


def _joined(parts: Iterable[Path]) -> Iterator[Page]:
    before = 0
    for nth, part in enumerate(parts):
        base = before
        with part.open("rb") as file:
            for page in pages(file):
                if page.position in (0, NOTHING_ENDS):
                    if page.position or nth == 0:
                        yield page
                    continue
                position = base + page.position
                if page.flags & ENDS:  # told shorter than its packets are
                    position = max(position, before + _samples(page))
                yield replace(page, flags=page.flags & ~ENDS, position=position)
                before = position


def _samples(page: Page) -> int:
    """How long the packets are that begin in a page, by their first bytes (RFC 6716, 3.1)."""
    total = at = size = 0
    for nth, lace in enumerate(page.lacing):
        size += lace
        if lace == 255 and nth < len(page.lacing) - 1:
            continue
        total += _length(page.body[at : at + size])
        at, size = at + size, 0
    return total


def _length(packet: bytes) -> int:
    if not packet:
        return 0
    config, frames = packet[0] >> 3, (1, 2, 2, None)[packet[0] & 3]
    if frames is None:
        frames = packet[1] & 0x3F if len(packet) > 1 else 0
    if config < 12:
        return frames * _SILK[config & 3]
    return frames * (_HYBRID[config & 1] if config < 16 else _CELT[config & 3])
