"""Ways in which a recorded call gets another voice, each played with real phones.

The voices count their RTP packets so that each who comes later seems late to the engine's decoder,
which would leave them out: 32,768 or fewer before the one it heard last.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from support.serving import Serving
from support.transfers import transferred

from hookswitch.phone import Call, tone
from hookswitch.phone.phone import Behaviour
from hookswitch.phone.sdp import ULAW

CALLER, A, B, C = 500, 800, 1100, 1400
"""The tones of the voices; A's phone is the first in the call, B's and C's come later."""
FIRST_NUMBER: Final = {CALLER: 100, A: 60_000, B: 40_000, C: 20_000}
TALK_S = 1.5
ANY_SLOT, NEXT_SLOT, SLOT = "700", "701", "705"


class Phones:
    """What a way has: a number, its users' phones, and the caller."""

    def __init__(self, office: Serving, place: int, codec: int = ULAW) -> None:
        self.office = office
        self.place = place
        self.number = f"613000000{place:02}"
        self.caller = f"614000000{place:02}"
        self.calls: list[Call] = []
        self._phones = {h: office.phone(self.user(h), tone(h)) for h in (A, B, C)}
        for phone in self._phones.values():
            phone.codec = codec
        self._taken: dict[int, asyncio.Queue[Call]] = {h: asyncio.Queue() for h in (A, B, C)}

    def user(self, hertz: int) -> str:
        return f"{(A, B, C).index(hertz) + 1}{self.place:02}0"

    async def start(self) -> None:
        for hertz, phone in self._phones.items():
            await phone.start()
            phone.on_call = self._taking(hertz)
            await phone.register()

    async def close(self) -> None:
        for phone in self._phones.values():
            await phone.close()

    def does(self, hertz: int, behaviour: Behaviour) -> None:
        self._phones[hertz].on_call = behaviour

    async def taken(self, hertz: int) -> Call:
        """The next call that this phone has answered."""
        return await self._taken[hertz].get()

    def _taking(self, hertz: int) -> Behaviour:
        async def behave(call: Call) -> None:
            call.ring()
            await self.take(call, hertz)

        return behave

    async def take(self, call: Call, hertz: int) -> None:
        _number(call, hertz)
        call.answer()
        self._taken[hertz].put_nowait(call)
        await call.ended()

    async def begin(self) -> tuple[Call, Call]:
        """The caller has talked with A; gives the call at both ends."""
        carrier = self.office.carrier
        call = await carrier.call(self.number, caller=self.caller, sound=tone(CALLER))
        _number(call, CALLER)
        self.calls.append(call)
        first = await self.taken(A)
        await _talk(first)
        return call, first

    async def call(self, hertz: int, whom: str) -> Call:
        call = await self._phones[hertz].call(whom, sound=tone(hertz))
        _number(call, hertz)
        return call

    async def consult(self, hertz: int, whom: int) -> tuple[Call, Call]:
        """A phone has called another; gives the call at both ends."""
        call = await self.call(hertz, self.user(whom))
        await call.answered()
        return call, await self.taken(whom)


def _number(call: Call, hertz: int) -> None:
    call.media.sequence = FIRST_NUMBER[hertz]


async def _talk(call: Call) -> None:
    """Until this phone has heard another one for a while."""
    enough = call.media.received + TALK_S * 50
    async with asyncio.timeout(20):
        while call.media.received < enough:
            await asyncio.sleep(0.05)


async def attended(phones: Phones) -> None:
    call, first = await phones.begin()
    await first.hold()
    consultation, of_b = await phones.consult(A, B)
    await first.transfer_to(consultation)
    await _talk(of_b)
    await call.hang_up()


async def by_the_consultation(phones: Phones) -> None:
    call, first = await phones.begin()
    consultation, of_b = await phones.consult(A, B)
    await consultation.transfer_to(first)
    await _talk(of_b)
    await call.hang_up()


async def twice(phones: Phones) -> None:
    """A hands over to B, who hands over to C."""
    call, first = await phones.begin()
    consultation, of_b = await phones.consult(A, B)
    await first.transfer_to(consultation)
    await _talk(of_b)
    consultation, of_c = await phones.consult(B, C)
    await of_b.transfer_to(consultation)
    await _talk(of_c)
    await call.hang_up()


