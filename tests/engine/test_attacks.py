"""What strangers try against the phone side, each by an attempt on the running product.

REFER from a trunk, 302 and second destinations in a dialled number are rows of scenarios.yaml;
guessing passwords is in test_sip_bans.py.
"""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.login import attempt
from support.office import EVENTS, NUMBER, office, talking
from support.serving import PASSWORD, Serving

from hookswitch.asterisk.engine import Engine
from hookswitch.phone import NOTHING, CallFailed, Phone
from hookswitch.phone.errors import RegistrationFailed

STRANGER = "127.0.0.12"
CODES = ("*97", "*8", "700", "701", "*281")
EXTENSIONS = ("1001", "hs-dev", "s", "h", "i", "t")
INJECTED = (
    "1001&PJSIP%2Falice", "1001,60,g", "1001%26PJSIP%2Falice", "%24%7BSHELL(id)%7D",
    "%24%7BEVAL(x)%7D", "61300000009%40hs-from-user", "_X.", "s,1", "a%0d%0ab", ".", "+",
)  # fmt: skip

REFUSED = {400, 403, 404, 416, 484}


@pytest.fixture(scope="module")
async def at(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    assert engine.version
    async with office(tmp_path_factory.mktemp("attacks"), sip_ban_failures=0) as serving:
        yield serving


async def status_of(phone: Phone, number: str, **how: Any) -> int | None:
    call = await phone.call(number, **how)
    with pytest.raises(CallFailed):
        await call.answered()
    return call.final_status


def nothing_arrived(at: Serving) -> bool:
    return not at.receiver.requests and not [c for c in at.server.line.open_calls if c.arrived]


@pytest.fixture(autouse=True)
def fresh(at: Serving) -> None:
    at.receiver.requests.clear()


@pytest.mark.parametrize("number", [NUMBER, "1001", "*97", "anonymous", "trunk-carrier"])
@pytest.mark.parametrize("caller", ["anonymous", "61400000001", "alice", "trunk-carrier"])
async def test_a_stranger_calls_nobody(at: Serving, number: str, caller: str) -> None:
    """Whoever he says he is: a device's name asks for its password, a trunk's name is nothing."""
    async with Phone(caller, STRANGER, server=at.sip, sound=NOTHING) as stranger:
        assert await status_of(stranger, number) == 401
    assert nothing_arrived(at)


async def test_a_trunk_is_known_by_its_address_alone(at: Serving) -> None:
    """Another address with the trunk's own words is a stranger; the trunk itself needs none."""
    host, port = at.carrier.address
    said = f"<sip:61400000001@{host}:{port}>".encode()
    async with Phone("carrier", STRANGER, server=at.sip, sound=NOTHING) as stranger:
        assert await status_of(stranger, NUMBER, raw_from=said) == 401
    call = await talking(at)
    await call.hang_up()
    assert await at.receiver.until(lambda: len(at.receiver.requests) == len(EVENTS))


@pytest.mark.parametrize("number", [*CODES, *EXTENSIONS, "61400000009", "0011442071234567"])
async def test_from_a_trunk_only_its_numbers_are_reached(at: Serving, number: str) -> None:
    """No voicemail, no feature code, no extension, no context of ours, no call out."""
    assert await status_of(at.carrier, number) in {403, 404, 484}
    assert nothing_arrived(at)


@pytest.mark.parametrize("number", INJECTED)
async def test_a_dialled_number_is_no_program(at: Serving, number: str) -> None:
    host, port = at.sip
    uri = f"sip:{number}@{host}:{port}".encode()
    assert await status_of(at.carrier, NUMBER, raw_uri=uri) in REFUSED
    async with at.phone("alice") as inside:
        assert await status_of(inside, NUMBER, raw_uri=uri) in REFUSED
    assert nothing_arrived(at)


@pytest.mark.parametrize("account", ["alice", "trunk-carrier", "nobody", "1001", "hs-dev"])
async def test_nobody_registers_without_the_password(at: Serving, account: str) -> None:
    """The same answer for accounts there are and accounts there are not."""
    assert await attempt(STRANGER, at.sip, account) == 401
    async with Phone(account, STRANGER, server=at.sip, password="x" + PASSWORD) as stranger:
        with pytest.raises(RegistrationFailed) as refused:
            await stranger.register()
    assert refused.value.status == 401


async def test_a_trunk_registers_nothing(at: Serving) -> None:
    """Its address is no account: it cannot take a phone's calls."""
    async with Phone("alice", at.carrier.address[0], server=at.sip, password=PASSWORD) as thief:
        with pytest.raises(RegistrationFailed):
            await thief.register()
    call = await talking(at)
    await call.hang_up()
