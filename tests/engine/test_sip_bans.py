"""Guessing SIP passwords: the address is refused, everybody else and every call go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import structlog
from click.testing import CliRunner, Result
from support.login import attempt
from support.office import office as an_office
from support.office import talking
from support.serving import Serving, serving

from hookswitch.app.cli import main
from hookswitch.asterisk.engine import Engine
from hookswitch.phone import NOTHING, Phone
from hookswitch.phone.errors import RegistrationFailed

FAILURES = 5
GUESSER, TRUSTED, SECOND, THIRD = "127.0.0.5", "127.0.66.1", "127.0.0.7", "127.0.0.8"
BYSTANDER = "127.0.0.11"
RULES = {"sip_ban_failures": FAILURES, "sip_ban_exempt": ["127.0.66.0/24"]}


@pytest.fixture(scope="module")
async def at(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    assert engine.version
    async with an_office(tmp_path_factory.mktemp("bans"), **RULES) as serving_:
        yield serving_


@pytest.fixture(autouse=True)
async def nobody_is_banned(at: Serving) -> AsyncIterator[None]:
    yield
    for ban in at.server.bans.all:
        at.server.bans.remove(ban.address)


async def until_banned(at: Serving, address: str) -> None:
    """Attempts are answered 401 until one is refused with 403."""
    async with asyncio.timeout(60):
        statuses = [await attempt(address, at.sip) for _ in range(FAILURES)]
        while await attempt(address, at.sip) != 403:
            await asyncio.sleep(0.02)
    assert statuses[: FAILURES - 1] == [401] * (FAILURES - 1)


async def test_a_guesser_is_banned_and_a_call_goes_on(at: Serving) -> None:
    call = await talking(at)
    await until_banned(at, GUESSER)
    (ban,) = at.server.bans.all
    assert (ban.address, ban.failures, ban.account) == (GUESSER, FAILURES, "nobody")
    assert await attempt(BYSTANDER, at.sip) == 401
    await (await talking(at)).hang_up()
    await call.hang_up()
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{at.server.web.url}/metrics") as answer,
    ):
        assert "hookswitch_sip_banned_addresses 1.0" in await answer.text()

    async with asyncio.timeout(60):
        while not (told := await at.server.store.audit(before=None, limit=1)):
            await asyncio.sleep(0.02)
    assert [(one.what, one.target) for one in told] == [("sip ban", GUESSER)]
    listed = await command(at, "list", "--json")
    assert [ban["address"] for ban in json.loads(listed.stdout)] == [GUESSER]
    assert GUESSER in (await command(at, "list")).stdout
    assert (await command(at, "remove", GUESSER)).exit_code == 0
    async with asyncio.timeout(60):
        while await attempt(GUESSER, at.sip) != 401:
            await asyncio.sleep(0.02)
    again = await command(at, "remove", GUESSER)
    assert (again.exit_code, "is not banned" in again.stderr) == (1, True)


async def command(at: Serving, *words: str) -> Result:
    args = ["bans", *words, "--data-dir", str(at.server.data.path)]
    with structlog.testing.capture_logs():
        return await asyncio.to_thread(CliRunner().invoke, main, args)


async def test_wrong_passwords_count_and_right_ones_clear(at: Serving) -> None:
    wrong = {"server": at.sip, "sound": NOTHING}
    async with (
        Phone("alice", SECOND, password="not-the-password", **wrong) as guessing,
        Phone("alice", SECOND, password="a-password-of-tests", **wrong) as owner,
    ):
        for _ in range(FAILURES - 1):
            with pytest.raises(RegistrationFailed):
                await guessing.register()
        await owner.register()
        async with asyncio.timeout(60):
            while SECOND in at.server.bans._failures:
                await asyncio.sleep(0.02)
        for _ in range(FAILURES):
            with pytest.raises(RegistrationFailed):
                await guessing.register()
    async with asyncio.timeout(60):
        while [ban.address for ban in at.server.bans.all] != [SECOND]:
            await asyncio.sleep(0.02)
    at.server.bans.remove(SECOND)


async def test_trunks_this_machine_and_exempt_networks_are_never_banned(at: Serving) -> None:
    for address in (at.carrier.address[0], "127.0.0.1", TRUSTED):
        before = at.server.bans.failed_logins
        for _ in range(2 * FAILURES):
            assert await attempt(address, at.sip) != 0
        if address != at.carrier.address[0]:  # a trunk is known by its address, not its account
            async with asyncio.timeout(60):
                while at.server.bans.failed_logins < before + 2 * FAILURES:
                    await asyncio.sleep(0.02)
    assert at.server.bans.all == []


async def test_nobody_is_banned_in_anothers_name(at: Serving) -> None:
    """The account's name may hold line ends, and so header lines of the manager's stream."""
    before = at.server.bans.failed_logins
    for _ in range(2 * FAILURES):
        forged = "%0d%0aRemoteAddress%3aA%2fA%2f127.0.0.4%2f1"
        assert await attempt(THIRD, at.sip, f"a{forged}") == 401
        assert (
            await attempt(
                THIRD, at.sip, "%0d%0a%0d%0aEvent%3a InvalidAccountID".replace(" ", "%20")
            )
            == 401
        )
    assert await attempt(BYSTANDER, at.sip) == 401
    async with asyncio.timeout(60):
        while at.server.bans.failed_logins == before:
            await asyncio.sleep(0.02)
    assert at.server.bans.failed_logins == before + 1
    assert at.server.bans.all == []


@pytest.mark.usefixtures("engine")
async def test_a_ban_outlives_restarts_of_both(data: Path) -> None:
    async with an_office(data, **RULES) as first:
        await until_banned(first, GUESSER)
    async with serving(data, **RULES) as second:
        assert [ban.address for ban in second.server.bans.all] == [GUESSER]
        assert await attempt(GUESSER, second.sip) == 403
