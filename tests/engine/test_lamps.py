"""Lamps of phones: one subscribes to extensions and slots (RFC 4235) and sees how they are.

Oracle: the bodies of the NOTIFY requests, read here with the library's own XML parser.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from support.serving import PASSWORD, Serving, device, serving
from support.transfers import transferred

from hookswitch.phone import NOTHING, Phone
from hookswitch.phone.address import parse_address
from hookswitch.phone.behaviour import answer_after, ring_only
from hookswitch.phone.digest import Credentials
from hookswitch.phone.exchange import exchange
from hookswitch.phone.message import Request
from hookswitch.phone.transaction import ServerTransaction

DIALOG = "{urn:ietf:params:xml:ns:dialog-info}"
NUMBER = "61300000000"
FREE, RINGING, BUSY = "terminated", "early", "confirmed"


class DeskPhone(Phone):
    """Its `lamps` are what it was told last of whom it watches."""

    def __init__(self, user: str, at: Serving) -> None:
        super().__init__(user, server=at.sip, password=PASSWORD, sound=NOTHING)
        self.at = at
        self.lamps: dict[str, list[str]] = {}

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        if request.method != "NOTIFY" or request.get("Event").partition(";")[0] != "dialog":
            super().on_request(transaction)
            return
        transaction.respond(200)
        if request.body:
            whom, state = shown(request.body)
            self.lamps.setdefault(whom, []).append(state)

    async def watch(self, whom: str) -> int:
        """Subscribe to the dialogs of an extension; gives the status of the answer."""
        host, port = self.at.sip
        uri = f"sip:{whom}@{host}:{port}"
        request = Request("SUBSCRIBE", uri)
        request.headers = [
            ("Via", self.endpoint.via()),
            ("Max-Forwards", "70"),
            ("From", f"<sip:{self.user}@{host}:{port}>;tag={secrets.token_hex(6)}"),
            ("To", f"<{uri}>"),
            ("Call-ID", secrets.token_hex(10)),
            ("CSeq", "1 SUBSCRIBE"),
            ("Contact", f"<{self.contact}>"),
            ("Event", "dialog"),
            ("Accept", "application/dialog-info+xml"),
            ("Expires", "300"),
        ]
        login = Credentials(self.user, PASSWORD)
        _, answer = await exchange(self.endpoint, login, request, self.at.sip)
        return answer.status

    async def until(self, whom: str, state: str) -> None:
        """Wait until the lamp shows this."""
        async with asyncio.timeout(60):
            while self.lamps.get(whom, [""])[-1] != state:
                await asyncio.sleep(0.02)


def shown(body: bytes) -> tuple[str, str]:
    """The extension and the state that a dialog-info document tells of."""
    document = ET.fromstring(body)
    state = document.findtext(f"{DIALOG}dialog/{DIALOG}state") or ""
    return parse_address(f"<{document.attrib['entity']}>").uri.partition("@")[0][4:], state


def document(at: Serving, *alices: str) -> str:
    users = [
        {"name": name, "extension": extension, "devices": [device(each) for each in devices]}
        for extension, name, devices in (
            ("1001", "Alice", alices or ("alice",)),
            ("1002", "Bob", ("bob",)),
        )
    ]
    objects: list[dict[str, Any]] = [
        {"id": "in", "kind": "number", "name": "In", "numbers": [NUMBER],
         "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001"},
    ]  # fmt: skip
    return at.document(users=users, flows=[{"name": "F", "objects": objects}])


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("lamps")) as up:
        await up.apply(document(up))
        yield up


@pytest.fixture
async def alice(at: Serving) -> AsyncIterator[Phone]:
    async with at.phone("alice") as phone:
        await phone.register()
        yield phone


@pytest.fixture
async def bob(at: Serving) -> AsyncIterator[DeskPhone]:
    async with DeskPhone("bob", at) as phone:
        await phone.register()
        yield phone


async def test_a_lamp_shows_ringing_busy_and_free(
    at: Serving, alice: Phone, bob: DeskPhone
) -> None:
    alice.on_call = answer_after(1)
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    call = await at.carrier.call(NUMBER, caller="61400000001")
    await bob.until("1001", RINGING)
    await call.answered()
    await bob.until("1001", BUSY)
    await call.hang_up()
    await bob.until("1001", FREE)
    assert list(dict.fromkeys(bob.lamps["1001"])) == [FREE, RINGING, BUSY]


async def test_a_lamp_shows_who_calls_himself(alice: Phone, bob: DeskPhone) -> None:
    bob.on_call = ring_only()
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    call = await alice.call("1002")
    await call.ringing()
    await bob.until("1001", BUSY)
    await call.hang_up()
    await bob.until("1001", FREE)


async def test_a_lamp_shows_do_not_disturb(alice: Phone, bob: DeskPhone) -> None:
    assert await bob.watch("1001") == 200
    for code, state in (("*78", BUSY), ("*79", FREE)):
        call = await alice.call(code)
        await call.answered()
        await call.hang_up()
        await bob.until("1001", state)


async def test_a_lamp_goes_on_through_an_apply(at: Serving, alice: Phone, bob: DeskPhone) -> None:
    alice.on_call = ring_only()
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    await at.apply(document(at))
    call = await at.carrier.call(NUMBER, caller="61400000002")
    await bob.until("1001", RINGING)
    await call.hang_up()
    await bob.until("1001", FREE)


async def test_a_lamp_shows_a_taken_slot(at: Serving, alice: Phone, bob: DeskPhone) -> None:
    alice.on_call = None
    assert await bob.watch("701") == 200
    await bob.until("701", FREE)
    call = await at.carrier.call(NUMBER, caller="61400000003")
    taken = await asyncio.wait_for(alice.incoming.get(), 60)
    taken.answer()
    await call.answered()
    await transferred(taken, "701")
    await bob.until("701", BUSY)
    back = await bob.call("701")
    await back.answered()
    await bob.until("701", FREE)
    await back.hang_up()
    await call.ended()


async def test_nobody_watches_what_is_no_extension_or_without_a_password(
    at: Serving, bob: DeskPhone
) -> None:
    assert await bob.watch("1009") == 404
    async with DeskPhone("mallory", at) as stranger:
        assert await stranger.watch("1001") in {401, 403}
        assert stranger.lamps == {}


async def test_a_lamp_follows_a_user_to_another_device(at: Serving, bob: DeskPhone) -> None:
    """Either of two, of which neither was there when the phone subscribed."""
    assert await bob.watch("1001") == 200
    await bob.until("1001", FREE)
    await at.apply(document(at, "a.1", "a.2"))
    async with at.phone("a.2") as phone:
        phone.on_call = ring_only()
        await phone.register()
        call = await at.carrier.call(NUMBER, caller="61400000004")
        await bob.until("1001", RINGING)
        await call.hang_up()
        await bob.until("1001", FREE)
