"""Trunks that log in, both ways, on real SIP; TCP and sipp as a provider are in test_sipp.py.

Oracle: the provider below, which checks digests by its own arithmetic (RFC 7616), and finds us
again only by the contact that was registered.
"""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.serving import Serving, device, serving

from hookswitch.phone import NOTHING, CallFailed, Phone
from hookswitch.phone.address import parse_address
from hookswitch.phone.behaviour import answer_after
from hookswitch.phone.message import Request
from hookswitch.phone.transaction import ServerTransaction

PROVIDER_HOST, GATEWAY_HOST, PAI_HOST = "127.0.0.21", "127.0.0.22", "127.0.0.23"
ACCOUNT, SECRET = "acc-61300000000", "secret-of-the-provider"
GATEWAY, GATEWAY_SECRET = "gateway", "secret-of-the-gateway"


class Provider(Phone):
    """A phone that is a registrar too, and lets nobody in without the account's password."""

    registered: str = ""
    """The contact that was registered last."""
    refusals: int = 0

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        asks = request.method == "REGISTER" or (
            request.method == "INVITE" and not parse_address(request.get("To")).tag
        )
        if asks and not self._knows(request):
            self.refusals += 1
            is_call = request.method == "INVITE"
            challenge = 'Digest realm="provider", nonce="n0nce", algorithm=MD5, qop="auth"'
            header = "Proxy-Authenticate" if is_call else "WWW-Authenticate"
            transaction.respond(407 if is_call else 401, [(header, challenge)])
        elif request.method == "REGISTER":
            self.registered = parse_address(request.get("Contact")).uri
            contact = ("Contact", f"<{self.registered}>;expires=600")
            transaction.respond(200, [contact, ("Expires", "600")])
        else:
            super().on_request(transaction)

    def _knows(self, request: Request) -> bool:
        text = request.get("Authorization") or request.get("Proxy-Authorization")
        said = dict(re.findall(r'(\w+)="?([^",]*)"?', text or ""))
        if said.get("username") != ACCOUNT or said.get("nonce") != "n0nce":
            return False
        who = _md5(f"{ACCOUNT}:provider:{SECRET}")
        what = _md5(f"{request.method}:{said['uri']}")
        counted = f"{said['nc']}:{said['cnonce']}:{said['qop']}"
        return said["response"] == _md5(f"{who}:n0nce:{counted}:{what}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


@pytest.fixture(scope="module")
async def provider() -> AsyncIterator[Provider]:
    async with Provider("provider", PROVIDER_HOST, sound=NOTHING) as phone:
        yield phone


@pytest.fixture(scope="module")
async def at(
    provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("trunks")) as up:
        await up.apply(up.document(**_sections(provider)))
        async with asyncio.timeout(60):
            while not provider.registered:
                await asyncio.sleep(0.05)
        yield up


def _sections(provider: Provider) -> dict[str, Any]:
    names = {"acc": "0400000001", "pai": "0500000001"}
    return {
        "users": [
            {"name": "Alice", "extension": "1001", "devices": [device("alice")],
             "outbound_caller_id": "+61300000010"},
        ],
        "trunks": [
            {"name": "acc", "host": PROVIDER_HOST, "port": provider.address[1],
             "username": ACCOUNT, "password": SECRET, "registers": True,
             "registered_number": "61300000000"},
            {"name": "gw", "host": GATEWAY_HOST, "inbound_username": GATEWAY,
             "inbound_password": GATEWAY_SECRET},
            {"name": "pai", "host": PAI_HOST, "caller_id_in": "pai"},
        ],
        "routes": [
            {"name": name, "patterns": [number], "trunks": [name]} for name, number in names.items()
        ],
        "flows": [{"name": "In", "objects": [
            {"id": "in", "kind": "number", "name": "In", "numbers": ["61300000000"],
             "outputs": {"next": "alice"}},
            {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
        ]}],
    }  # fmt: skip


@pytest.fixture
async def alice(at: Serving) -> AsyncIterator[Phone]:
    async with at.phone("alice") as phone:
        await phone.register()
        yield phone


async def test_we_register_by_digest(at: Serving, provider: Provider) -> None:
    assert provider.refusals >= 1
    assert provider.registered.startswith(f"sip:61300000000@127.0.0.1:{at.sip[1]}")
    async with asyncio.timeout(60):
        while "Registered" not in await at.engine_says("pjsip show registrations"):
            await asyncio.sleep(0.05)


async def test_the_providers_calls_are_known_by_what_was_registered(
    at: Serving, alice: Phone, provider: Provider
) -> None:
    """They come from an address that no trunk has."""
    alice.on_call = answer_after(0.1)
    async with Phone("proxy", "127.0.0.24", server=at.sip, sound=NOTHING) as proxy:
        there = provider.registered.encode()
        assert b";line=" in there
        call = await proxy.call("61300000000", caller="61400000001", raw_uri=there)
        await call.answered()
        await call.hang_up()
        stranger = await proxy.call("61300000000", caller="61400000001")
        with pytest.raises(CallFailed) as why:
            await stranger.answered()
        assert why.value.status == 401


async def test_a_call_to_the_provider_logs_in(alice: Phone, provider: Provider) -> None:
    refused = provider.refusals
    call = await alice.call("0400000001")
    offered = await asyncio.wait_for(provider.incoming.get(), 60)
    assert provider.refusals > refused
    assert (offered.dialled, offered.remote_number) == ("0400000001", "+61300000010")
    offered.answer()
    await call.answered()
    await call.hang_up()


async def test_a_gateway_must_log_in(at: Serving, alice: Phone) -> None:
    alice.on_call = answer_after(0.1)
    async with Phone(GATEWAY, GATEWAY_HOST, server=at.sip, password=GATEWAY_SECRET) as gateway:
        call = await gateway.call("61300000000")
        await call.answered()
        await call.hang_up()
    async with Phone(GATEWAY, GATEWAY_HOST, server=at.sip, password="wrong") as stranger:
        call = await stranger.call("61300000000")
        with pytest.raises(CallFailed) as why:
            await call.answered()
        assert why.value.status in {401, 403}


async def test_the_number_in_p_asserted_identity_counts(at: Serving, alice: Phone) -> None:
    async with Phone("gateway", PAI_HOST, server=at.sip, sound=NOTHING) as gateway:
        asserted = {"P-Asserted-Identity": '"Jane" <sip:61400000009@127.0.0.23>'}
        call = await gateway.call("61300000000", caller="other", headers=asserted)
        offered = await asyncio.wait_for(alice.incoming.get(), 60)
        assert offered.remote_number == "61400000009"
        await call.hang_up()
