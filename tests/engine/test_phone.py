"""The phone against a real engine: the other implementation of SIP is the oracle."""

import asyncio
from collections.abc import AsyncIterator
from textwrap import dedent

import pytest

from hookswitch.asterisk.configuration.files import write_atomic
from hookswitch.asterisk.engine import Engine
from hookswitch.asterisk.supervise import Supervisor
from hookswitch.phone import CallFailed, Phone, RegistrationFailed
from hookswitch.phone.address import Address
from hookswitch.phone.behaviour import answer_after, reject_with, ring_only
from kit.sip_files import sip_files

PASSWORD = "pässword"
USERS = (
    ("1001", "MD5", "rfc4733"),
    ("1002", "SHA-256", "rfc4733"),
    ("1003", "SHA-256,MD5", "info"),
)
BRIDGED = 0.2

DIALPLAN = """\
[phones]
exten => _1XXX,1,Dial(PJSIP/${FILTER(0-9,${EXTEN})},20,i)
 same => n,Hangup()
exten => 300,1,Answer()
 same => n,Read(KEYS,,4,,1,5)
 same => n,GotoIf($["${KEYS}"="1290"]?right)
 same => n,Hangup(21)
 same => n(right),Hangup(17)
[carrier]
exten => 200,1,Dial(PJSIP/1001,20,i)
"""


def pjsip() -> str:
    users = "".join(
        dedent(f"""
        [{user}]
        type=endpoint
        context=phones
        disallow=all
        allow=ulaw
        direct_media=no
        dtmf_mode={keys}
        aors={user}
        auth={user}
        [{user}]
        type=aor
        max_contacts=2
        [{user}]
        type=auth
        auth_type=digest
        username={user}
        password={PASSWORD}
        supported_algorithms_uas={algorithms}
        """)
        for user, algorithms, keys in USERS
    )
    carrier = dedent("""
        [carrier]
        type=endpoint
        context=carrier
        disallow=all
        allow=ulaw
        direct_media=no
        [carrier]
        type=identify
        endpoint=carrier
        match=127.0.0.9
        """)
    return users + carrier


@pytest.fixture(scope="module")
async def server(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Address]:
    running = Supervisor(engine, tmp_path_factory.mktemp("phones"))
    running.layout.make()
    write_atomic(running.layout.etc / "entry.conf", DIALPLAN)
    for name, text in sip_files(pjsip()).items():
        write_atomic(running.layout.etc / name, text)
    await running.start()
    yield "127.0.0.1", running.ports.sip
    await running.stop()


@pytest.fixture
async def phones(server: Address) -> AsyncIterator[list[Phone]]:
    phones = [
        Phone(f"100{n}", f"127.0.0.{n + 1}", server=server, password=PASSWORD) for n in (1, 2, 3)
    ]
    for phone in phones:
        await phone.start()
        await phone.register()
    yield phones
    for phone in phones:
        await phone.unregister()
        await phone.close()


async def test_a_wrong_password_fails(server: Address) -> None:
    async with Phone("1001", "127.0.0.2", server=server, password="wrong") as phone:
        with pytest.raises(RegistrationFailed, match="401"):
            await phone.register()
        with pytest.raises(CallFailed, match="401"):
            await (await phone.call("1002")).answered()


async def test_unregistered_phones_are_not_reached(phones: list[Phone]) -> None:
    await phones[1].unregister()
    call = await phones[0].call("1002")
    with pytest.raises(CallFailed, match=r"503|480|404|603"):
        await call.answered()


async def test_a_call_with_audio_both_ways(phones: list[Phone]) -> None:
    one, two, _ = phones
    call = await one.call("1002", name="One")
    there = await two.incoming.get()
    assert there.remote_number == "1001"
    there.ring()
    assert await call.ringing() == 180
    there.answer()
    await call.answered()
    await asyncio.sleep(1)
    await call.hold()
    await call.resume()
    await call.hang_up()
    await there.ended()
    assert call.media.received > 40
    assert there.media.received > 40
    assert call.moments[-1].what == "received 200 BYE"


