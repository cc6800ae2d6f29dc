"""A phone and a registrar of a few lines, which checks the digest as a server does."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from hookswitch.phone import CallFailed, Phone, RegistrationFailed
from hookswitch.phone.digest import Credentials, parse_challenge
from hookswitch.phone.endpoint import Endpoint
from hookswitch.phone.message import Request
from hookswitch.phone.transaction import ServerTransaction
from kit.worker import until


class Registrar:
    """Challenges every request; refuses INVITE with 404 once the password is right."""

    def __init__(self) -> None:
        self.endpoint = Endpoint(self)
        self.nonce = 0
        self.stale = 0
        self.refusals = 0
        self.seen: list[str] = []

    def on_request(self, transaction: ServerTransaction) -> None:
        request = transaction.request
        self.seen.append(f"{request.method} {request.get('Expires')}".strip())
        proxy = request.method == "INVITE"
        given = request.get("Proxy-Authorization" if proxy else "Authorization")
        if self.refusals:
            self.refusals -= 1
            transaction.respond(503)
        elif given and not self.stale and self._right(request, given):
            transaction.respond(404 if proxy else 200)
        else:
            self._challenge(transaction, proxy=proxy, given=given)

    def on_ack(self, request: Request) -> None:
        pass

    def _challenge(self, transaction: ServerTransaction, *, proxy: bool, given: str) -> None:
        self.nonce += 1
        value = f'Digest realm="r", nonce="{self.nonce}", qop="auth", algorithm=SHA-256'
        if given and self.stale:
            self.stale -= 1
            value += ", stale=true"
        name = "Proxy-Authenticate" if proxy else "WWW-Authenticate"
        transaction.respond(407 if proxy else 401, [(name, value)])

    def _right(self, request: Request, given: str) -> bool:
        challenge = parse_challenge(given.replace("qop=auth,", 'qop="auth",'))
        cnonce = re.search('cnonce="([^"]*)"', given)
        assert cnonce
        assert challenge.nonce == str(self.nonce)
        right = Credentials("1001", "secret")
        return right.answer(challenge, request.method, request.uri, cnonce[1]) == given


@pytest.fixture
async def registrar() -> AsyncIterator[Registrar]:
    registrar = Registrar()
    await registrar.endpoint.open("127.0.0.1", 0)
    yield registrar
    await registrar.endpoint.close()


@pytest.fixture
async def phone(registrar: Registrar) -> AsyncIterator[Phone]:
    server = registrar.endpoint.address
    async with Phone("1001", server=server, password="secret") as phone:
        yield phone


async def test_register_and_unregister(registrar: Registrar, phone: Phone) -> None:
    await phone.register(300)
    await phone.unregister()
    assert registrar.seen == ["REGISTER 300"] * 2 + ["REGISTER 0"] * 2


async def test_a_registration_is_refreshed_before_it_runs_out(
    registrar: Registrar, phone: Phone
) -> None:
    await phone.register(1)
    await until(lambda: len(registrar.seen) == 4)
    await phone.unregister()
    gone = len(registrar.seen)
    await asyncio.sleep(1)
    assert registrar.seen[:4] == ["REGISTER 1"] * 4
    assert registrar.seen[gone - 2 :] == ["REGISTER 0"] * 2


async def test_a_refused_refresh_is_tried_again(
    registrar: Registrar, phone: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hookswitch.phone.registration.RETRY_AFTER", 0.1)
    await phone.register(1)
    registrar.refusals = 1
    await until(lambda: len(registrar.seen) >= 5)


async def test_a_stale_nonce_is_replaced(registrar: Registrar, phone: Phone) -> None:
    registrar.stale = 1
    await phone.register()
    assert len(registrar.seen) == 3


async def test_an_always_stale_server_is_given_up(registrar: Registrar, phone: Phone) -> None:
    registrar.stale = 99
    with pytest.raises(RegistrationFailed, match="401"):
        await phone.register()
    assert len(registrar.seen) == 3


@pytest.mark.parametrize("password", ["wrong", None])
async def test_a_wrong_or_missing_password(registrar: Registrar, password: str | None) -> None:
    server = registrar.endpoint.address
    async with Phone("1001", server=server, password=password) as phone:
        with pytest.raises(RegistrationFailed, match="401"):
            await phone.register()


async def test_a_challenged_call_is_sent_again(registrar: Registrar, phone: Phone) -> None:
    call = await phone.call("1002")
    with pytest.raises(CallFailed, match="404"):
        await call.answered()
    assert registrar.seen == ["INVITE"] * 2
