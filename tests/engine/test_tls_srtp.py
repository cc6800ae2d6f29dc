"""SIP over TLS and audio over SRTP, by a client that trusts our certificate only."""

import asyncio
import base64
import re
import secrets
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from support.serving import PASSWORD, Serving, device, serving
from support.srtp import SUITE, SrtpKey
from support.wire import TlsWire, WirePhone

from hookswitch.asterisk.configuration.certificate import (
    Certificate,
    make_self_signed,
    require_usable,
)
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.errors import CertificateError
from hookswitch.phone.g711 import decode

NUMBER = "61300000008"


@pytest.fixture(scope="module")
async def office(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    assert engine.version
    devices = [
        {**device(f"a-{srtp}"), "transport": "tls", "srtp": srtp}
        for srtp in ("off", "optional", "required")
    ]
    users = [
        {"name": name, "extension": str(1001 + n), "ring_time": 5, "devices": [devices[n]]}
        for n, name in enumerate(("Off", "Optional", "Required"))
    ]
    objects = [
        {"id": "main", "kind": "number", "name": "Main", "numbers": [NUMBER],
         "outputs": {"next": "who"}},
        {"id": "who", "kind": "user", "name": "Who", "user": "1003"},
        {"id": "music", "kind": "number", "name": "Music", "numbers": ["61300000009"],
         "outputs": {"next": "room"}},
        {"id": "room", "kind": "conference", "name": "Room", "room": "one"},
    ]  # fmt: skip
    async with serving(tmp_path_factory.mktemp("tls")) as at:
        await at.apply(at.document(users=users, flows=[{"name": "Flow", "objects": objects}]))
        yield at


@asynccontextmanager
async def phone(at: Serving, user: str) -> AsyncIterator[WirePhone]:
    supervisor = at.server.supervisor
    server = "127.0.0.1", supervisor.ports.tls
    wire = await TlsWire.open(server, supervisor.layout.own_certificate)
    try:
        yield WirePhone(wire, user, PASSWORD)
    finally:
        await wire.close()


def offer(port: int, profile: str, *lines: str) -> str:
    return "\r\n".join(
        (
            "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
            f"m=audio {port} {profile} 0", "a=rtpmap:0 PCMU/8000", *lines, "",
        )
    )  # fmt: skip


def crypto() -> str:
    return f"a=crypto:1 {SUITE} inline:{base64.b64encode(secrets.token_bytes(30)).decode()}"


async def test_a_phone_registers_over_tls_and_is_called_with_keys(office: Serving) -> None:
    async with phone(office, "a-required") as required:
        assert await required.register() == 200
        call = await office.carrier.call(NUMBER)
        invite = await required.asked()
        said = invite.body.decode()
        assert re.search(r"(?m)^m=audio \d+ RTP/SAVP ", said)
        assert re.search(rf"(?m)^a=crypto:1 {SUITE} inline:\S+", said)
        await required.answer(invite, 486)
        await call.ended()


@pytest.mark.parametrize(
    ("user", "profile", "status"),
    [
        ("a-required", "RTP/AVP", 488),
        ("a-required", "RTP/SAVP", 200),
        ("a-optional", "RTP/AVP", 200),
        ("a-optional", "RTP/SAVP", 200),
        ("a-off", "RTP/AVP", 200),
        ("a-off", "RTP/SAVP", 488),
    ],
)
async def test_audio_is_encrypted_as_the_device_says(
    office: Serving, user: str, profile: str, status: int
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        keys = [crypto()] if profile == "RTP/SAVP" else []
        async with phone(office, user) as caller:
            sdp = offer(sock.getsockname()[1], profile, *keys)
            answer = await caller.invite("61300000009", sdp)
            assert answer.status == status
            if status == 200:
                await _hears(sock, answer.body.decode(), encrypted=bool(keys))


async def _hears(sock: socket.socket, answer: str, *, encrypted: bool) -> None:
    """The conference's music, decrypted by the key of the answer."""
    found = re.search(rf"a=crypto:\d+ {SUITE} inline:([A-Za-z0-9+/=]+)", answer)
    assert bool(found) is encrypted
    sock.setblocking(False)
    loop, heard = asyncio.get_running_loop(), b""
    async with asyncio.timeout(60):
        while len(heard) < 40 * 160 or _loudest(heard) <= 100:
            packet = await loop.sock_recv(sock, 2048)
            heard += SrtpKey(found[1]).open(packet) if found else packet[12:]
    assert _loudest(heard) < 30_000, "noise, not music: it was not decrypted"


def _loudest(ulaw: bytes) -> int:
    return max(map(abs, memoryview(decode(ulaw)).cast("h")), default=0)


async def test_a_certificate_of_ones_own(engine: Engine, tmp_path: Path) -> None:
    assert engine.version
    mine, other = tmp_path / "mine.pem", tmp_path / "other.pem"
    for file in (mine, other):
        make_self_signed(file, ["127.0.0.1"])
    settings = {"sip_tls_certificate": mine, "sip_tls_key": mine}
    async with serving(tmp_path / "data", **settings) as at:
        server = "127.0.0.1", at.server.supervisor.ports.tls
        await (await TlsWire.open(server, mine)).close()
        with pytest.raises(ssl.SSLCertVerificationError):
            await TlsWire.open(server, other)


@pytest.mark.parametrize(
    ("chain", "key", "said"),
    [
        ("none", "good", "sip_tls_certificate: .*none cannot be read .*; name a readable file"),
        ("good", "bad", "sip_tls_key: .*bad is not a PEM key without a passphrase"),
        ("bad", "good", "sip_tls_certificate: .*bad is not a PEM certificate"),
        ("good", "other", "sip_tls_key: .*other is not the key of .*good; name the one that is"),
    ],
)
def test_a_certificate_that_cannot_be_used_is_refused(
    tmp_path: Path, chain: str, key: str, said: str
) -> None:
    for name in ("good", "other"):
        make_self_signed(tmp_path / name, ["pbx.example", "2001:db8::1"])
    (tmp_path / "bad").write_text("-----BEGIN NOTHING-----\n")
    with pytest.raises(CertificateError, match=said):
        require_usable(Certificate(tmp_path / chain, tmp_path / key))
