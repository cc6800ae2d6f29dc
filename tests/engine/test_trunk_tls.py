"""Trunks over TLS: two phone systems are each other's provider; strangers are not called.

Oracles: the other engine (what it accepts), the TLS of Python's library on the strangers' side.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from support.objects import SIGNING
from support.serving import PASSWORD, Serving, device, serving

from hookswitch.phone import NOTHING, CallFailed, Phone
from hookswitch.phone.behaviour import answer_after
from kit.certificates import Authority

HERE, THERE = "127.0.0.1", "127.0.0.6"
STRANGER, MISNAMED = "127.0.0.7", "127.0.0.8"
NUMBERS = {HERE: "61300000000", THERE: "0400000002"}


class Pair:
    """Two installations, each with a user whose phone is registered."""

    def __init__(self, here: Serving, there: Serving, phones: dict[str, Phone]) -> None:
        self.here, self.there, self.phones = here, there, phones


def certificate(authority: Authority, host: str, place: Path) -> Path:
    file = place / f"{host}.pem"
    file.write_text(authority.certificate(host))
    return file


def settings(authority: Authority, host: str, place: Path) -> dict[str, Any]:
    own = certificate(authority, host, place)
    trusted = place / f"{host}-trusts.pem"
    trusted.write_text(authority.pem)
    return {"sip_host": host, "sip_tls_certificate": own, "sip_tls_key": own,
            "sip_tls_authorities": trusted}  # fmt: skip


def document(at: Serving, own: str, trunks: dict[str, tuple[str, int]]) -> str:
    """The trunk `other` is for all numbers, each of the others for those of its name."""
    ways = {"other": "0400000002", "stranger": "0500000001", "misnamed": "0500000002"}
    return at.document(
        users=[{"name": "User", "extension": "1001", "devices": [device("user")]}],
        trunks=[
            {"name": name, "host": host, "port": port, "transport": "tls", "srtp": "required",
             "watch": False}
            for name, (host, port) in trunks.items()
        ],
        routes=[
            {"name": name, "patterns": [ways[name], "61300000000"][: 2 - (name != "other")],
             "trunks": [name]}
            for name in trunks
        ],
        flows=[{"name": "In", "objects": [
            {"id": "in", "kind": "number", "name": "In", "numbers": [own],
             "outputs": {"next": "user"}},
            {"id": "user", "kind": "user", "name": "User", "user": "1001"},
        ]}],
        webhooks=[{"name": "crm", "url": at.receiver.url("/crm"), "secret_token": "t",
                   "signing_secret": SIGNING, "triggers": ["user_inbound_completed"]}],
    )  # fmt: skip


@asynccontextmanager
async def impostor(authority: Authority, host: str, named: str, place: Path) -> AsyncIterator[int]:
    """A TLS server at `host` whose certificate is for `named`; gives its port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate(authority, named, place))
    server = await asyncio.start_server(_swallow, host, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def _swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Whatever is said to it: it must be nothing."""
    said = await reader.read()
    assert not said, said
    writer.close()


@pytest.fixture(scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    place, root, nobody = tmp_path_factory.mktemp("tls"), Authority(), Authority("nobody")
    (place / "stranger").mkdir()
    async with (
        serving(place / "here", **settings(root, HERE, place)) as here,
        serving(place / "there", **settings(root, THERE, place)) as there,
        impostor(nobody, STRANGER, STRANGER, place / "stranger") as stranger,
        impostor(root, MISNAMED, "192.0.2.1", place) as misnamed,
    ):
        trunks = {"stranger": (STRANGER, stranger), "misnamed": (MISNAMED, misnamed)}
        await here.apply(
            document(
                here, NUMBERS[HERE], {"other": (THERE, there.server.supervisor.ports.tls), **trunks}
            )
        )
        await there.apply(
            document(there, NUMBERS[THERE], {"other": (HERE, here.server.supervisor.ports.tls)})
        )
        sip = there.server.supervisor.ports.sip
        async with (
            here.phone("user") as alice,
            Phone(
                "user", "127.0.0.5", server=(THERE, sip), password=PASSWORD, sound=NOTHING
            ) as bob,
        ):
            for phone in (alice, bob):
                await phone.register()
            yield Pair(here, there, {HERE: alice, THERE: bob})


@pytest.mark.parametrize(("caller", "callee"), [(HERE, THERE), (THERE, HERE)])
async def test_a_call_over_tls_with_srtp(pair: Pair, caller: str, callee: str) -> None:
    pair.phones[callee].on_call = answer_after(0.2)
    call = await pair.phones[caller].call(NUMBERS[callee])
    await call.answered()
    at = pair.here if caller == HERE else pair.there
    channels = await at.engine_says("pjsip show channels")
    assert "trunk-other" in channels
    await call.hang_up()
    to = pair.there if callee == THERE else pair.here
    assert await to.receiver.until(lambda: bool(to.receiver.requests))
    assert to.receiver.requests[-1].event["connected_at"]


@pytest.mark.parametrize(
    ("number", "host", "said"),
    [
        ("0500000001", STRANGER, "The certificate is untrusted"),
        ("0500000002", MISNAMED, "identity"),
    ],
)
async def test_a_wrong_certificate_is_refused_and_the_log_tells(
    pair: Pair, number: str, host: str, said: str
) -> None:
    call = await pair.phones[HERE].call(number)
    with pytest.raises(CallFailed) as why:
        await call.answered()
    assert why.value.status == 503
    log = pair.here.server.supervisor.layout.messages.read_text().splitlines()
    (line,) = [line for line in log if f"to remote '{host}'" in line]
    assert " ERROR" in line
    assert said in line