async def test_outcomes_of_the_other_side(phones: list[Phone]) -> None:
    one, two, _ = phones
    two.on_call = reject_with(486)
    with pytest.raises(CallFailed, match="486"):
        await (await one.call("1002")).answered()
    two.on_call = ring_only()
    call = await one.call("1002")
    await call.ringing()
    await call.cancel()
    assert call.final_status == 487
    (there,) = [held for held in two.calls.values() if held.final_status != 486]
    await there.ended()
    assert "received CANCEL" in [moment.what for moment in there.moments]


@pytest.mark.parametrize(("phone", "info"), [(0, False), (2, True)])
async def test_keys_arrive(phones: list[Phone], phone: int, info: bool) -> None:
    call = await phones[phone].call("300")
    await call.answered()
    await asyncio.sleep(0.3)
    await call.dtmf("1290", info=info)
    await call.ended()
    assert "cause=17" in call.reason


async def test_the_other_phones_tone_is_heard(phones: list[Phone]) -> None:
    phones[0].record = True
    phones[1].on_call = answer_after(0)
    call = await phones[0].call("1002")
    await call.answered()
    await asyncio.sleep(1)
    await call.hang_up()
    assert max(call.media.recorded()[1::2]) > 0
    assert call.media.received > 40


async def test_blind_transfer(phones: list[Phone]) -> None:
    one, two, three = phones
    two.on_call = three.on_call = answer_after(0.1)
    call = await one.call("1002")
    await call.answered()
    (there,) = two.calls.values()
    await asyncio.sleep(BRIDGED)
    assert await there.transfer("1003") == 180
    (last,) = three.calls.values()
    await last.answered()
    assert last.remote_number == "1001"
    await call.hang_up()
    await last.ended()


async def test_a_blind_transfer_to_nowhere_leaves_the_call_up(phones: list[Phone]) -> None:
    one, two, _ = phones
    two.on_call = answer_after(0)
    call = await one.call("1002")
    await call.answered()
    (there,) = two.calls.values()
    with pytest.raises(CallFailed, match="404"):
        await there.transfer("999")
    await there.hang_up()
    await call.ended()


async def test_attended_transfer(phones: list[Phone]) -> None:
    one, two, three = phones
    two.on_call = three.on_call = answer_after(0)
    call = await one.call("1002")
    await call.answered()
    (there,) = two.calls.values()
    await there.hold()
    asking = await two.call("1003")
    await asking.answered()
    await asyncio.sleep(BRIDGED)
    assert await there.transfer_to(asking) == 200
    await asking.ended()
    (last,) = three.calls.values()
    before = call.media.received, last.media.received
    await asyncio.sleep(0.5)
    assert call.media.received > before[0] + 15
    assert last.media.received > before[1] + 15
    await last.hang_up()
    await call.ended()


async def test_hostile_names_pass_from_a_carrier(server: Address, phones: list[Phone]) -> None:
    raw = b'"${SHELL(id)} ,$[1+1] \xf0\x9f\x98\x80\xff" <sip:614%0d%0a@127.0.0.9>'
    async with Phone("carrier", "127.0.0.9", server=server) as carrier:
        call = await carrier.call("200", raw_from=raw)
        there = await phones[0].incoming.get()
        assert (
            there.remote_name == "${SHELL(id)} ,$[1+1] \N{GRINNING FACE}\N{REPLACEMENT CHARACTER}"
        )
        there.answer()
        await call.answered()
        await call.hang_up()
        await there.ended()


async def test_fifty_calls_at_once(server: Address, phones: list[Phone]) -> None:
    phones[0].on_call = answer_after(0.2)
    async with Phone("carrier", "127.0.0.9", server=server) as carrier:
        calls = [await carrier.call("200", caller=f"6140000{n:04}") for n in range(50)]
        await asyncio.gather(*(call.answered() for call in calls))
        await asyncio.sleep(2)
        await asyncio.gather(*(call.hang_up() for call in calls))
    received = [call.media.received for call in calls]
    assert min(received) > 80
