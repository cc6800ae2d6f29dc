"""Datagrams get lost: both sides repeat what has no answer (and only that)."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import pytest

from hookswitch.phone import CallFailed, CallState, Phone
from hookswitch.phone.address import Address
from hookswitch.phone.behaviour import answer_after, reject_with
from kit.worker import until

Lose = Callable[[bytes], bool]


class Lossy:
    """A datagram transport that loses what it is told to, and remembers first lines."""

    def __init__(self, transport: asyncio.DatagramTransport, lose: Lose) -> None:
        self.transport = transport
        self.lose = lose
        self.sent: list[str] = []

    def sendto(self, data: bytes, address: Address) -> None:
        self.sent.append(" ".join(data.split(b"\r\n")[0].decode().split(" ")[:2]))
        if not self.lose(data):
            self.transport.sendto(data, address)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.transport, name)


def wire(phone: Phone, lose: Lose = lambda _: False) -> Lossy:
    assert phone.endpoint.transport
    lossy = Lossy(phone.endpoint.transport, lose)
    phone.endpoint.transport = cast("asyncio.DatagramTransport", lossy)
    return lossy


def first(start: bytes, times: int = 1) -> Lose:
    """Lose the first datagrams that begin so."""
    left = [times]

    def lose(data: bytes) -> bool:
        if data.startswith(start) and left[0]:
            left[0] -= 1
            return True
        return False

    return lose


@pytest.fixture
async def pair() -> AsyncIterator[tuple[Phone, Phone]]:
    async with Phone("1001") as alice, Phone("1002", on_call=answer_after(0, ring=None)) as bob:
        yield alice, bob


async def test_a_lost_invite_is_sent_again(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    sent = wire(alice, first(b"INVITE", 2)).sent
    call = await alice.call(bob.contact)
    await call.answered()
    assert sum(line.startswith("INVITE") for line in sent) == 3


async def test_a_lost_answer_is_sent_again(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    there, here = wire(bob, first(b"SIP/2.0 200")), wire(alice)
    call = await alice.call(bob.contact)
    await call.answered()
    await until(lambda: any(line.startswith("ACK") for line in here.sent))
    assert there.sent.count("SIP/2.0 200") >= 2
    assert len(bob.calls) == 1
    await asyncio.sleep(0.3)  # the request, too, was sent again
    seen = len(here.sent) + len(there.sent)
    await asyncio.sleep(1.2)
    assert len(here.sent) + len(there.sent) == seen


async def test_a_lost_ack_is_made_good(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    sent, here = wire(bob).sent, wire(alice, first(b"ACK"))
    call = await alice.call(bob.contact)
    await call.answered()
    await until(lambda: sum(line.startswith("ACK") for line in here.sent) == 2)
    assert sent.count("SIP/2.0 200") == 2
    await call.hang_up()


async def test_a_lost_ack_of_a_refusal_is_made_good(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    bob.on_call = reject_with(486)
    sent = wire(bob).sent
    wire(alice, first(b"ACK"))
    call = await alice.call(bob.contact)
    with pytest.raises(CallFailed, match="486"):
        await call.answered()
    await until(lambda: sent.count("SIP/2.0 486") == 2)
    await asyncio.sleep(1.2)
    assert sent.count("SIP/2.0 486") == 2


async def test_a_lost_bye_and_its_lost_answer(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    call = await alice.call(bob.contact)
    await call.answered()
    (there,) = bob.calls.values()
    wire(alice, first(b"BYE"))
    sent = wire(bob, first(b"SIP/2.0 200")).sent
    await call.hang_up()
    await there.ended()
    assert [moment.what for moment in call.moments[-2:]] == ["sent BYE", "received 200 BYE"]
    assert sent.count("SIP/2.0 200") == 2
    assert [moment.what for moment in there.moments].count("received BYE") == 1


async def test_every_third_datagram_lost_both_ways(pair: tuple[Phone, Phone]) -> None:
    alice, bob = pair
    counts = [0]

    def lose(_: bytes) -> bool:
        counts[0] += 1
        return counts[0] % 3 == 0

    wire(alice, lose)
    wire(bob, lose)
    calls = [await alice.call(bob.contact) for _ in range(5)]
    await asyncio.gather(*(call.answered() for call in calls))
    await asyncio.gather(*(call.hang_up(60) for call in calls))
    assert all(call.moment("received 200 BYE") for call in calls)
    assert all(call.state is CallState.ENDED for call in bob.calls.values())
