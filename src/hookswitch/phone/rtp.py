"""RTP packets (RFC 3550) and telephone events (RFC 4733)."""

import struct
from dataclasses import dataclass

from hookswitch.phone.errors import ParseError
from hookswitch.phone.g711 import FRAME

DIGITS = "0123456789*#ABCD"
EVENT_FRAMES = 5
END_REPEATS = 3
GAP_FRAMES = 4

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")
_VOLUME = 10
_END = 0x80


@dataclass(slots=True)
class Packet:
    """One packet; the payload type is 0 for mu-law."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False

    def __bytes__(self) -> bytes:
        kind = self.payload_type | (0x80 if self.marker else 0)
        head = _HEADER.pack(0x80, kind, self.sequence, self.timestamp, self.ssrc)
        return head + self.payload


def parse_packet(data: bytes) -> Packet:
    """Read a packet, skipping contributing sources, extension and padding."""
    if len(data) < _HEADER.size or data[0] >> 6 != 2:
        raise ParseError("not RTP")
    first, kind, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    start = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if len(data) < start + 4:
            raise ParseError("RTP extension cut off")
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4], "big")
    end = len(data) - (data[-1] if first & 0x20 else 0)
    if start > end:
        raise ParseError("RTP header longer than the packet")
    return Packet(kind & 0x7F, sequence, timestamp, ssrc, data[start:end], bool(kind & 0x80))


def event_payloads(digit: str) -> list[bytes]:
    """Give the payloads of one pressed key: it grows, then its end three times."""
    if digit not in DIGITS:
        raise ParseError(f"no such key: {digit!r}")
    code = DIGITS.index(digit)
    held = [_EVENT.pack(code, _VOLUME, FRAME * n) for n in range(1, EVENT_FRAMES + 1)]
    end = _EVENT.pack(code, _VOLUME | _END, FRAME * (EVENT_FRAMES + 1))
    return held + [end] * END_REPEATS


def event_digit(payload: bytes) -> str:
    """Give the key of an event payload, empty for events that are no key."""
    if len(payload) < _EVENT.size or payload[0] >= len(DIGITS):
        return ""
    return DIGITS[payload[0]]
