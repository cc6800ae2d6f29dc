"""Audio without a network: mu-law, packets, keys, pacing."""

import asyncio
import struct
from collections.abc import Callable
from itertools import pairwise
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hookswitch.phone import g711, pacing
from hookswitch.phone.errors import ParseError, PhoneError
from hookswitch.phone.media import Media
from hookswitch.phone.pacing import MOST_AT_ONCE, Pacer
from hookswitch.phone.rtp import DIGITS, Packet, event_digit, event_payloads, parse_packet
from hookswitch.phone.sdp import ALAW


@given(st.integers(-32768, 32767))
def test_ulaw_is_near_its_source(sample: int) -> None:
    (back,) = struct.unpack("<h", g711.decode(g711.encode(struct.pack("<h", sample))))
    assert abs(back - sample) <= max(8, abs(sample) // 16 + 4, abs(sample) - 32124)


def test_ulaw_codes_are_fixed_points() -> None:
    codes = bytes(range(256))
    assert g711.encode(g711.decode(codes)) == codes.replace(b"\x7f", b"\xff")


def test_a_tone_is_a_second_of_frames_at_its_pitch() -> None:
    frames = g711.tone(400)
    assert {len(frame) for frame in frames} == {g711.FRAME}
    assert len(frames) == 50
    samples = struct.unpack("<8000h", g711.decode(b"".join(frames)))
    rising = sum(a < 0 <= b for a, b in pairwise(samples))
    assert rising in {399, 400}


@given(
    st.builds(
        Packet,
        st.integers(0, 127),
        st.integers(0, 65535),
        st.integers(0, 2**32 - 1),
        st.integers(0, 2**32 - 1),
        st.binary(max_size=200),
        st.booleans(),
    )
)
def test_packets_come_back(packet: Packet) -> None:
    assert parse_packet(bytes(packet)) == packet


@given(st.binary(max_size=60))
def test_no_bytes_break_the_packet_reader(data: bytes) -> None:
    for candidate in (data, b"\x80" + data, b"\xbf" + data):
        try:
            packet = parse_packet(candidate)
        except ParseError:
            continue
        event_digit(packet.payload)


def test_extension_and_padding_are_skipped() -> None:
    plain = bytes(Packet(0, 1, 2, 3, b""))
    extended = bytes([0xB0]) + plain[1:] + b"\xbe\xde\x00\x01abcd" + b"audio" + b"\x00\x00\x03"
    assert parse_packet(extended).payload == b"audio"


@pytest.mark.parametrize("digit", DIGITS)
def test_a_key_grows_and_ends_three_times(digit: str) -> None:
    payloads = event_payloads(digit)
    assert {event_digit(payload) for payload in payloads} == {digit}
    durations = [struct.unpack("!BBH", payload)[2] for payload in payloads]
    assert durations == [160, 320, 480, 640, 800, 960, 960, 960]
    assert [bool(payload[1] & 0x80) for payload in payloads] == [False] * 5 + [True] * 3


async def test_two_streams_talk_and_close_clean() -> None:
    one = Media("127.0.0.1", g711.tone(), record=True)
    two = Media("127.0.0.1", g711.NOTHING, record=True)
    one.remote, two.remote = ("127.0.0.1", two.port), ("127.0.0.1", one.port)
    one.start()
    two.start()
    await two.play(b"\x00" * 480)
    await two.dtmf("12#D")
    one.close()
    two.close()
    assert one.digits == "12#D"
    assert one.recorded()[:640] == g711.decode(b"\x00" * 320)
    assert two.received >= 30
    assert two.sent == 3 + 4 * 12
    with pytest.raises(PhoneError, match="not answered"):
        await one.play(b"x")


async def test_two_streams_talk_a_law() -> None:
    one = Media("127.0.0.1", g711.NOTHING, record=True, codec=ALAW)
    two = Media("127.0.0.1", g711.NOTHING, codec=ALAW)
    one.remote, two.remote = ("127.0.0.1", two.port), ("127.0.0.1", one.port)
    one.start()
    two.start()
    second = b"".join(g711.tone(500))
    await two.play(second)
    one.close()
    two.close()
    heard = memoryview(one.recorded()).cast("h")
    assert len(heard) >= 7000
    sent = memoryview(g711.decode(second)).cast("h")
    assert all(abs(a - b) <= 512 for a, b in zip(heard, sent, strict=False))


def test_a_law_is_as_g711_says() -> None:
    """Silence is 0xd5, the loudest samples 0xaa and 0x2a; each code is heard as it was said."""
    ulaw = g711.encode(b"\0\0\xff\x7f\x01\x80")
    assert ulaw.translate(g711.TO_ALAW) == b"\xd5\xaa\x2a"
    for code in range(256):
        said = memoryview(g711.decode(bytes([code]))).cast("h")[0]
        coded = bytes([code]).translate(g711.TO_ALAW).translate(g711.FROM_ALAW)
        heard = memoryview(g711.decode(coded)).cast("h")[0]
        assert abs(said - heard) <= max(16, abs(said) // 16)


async def test_closing_ends_a_long_play() -> None:
    media = Media("127.0.0.1", g711.SILENCE)
    media.start()
    playing = asyncio.create_task(media.play(b"\xff" * 8_000_000))
    await asyncio.sleep(0.05)
    media.close()
    await asyncio.wait_for(playing, 60)
    with pytest.raises(PhoneError, match="record=True"):
        media.recorded()


class Loop:
    """Of the event loop: its clock and timers, moved by the test."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[tuple[float, Callable[[], None]]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, what: Callable[[], None]) -> SimpleNamespace:
        timer = (when, what)
        self.timers.append(timer)
        return SimpleNamespace(cancel=lambda: self.timers.remove(timer))

    def run(self, seconds: float, stall: float = 0.0) -> None:
        """Do what falls due in that time, after a stall in which nothing is done."""
        end = self.now + seconds
        self.now += stall
        while self.timers and self.timers[0][0] <= end:
            when, what = self.timers.pop(0)
            self.now = max(self.now, when)
            what()
        self.now = end


class Count:
    ticks = 0

    def tick(self) -> None:
        self.ticks += 1


def test_the_pacer_keeps_time_and_makes_up_for_a_stall(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a double of the loop's clock: the real one stalls as the machine likes."""
    pacer, count, loop = Pacer(), Count(), Loop()
    monkeypatch.setattr(pacing.asyncio, "get_running_loop", lambda: loop)
    pacer.add(count)
    loop.run(0.21)
    assert count.ticks == 10
    loop.run(0.1, stall=0.1)
    assert count.ticks == 15
    loop.run(0.6, stall=0.5)
    assert count.ticks == 15 + 1 + MOST_AT_ONCE + 5
    pacer.remove(count)
    loop.run(0.1)
    assert count.ticks == 15 + 1 + MOST_AT_ONCE + 5
