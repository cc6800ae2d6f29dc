"""Ringing over the manager connection, and a caller who forges it.

The phone and the caller are sockets that speak just enough SIP; the oracle of who rings is the
SIP message we sent ourselves. The hazard comes first: it shows that the engine lets forged lines
through, which is why the watch believes so little.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from support.ending import end_quickly

from hookswitch.asterisk.ami_wire import Message, decode
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.ringing import RingingWatch
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.model.journal import RingingSeen
from kit.sip_files import sip_files

DIALPLAN = """\
[calls]
exten => 180,1,Dial(PJSIP/phone,2)
 same => n,Hangup()
exten => 183,1,Dial(PJSIP/phone,2)
 same => n,Hangup()
"""
PJSIP = """\
[caller]
type=endpoint
context=calls
disallow=all
allow=ulaw

[caller]
type=identify
endpoint=caller
match=127.0.0.1

[phone]
type=endpoint
disallow=all
allow=ulaw
aors=phone

[phone]
type=aor
contact=sip:phone@127.0.0.1:{port}
"""
SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
    "m=audio 40000 RTP/AVP 0\r\n"
)
FORGED = "hsb1-1.99"


class Phone(asyncio.DatagramProtocol):
    """Answers every INVITE with `status` and no more."""

    def __init__(self) -> None:
        self.status = "180 Ringing"
        self.transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:  # type: ignore[override]  # UDP
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        text = data.decode()
        if text.startswith("INVITE") and self.transport:
            kept = re.findall(r"(?m)^(?:Via|From|Call-ID|CSeq): .*$", text.replace("\r", ""))
            to = re.findall(r"(?m)^To: .*$", text.replace("\r", ""))[0]
            head = [f"SIP/2.0 {self.status}", *kept, f"{to};tag=p1", "Content-Length: 0", "", ""]
            self.transport.sendto("\r\n".join(head).encode(), addr)

    @property
    def port(self) -> int:
        assert self.transport is not None
        return int(self.transport.get_extra_info("sockname")[1])

    def call(self, number: str, port: int, user: str = "bob") -> None:
        assert self.transport is not None
        head = [
            f"INVITE sip:{number}@127.0.0.1:{port} SIP/2.0",
            f"Via: SIP/2.0/UDP 127.0.0.1:{self.port};branch=z9hG4bK{number}{len(user)};rport",
            "Max-Forwards: 70",
            f"From: <sip:{user}@127.0.0.1>;tag=c1",
            f"To: <sip:{number}@127.0.0.1>",
            f"Call-ID: {number}-{len(user)}",
            "CSeq: 1 INVITE",
            f"Contact: <sip:bob@127.0.0.1:{self.port}>",
            "Content-Type: application/sdp",
            f"Content-Length: {len(SDP)}",
        ]
        text = "\r\n".join([*head, "", SDP])
        self.transport.sendto(text.encode(), ("127.0.0.1", port))


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    loop = asyncio.get_running_loop()
    transport, made = await loop.create_datagram_endpoint(Phone, local_addr=("127.0.0.1", 0))
    yield made
    transport.close()


@pytest.fixture
def configured(data: Path, phone: Phone) -> Iterator[Path]:
    etc = data / "engine" / "etc"
    (etc / "rev").mkdir(parents=True)
    (etc / "rev" / "1.conf").write_text(DIALPLAN, encoding="utf-8")
    for name, text in sip_files(PJSIP.format(port=phone.port)).items():
        (etc / name).write_text(text, encoding="utf-8")
    return data


class Seen:
    """What the watch told, and every message the client let through."""

    def __init__(self, supervisor: Supervisor) -> None:
        self.rang: list[RingingSeen] = []
        self.messages: list[Message] = []
        self.watch = RingingWatch(supervisor.ami, self.rang.append)
        self.stop = supervisor.ami.listen(self.messages.append)

    async def wait(self, number: int) -> None:
        async with asyncio.timeout(60):
            while True:
                if len(self.rang) >= number:
                    return
                await asyncio.sleep(0.01)


@pytest.fixture
async def running(engine: Engine, configured: Path) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(engine, configured)
    await supervisor.start()
    yield supervisor
    await end_quickly(supervisor)


def dialled(supervisor: Supervisor) -> list[str]:
    """Give the unique ids of the channels that were dialled, from the journal."""
    text = supervisor.layout.journal.read_text(encoding="utf-8")
    return re.findall(r'^"CHAN_START","[^"]*","([^"]*)","[^"]*","PJSIP/phone-', text, re.MULTILINE)


async def _dialled(supervisor: Supervisor, number: int) -> None:
    """Calls that come together may be dialled in any order."""
    async with asyncio.timeout(60):
        while len(dialled(supervisor)) < number:
            await asyncio.sleep(0.01)


async def test_180_and_183_are_told_with_their_channel(running: Supervisor, phone: Phone) -> None:
    seen = Seen(running)
    phone.call("180", running.ports.sip)
    await seen.wait(1)
    assert [ring.uniqueid for ring in seen.rang] == dialled(running)

    phone.status = "183 Session Progress"
    phone.call("183", running.ports.sip)
    await seen.wait(2)
    assert seen.rang[-1].uniqueid == dialled(running)[1]
    assert all(1_700_000_000_000 < ring.at < 4_000_000_000_000 for ring in seen.rang)
    seen.watch.close()


async def test_a_caller_cannot_make_another_channel_ring(running: Supervisor, phone: Phone) -> None:
    """His number ends the real event and holds one of his own."""
    seen = Seen(running)
    event = f"Event: DialState\r\nDialStatus: RINGING\r\nDestUniqueid: {FORGED}"
    tail = f"Uniqueid: {FORGED}\r\nLinkedid: {FORGED}\r\n"
    for number, user in enumerate((f"1\r\n\r\n{event}", f"22\r\n{tail}\r\n"), 1):
        escaped = user.replace("\r", "%0d").replace("\n", "%0a").replace(":", "%3a")
        phone.call("180", running.ports.sip, escaped.replace(" ", "%20"))
        await _dialled(running, number)
    phone.call("180", running.ports.sip)
    await _dialled(running, 3)
    await seen.wait(1)
    assert FORGED in {message.get("Uniqueid") for message in seen.messages}, "the hazard is gone"
    assert FORGED not in {message.get("DestUniqueid") for message in seen.messages}
    assert {ring.uniqueid for ring in seen.rang} == {dialled(running)[-1]}
    seen.watch.close()


@pytest.mark.parametrize(
    "line", ["", "Response: Error", "Event: StatusComplete\r\nEventList: Complete"]
)
async def test_a_caller_cannot_break_a_list(running: Supervisor, phone: Phone, line: str) -> None:
    """His number cuts an entry in two; the rest has the action's id, and is no answer to it."""
    forged = quote(f"1\r\n\r\n{line}\r\n", safe="")
    for number, user in enumerate(("bob", forged, "alice"), 1):
        phone.call("180", running.ports.sip, user)
        await _dialled(running, number)
    bobs, _, alices = dialled(running)
    found = await running.ami.list_action("Status")
    told = {message.get("Uniqueid") for message in found}
    assert {bobs, alices} <= told
    assert len(told - {""}) == 4, "the forged call's entries are whole: the hazard is gone"


@pytest.mark.parametrize(
    "raw",
    [
        "Event: DialState\r\nDestUniqueid: 1\r\nDialStatus: RINGING",
        "Event: X\r\nPrivilege: call,all\r\nTimestamp: 1\r\nSystemName: hsb1",
        "Privilege: call,all\r\nEvent: X\r\nTimestamp: 1795492453.950656\r\nSystemName: hsb1",
        "CallerIDName: Ev\r\nUniqueid: 1",
        "",
    ],
)
def test_what_the_engine_did_not_begin(raw: str) -> None:
    assert not decode(raw.encode()).genuine
