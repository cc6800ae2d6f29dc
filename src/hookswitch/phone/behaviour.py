"""What a phone does with an incoming call, for `Phone(on_call=...)`.

A behaviour ends quietly when the call is over before it is done.
"""

from hookswitch.phone.call import Call
from hookswitch.phone.errors import PhoneTimeoutError
from hookswitch.phone.phone import Behaviour


async def alive_after(call: Call, seconds: float) -> bool:
    """Wait, and tell whether the call is still there."""
    try:
        await call.ended(timeout=seconds)
    except PhoneTimeoutError:
        return True
    return False


def answer_after(
    seconds: float = 0.0,
    *,
    ring: int | None = 180,
    hang_up_after: float | None = None,
) -> Behaviour:
    """Ring, answer so many seconds later, and hang up so many seconds after that."""

    async def behave(call: Call) -> None:
        if ring:
            call.ring(ring)
        if seconds and not await alive_after(call, seconds):
            return
        call.answer()
        if hang_up_after is not None and await alive_after(call, hang_up_after):
            await call.hang_up()

    return behave


def ring_only(status: int = 180) -> Behaviour:
    """Ring and never answer."""

    async def behave(call: Call) -> None:
        call.ring(status)

    return behave


def reject_with(status: int = 486) -> Behaviour:
    """Refuse at once."""

    async def behave(call: Call) -> None:
        call.reject(status)

    return behave


def ring_then_reject(status: int = 603, *, after: float = 1.0, ring: int = 180) -> Behaviour:
    """Ring for a while, then refuse."""

    async def behave(call: Call) -> None:
        call.ring(ring)
        if await alive_after(call, after):
            call.reject(status)

    return behave


def redirect_to(uri: str) -> Behaviour:
    """Answer 302 with another address."""

    async def behave(call: Call) -> None:
        call.redirect(uri)

    return behave


def dead() -> Behaviour:
    """Answer nothing; `phone.deaf = True` also leaves OPTIONS unanswered."""

    async def behave(call: Call) -> None:
        call.ignore()

    return behave


def hang_up_after(seconds: float) -> Behaviour:
    """Hang up so many seconds from now, or decline if it is not answered by then."""

    async def behave(call: Call) -> None:
        if await alive_after(call, seconds):
            await call.hang_up()

    return behave


def one_after_another(*behaviours: Behaviour) -> Behaviour:
    """Do each in turn: `one_after_another(answer_after(2), hang_up_after(5))`."""

    async def behave(call: Call) -> None:
        for behaviour in behaviours:
            await behaviour(call)

    return behave


def by_turns(*behaviours: Behaviour) -> Behaviour:
    """Take the first call by the first, the second by the second, and so on in a ring."""
    turn = 0

    async def behave(call: Call) -> None:
        nonlocal turn
        behaviour = behaviours[turn % len(behaviours)]
        turn += 1
        await behaviour(call)

    return behave
