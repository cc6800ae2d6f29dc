"""The audio of one call: G.711 over RTP, keys as telephone events."""

import asyncio
import secrets
import socket
from collections import deque
from dataclasses import dataclass

from hookswitch.phone import g711
from hookswitch.phone.address import Address
from hookswitch.phone.errors import ParseError, PhoneError
from hookswitch.phone.g711 import SILENCE, Sound
from hookswitch.phone.pacing import pacer
from hookswitch.phone.rtp import (
    DIGITS,
    GAP_FRAMES,
    Packet,
    event_digit,
    event_payloads,
    parse_packet,
)
from hookswitch.phone.sdp import ALAW, EVENTS, ULAW

_WORD = 0xFFFF
_DOUBLE = 0xFFFFFFFF


@dataclass(slots=True)
class _Queued:
    """A frame to send; `age` is how many frames ago its event began."""

    payload: bytes
    event: bool = False
    age: int = 0
    sent: asyncio.Future[None] | None = None


class Media:
    """Sends `sound` in a loop, and in its place what is played or pressed; counts what comes.

    `sequence` is the number of the packet sent last, a random one before the first. Sounds are
    mu-law here, whatever the `codec` on the wire.
    """

    def __init__(self, host: str, sound: Sound, *, record: bool = False, codec: int = ULAW) -> None:
        self.sound = sound
        self.codec = codec
        self.remote: Address | None = None
        self.sending = True
        self.events = EVENTS
        self.received = 0
        self.sent = 0
        self.digits = ""
        self._ssrc = secrets.randbits(32)
        self.sequence = secrets.randbits(15)
        self._clock = secrets.randbits(31)
        self._ticks = 0
        self._queue: deque[_Queued] = deque()
        self._recorded: bytearray | None = bytearray() if record else None
        self._last_event = -1
        self._running = False
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind((host, 0))
        self.port: int = self._socket.getsockname()[1]

    def start(self) -> None:
        """Begin to send and receive."""
        if not self._running and self._socket.fileno() >= 0:
            self._running = True
            pacer().add(self)

    def close(self) -> None:
        """Stop, take what has arrived, free the port; whoever waits for `play` goes on."""
        if self._socket.fileno() < 0:
            return
        if self._running:
            pacer().remove(self)
            self._receive()
        self._running = False
        self._socket.close()
        for frame in self._queue:
            _done(frame.sent)
        self._queue.clear()

    def recorded(self) -> bytes:
        """Give the received audio as 16-bit PCM at 8 kHz, in the order it came."""
        if self._recorded is None:
            raise PhoneError("this call does not record: give record=True")
        return g711.decode(bytes(self._recorded))

    async def play(self, ulaw: bytes) -> None:
        """Send this audio, and return when it is sent or the call is over."""
        await self._send([_Queued(frame) for frame in g711.frames(ulaw)])

    async def dtmf(self, digits: str) -> None:
        """Press keys one after another, and return when they are sent."""
        if not set(digits) <= set(DIGITS):
            raise PhoneError(f"not all keys of a phone: {digits!r}")
        queue: list[_Queued] = []
        for digit in digits:
            payloads = enumerate(event_payloads(digit))
            queue += [_Queued(payload, event=True, age=age) for age, payload in payloads]
            queue += [_Queued(SILENCE[0])] * GAP_FRAMES
        await self._send(queue)

    async def _send(self, queue: list[_Queued]) -> None:
        if not self._running:
            raise PhoneError("no audio yet, or no more: the call is not answered")
        if queue:
            sent = asyncio.get_running_loop().create_future()
            self._queue.extend(queue[:-1])
            self._queue.append(_Queued(queue[-1].payload, sent=sent))
            await sent

    def tick(self) -> None:
        """Send one frame and take what came."""
        self._receive()
        self._ticks += 1
        self._clock = (self._clock + g711.FRAME) & _DOUBLE
        frame = self._next()
        if frame is None:
            return
        if self.remote and self.sending:
            self._transmit(frame, self.remote)
        _done(frame.sent)

    def _next(self) -> _Queued | None:
        if self._queue:
            return self._queue.popleft()
        if not self.sound:
            return None
        return _Queued(self.sound[self._ticks % len(self.sound)])

    def _transmit(self, frame: _Queued, remote: Address) -> None:
        self.sequence = (self.sequence + 1) & _WORD
        packet = Packet(
            payload_type=self.events if frame.event else self.codec,
            sequence=self.sequence,
            timestamp=(self._clock - frame.age * g711.FRAME) & _DOUBLE,
            ssrc=self._ssrc,
            payload=self._coded(frame),
            marker=self.sent == 0 or (frame.event and frame.age == 0),
        )
        try:
            self._socket.sendto(bytes(packet), remote)
        except OSError:  # full buffer: audio may be lost
            return
        self.sent += 1

    def _coded(self, frame: _Queued) -> bytes:
        if frame.event or self.codec != ALAW:
            return frame.payload
        return frame.payload.translate(g711.TO_ALAW)

    def _receive(self) -> None:
        while True:
            try:
                data = self._socket.recv(2048)
            except OSError:
                return
            self._take(data)

    def _take(self, data: bytes) -> None:
        try:
            packet = parse_packet(data)
        except ParseError:
            return
        self.received += 1
        if packet.payload_type == self.codec:
            if self._recorded is not None:
                alaw = self.codec == ALAW
                self._recorded += packet.payload.translate(g711.FROM_ALAW if alaw else None)
        elif packet.payload_type == self.events and packet.timestamp != self._last_event:
            self._last_event = packet.timestamp
            self.digits += event_digit(packet.payload)


def _done(sent: asyncio.Future[None] | None) -> None:
    if sent and not sent.done():
        sent.set_result(None)