async def while_it_rings(phones: Phones) -> None:
    """A hands over before B has answered."""
    handed = asyncio.Event()

    async def ring(call: Call) -> None:
        call.ring()
        await handed.wait()
        await phones.take(call, B)

    phones.does(B, ring)
    call, first = await phones.begin()
    consultation = await phones.call(A, phones.user(B))
    await consultation.ringing()
    await first.transfer_to(consultation)
    handed.set()
    await _talk(await phones.taken(B))
    await call.hang_up()


async def to_a_silent_caller(phones: Phones) -> None:
    """The caller's phone sends nothing at all while the call is handed over."""
    call, first = await phones.begin()
    call.media.sending = False
    consultation, _ = await phones.consult(A, B)
    await first.transfer_to(consultation)
    await _talk(call)
    await call.hang_up()


async def of_the_consulted(phones: Phones) -> None:
    """B's own calls are recorded: first A is in it, then the caller."""
    call, first = await phones.begin()
    consultation, of_b = await phones.consult(A, B)
    await _talk(of_b)
    await first.transfer_to(consultation)
    await _talk(of_b)
    await call.hang_up()


async def of_who_is_called(phones: Phones) -> None:
    """B's own calls are recorded: A calls B, and hands B over to C."""
    first, of_b = await phones.consult(A, B)
    await _talk(of_b)
    consultation, _ = await phones.consult(A, C)
    await first.transfer_to(consultation)
    await _talk(of_b)
    await of_b.hang_up()


async def blind(phones: Phones) -> None:
    call, first = await phones.begin()
    await transferred(first, phones.user(B))
    await _talk(await phones.taken(B))
    await call.hang_up()


async def parked(phones: Phones) -> None:
    """A parks the call by a transfer, B fetches it."""
    call, first = await phones.begin()
    await transferred(first, SLOT)
    await _talk(await _fetched(phones, SLOT))
    await call.hang_up()


async def parked_in_person(phones: Phones) -> None:
    """A parks himself, and hands the call over to where he is; B fetches it."""
    call, first = await phones.begin()
    consultation = await phones.call(A, ANY_SLOT)
    await consultation.answered()
    await first.transfer_to(consultation)
    await _talk(await _fetched(phones, NEXT_SLOT))
    await call.hang_up()


async def _fetched(phones: Phones, slot: str) -> Call:
    parked = re.compile(rf"Space +: +{slot}\b")
    async with asyncio.timeout(10):
        while not parked.search(await phones.office.engine_says("parking show default")):
            await asyncio.sleep(0.05)
    fetched = await phones.call(B, slot)
    await fetched.answered()
    return fetched


async def picked_up(phones: Phones) -> None:
    """A has hung up, a queue follows, and C picks up what rings at B's."""
    rings = asyncio.Event()

    async def ring(call: Call) -> None:
        call.ring()
        rings.set()
        await call.ended()

    phones.does(B, ring)
    call, first = await phones.begin()
    await first.hang_up()
    await rings.wait()
    picking = await phones.call(C, f"**{phones.user(B)}")
    await picking.answered()
    await _talk(picking)
    await call.hang_up()


async def next_in_the_flow(phones: Phones) -> None:
    """A has hung up, a queue follows, whose agent is B."""
    call, first = await phones.begin()
    await first.hang_up()
    await _talk(await phones.taken(B))
    await call.hang_up()


WAYS: Final[dict[str, tuple[Callable[[Phones], Awaitable[None]], Sequence[int]]]] = {
    "attended": (attended, (CALLER, A, B)),
    "by the consultation": (by_the_consultation, (CALLER, A, B)),
    "twice": (twice, (CALLER, A, B, C)),
    "while it rings": (while_it_rings, (CALLER, A, B)),
    "to a silent caller": (to_a_silent_caller, (CALLER, A, B)),
    "of the consulted": (of_the_consulted, (CALLER, A, B)),
    "of who is called": (of_who_is_called, (A, B, C)),
    "blind": (blind, (CALLER, A, B)),
    "parked": (parked, (CALLER, A, B)),
    "parked in person": (parked_in_person, (CALLER, A, B)),
    "picked up": (picked_up, (CALLER, A, C)),
    "next in the flow": (next_in_the_flow, (CALLER, A, B)),
}
OWN = ("of the consulted", "of who is called")
"""The ways in which it is B's calls that are recorded, not the number's."""
