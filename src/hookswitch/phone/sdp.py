"""Session descriptions of one audio stream (RFC 8866, RFC 3264)."""

import re
from dataclasses import dataclass

from hookswitch.phone.address import Address, is_ipv4
from hookswitch.phone.errors import ParseError

ULAW, ALAW = 0, 8
NAMES = {ULAW: "PCMU", ALAW: "PCMA"}
EVENTS = 101
CONTENT_TYPE = "application/sdp"
MIRRORED = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}

_AUDIO = re.compile(r"^m=audio (\d{1,5})(?:/\d+)? RTP/AVP ([\d ]+)$", re.MULTILINE)
_HOST = re.compile(r"^c=IN IP4 ([0-9.]+)", re.MULTILINE)
_EVENTS = re.compile(r"^a=rtpmap:(\d{1,3}) telephone-event/8000", re.MULTILINE | re.IGNORECASE)
_DIRECTION = re.compile(r"^a=(sendrecv|sendonly|recvonly|inactive)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Description:
    """What one side sends and receives; port 0 or host 0.0.0.0 means no audio to it."""

    host: str
    port: int
    known: bool = True
    """Whether `codec` is among what it has."""
    events: int | None = EVENTS
    direction: str = "sendrecv"
    codec: int = ULAW

    @property
    def address(self) -> Address | None:
        """Where audio for this side goes."""
        if not self.port or self.host == "0.0.0.0":
            return None
        return self.host, self.port

    def write(self, version: int) -> bytes:
        """Write it as offer or answer; the version counts up with each change."""
        formats = str(self.codec) if self.events is None else f"{self.codec} {self.events}"
        lines = [
            "v=0",
            f"o=- {self.port} {version} IN IP4 {self.host}",
            "s=-",
            f"c=IN IP4 {self.host}",
            "t=0 0",
            f"m=audio {self.port} RTP/AVP {formats}",
            f"a=rtpmap:{self.codec} {NAMES[self.codec]}/8000",
        ]
        if self.events is not None:
            lines += [f"a=rtpmap:{self.events} telephone-event/8000", f"a=fmtp:{self.events} 0-15"]
        lines += ["a=ptime:20", f"a={self.direction}", ""]
        return "\r\n".join(lines).encode()


def parse_sdp(body: bytes, codec: int = ULAW) -> Description:
    """Read the audio stream of an offer or answer to somebody who speaks `codec`."""
    text = body.decode("utf-8", "replace").replace("\r\n", "\n")
    audio, host = _AUDIO.search(text), _HOST.search(text)
    if not audio or not host or int(audio[1]) > 65535 or not is_ipv4(host[1]):
        raise ParseError("no plain audio stream in the session description")
    events, direction = _EVENTS.search(text), _DIRECTION.search(text)
    return Description(
        host=host[1],
        port=int(audio[1]),
        known=str(codec) in audio[2].split(),
        events=int(events[1]) if events else None,
        direction=direction[1] if direction else "sendrecv",
        codec=codec,
    )
