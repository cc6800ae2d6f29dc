"""Plays rows on real phones and keeps what happened."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from aiohttp import ClientSession
from msgspec import Struct, field
from msgspec.structs import replace
from support.apart import Apart, apart
from support.audio import Audio, fetch, links_of, received, wav
from support.clicks import click
from support.lateness import Gate, lateness
from support.receiver import Request
from support.serving import Serving
from support.site import Place, document
from support.table import Aside, Caller, Expected, raw_bytes

from hookswitch.model.events import Event
from hookswitch.model.ids import CallId
from hookswitch.phone import (
    NOTHING,
    Behaviour,
    Call,
    CallFailed,
    Phone,
    PhoneError,
    Sound,
    behaviour,
    tone,
)
from hookswitch.store.rows import DeliveryFilter, DeliveryRow

AT_ONCE = 12
PATIENCE = 60.0
QUIET = 1.0
POLL = 0.02
HEARD_S = 0.8
HEARD_WITHIN = 30.0
LISTEN = 0.2
FRAME_S = 0.02
"""What a packet of audio holds."""
BEHAVIOURS = (
    "answer_after", "ring_only", "reject_with", "ring_then_reject", "redirect_to",
)  # fmt: skip
ABOUT = {
    *("does", "then", "sound", "shown", "number", "headers", "offered", "dials", "lamps"),
    "packets",
    *("begins", "emergency", "sent", "through"),
}
"""What a row says of a phone that is no option of what it does."""
OUTSIDE, ROW, CALLER = "outside", "row", "caller"
At = Serving | Apart
STEPS = ("ring", "answer", "hold", "resume", "hang_up", "ringing", "answered", "ended")


class Outcome(Struct, kw_only=True):
    """What a row came to: its calls and webhooks, and what went wrong on the phones."""

    place: Place
    at: At
    patience: float = PATIENCE
    """For its calls to end, and then for its webhooks to come."""
    placed: list[Call] = field(default_factory=list)
    before: int = 0
    """How many of them were codes that its phones dialled before."""
    taken: dict[str, list[Call]] = field(default_factory=dict)
    """The calls that each phone was offered."""
    lamps: dict[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    """What each phone was told of others."""
    problems: list[str] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    events: dict[str, Sequence[Event]] = field(default_factory=dict)
    """What the store holds, by call."""
    audio: dict[str, Audio] = field(default_factory=dict)
    """What the links in the webhooks lead to."""
    reached: set[str] = field(default_factory=set)
    """What happened to the row as a whole, for calls that wait for it."""
    took: float = 0.0
    late: float = 0.0
    """Seconds by which our own phones' times may be off: the machine was busy."""
    lost: list[Call] = field(default_factory=list)
    """Those that a killed engine took with it."""
    back_at: float = math.inf
    """When the engine was, after it was killed."""
    journal: bytes = b""
    """That of an installation of its own."""
    deliveries: dict[str, Sequence[DeliveryRow]] = field(default_factory=dict)


async def play_all(
    at: At,
    places: Sequence[Place],
    at_once: int = AT_ONCE,
    patience: Callable[[Place], float] = lambda _: PATIENCE,
) -> dict[str, Outcome]:
    """Play every row, several at once, then wait a quiet second for what should not come."""
    async with AsyncExitStack() as stack:
        outcomes = [Outcome(place=place, at=at, patience=patience(place)) for place in places]
        phones = [await _phones(at, outcome, stack) for outcome in outcomes]
        carried = _carried(outcomes)
        for provider in providers(at):
            provider.on_call = _carrying(provider, carried)

        async with lateness() as late:
            gate = Gate(at_once, late)

            async def play(outcome: Outcome, phones: Mapping[str, Phone]) -> None:
                async with gate.entered():
                    begin = time.monotonic()
                    await _play(at, outcome, phones)
                    outcome.late = late.since(begin)
                    outcome.took = time.monotonic() - begin

            await asyncio.gather(*map(play, outcomes, phones))
        await asyncio.sleep(QUIET)
        for outcome in outcomes:
            await _gather(at, outcome)
    return {outcome.place.row.row: outcome for outcome in outcomes}


def providers(at: At) -> Sequence[Phone]:
    """Where trunks lead; what has an installation of its own has but one."""
    return (at.carrier, at.gateway) if isinstance(at, Serving) else (at.carrier,)


async def apply_rows(at: At, places: Sequence[Place]) -> None:
    """Make their document live, with the prompt it names."""
    await at.add_prompt("beep", wav(tone(1400)[:25]))
    await at.apply(document(at, places))


async def play_apart(place: Place, data: Path) -> Outcome:
    """Play a row in an installation of its own, which is gone afterwards."""
    async with apart(data) as at:
        await apply_rows(at, [place])
        outcome = (await play_all(at, [place]))[place.row.row]
        strangers = len(at.receiver.requests) - len(outcome.requests)
        outcome.problems += [f"{strangers} webhooks are of no row"] if strangers else []
        outcome.journal = at.layout.journal.read_bytes()
        return outcome


def requests_of(at: At, place: Place) -> list[Request]:
    """The webhooks of a row: its numbers are nobody else's."""
    own = {place.number, place.dest, place.outside, *place.extensions.values()}
    return [r for r in at.receiver.requests if r.event.get("dest_number") in own]


async def _phones(at: At, outcome: Outcome, stack: AsyncExitStack) -> dict[str, Phone]:
    place = outcome.place
    phones = {}
    for name, script in place.row.phones.items():
        records = "heard" in str(script) or "heard" in str(place.row.aside)
        phone = at.phone(place.username(name), _sound(script.get("sound", 0)), record=records)
        outcome.taken[name] = []
        phone.on_call = _noting(outcome.taken[name], script, _behaviour(outcome, script))
        phones[name] = phone
        await stack.enter_async_context(phone)
        try:
            await _prepare(phone, script, outcome)
        except PhoneError as error:
            outcome.problems.append(f"phone {name}: {error}")
        outcome.lamps[name] = phone.lamps
    return phones


async def _prepare(phone: Phone, script: Mapping[str, Any], outcome: Outcome) -> None:
    """What it does before any call."""
    place = outcome.place
    if script["does"] != "unregistered":
        await phone.register()
    for code in script.get("dials", ()):
        await _dial(phone, place.address(code), outcome)
    for whom in script.get("lamps", ()):
        await phone.watches(place.address(whom))


async def _dial(phone: Phone, code: str, outcome: Outcome) -> None:
    """What it does is done before it answers, to say so; what is asked for is pressed then."""
    code, _, pressed = code.partition(" ")
    call = await phone.call(code)
    outcome.placed.append(call)
    try:
        await call.answered()
        if pressed:
            await call.dtmf(pressed)
            await call.ended()
    except PhoneError as error:
        outcome.problems.append(f"{code}: {error}")
    await call.hang_up()
    outcome.before += 1


def _carried(outcomes: Sequence[Outcome]) -> Mapping[str, Behaviour]:
    """What each row does with calls to its number."""
    carried = {}
    for outcome in outcomes:
        if script := outcome.place.row.outside:
            calls = outcome.taken.setdefault(OUTSIDE, [])
            carried[outcome.place.sent] = _noting(calls, script, _behaviour(outcome, script))
    return carried


def _carrying(provider: Phone, carried: Mapping[str, Behaviour]) -> Behaviour:
    """Calls to other numbers are left waiting."""

    async def behave(call: Call) -> None:
        if call.dialled in carried:
            await carried[call.dialled](call)
        else:
            provider.incoming.put_nowait(call)

    return behave


def _sound(hertz: int) -> Sound:
    return tone(hertz) if hertz else NOTHING


def _noting(calls: list[Call], script: Mapping[str, Any], then: Behaviour) -> Behaviour:
    async def behave(call: Call) -> None:
        calls.append(call)
        if "sound" in script:
            call.media.sound = _sound(script["sound"])
        call.media.sequence = script.get("packets", call.media.sequence)
        await then(call)

    return behave


def _behaviour(outcome: Outcome, script: Mapping[str, Any]) -> Behaviour:
    if "then" in script:
        turns = []
        while "then" in script:
            turns.append({k: v for k, v in script.items() if k != "then"})
            script = script["then"]
        return behaviour.by_turns(*(_behaviour(outcome, turn) for turn in (*turns, script)))
    place = outcome.place
    options = {name: value for name, value in script.items() if name not in ABOUT}
    does = script["does"]
    if isinstance(does, list):
        if options:
            raise ValueError(f"steps have no options {options}")
        return _steps(outcome, does)
    if does in {"unregistered", "dead"}:
        return behaviour.dead()
    if does not in BEHAVIOURS:
        raise ValueError(f"no phone does {does!r}")
    if "uri" in options:
        options["uri"] = place.extensions.get(options["uri"], options["uri"])
    made: Behaviour = getattr(behaviour, does)(**options)
    return made


def _steps(outcome: Outcome, steps: Sequence[str | Mapping[str, Any]]) -> Behaviour:
    async def behave(call: Call) -> None:
        try:
            for step in steps:
                await _step(call, step, outcome)
        except PhoneError as error:
            if not any(call is lost for lost in outcome.lost):
                outcome.problems.append(f"{step} of a called phone: {error}")

    return behave


async def _play(at: At, outcome: Outcome, phones: Mapping[str, Phone]) -> None:
    row = outcome.place.row
    for name, reply in row.answers.items():
        at.receiver.replies[outcome.place.objects[name].path] = reply
    try:
        async with asyncio.timeout(outcome.patience):
            await asyncio.gather(
                *(_call(at, outcome, phones, n) for n in range(row.calls)),
                *(_aside(at, outcome, phones, aside) for aside in row.aside),
            )
            alive = [name for name, script in row.phones.items() if script["does"] != "dead"]
            alive += [OUTSIDE] if row.outside else []
            calls = [call for name in alive for call in outcome.taken[name]]
            await asyncio.gather(*(call.ended() for call in calls))
    except (PhoneError, TimeoutError) as error:
        outcome.problems.append(f"{type(error).__name__}: {error}")
    expected = total(outcome.place)
    await at.receiver.until(
        lambda: len(requests_of(at, outcome.place)) >= expected, outcome.patience
    )


def total(place: Place) -> int:
    """How many requests must come for a row, over all endpoints."""
    asides = sum(_requests(aside.expect) for aside in place.row.aside)
    return _requests(place.row.expect) * place.row.calls + asides


def _requests(expect: Expected) -> int:
    wanted = [kind for kind, _ in expanded(expect)]
    return len(wanted) + sum(kind == "user_inbound_completed" for kind in wanted)


def expanded(expect: Expected) -> list[tuple[str, Mapping[str, Any]]]:
    """The expected events one by one, `times` written out; a group's may come in any order."""
    single = []
    for group, entry in enumerate(expect):
        for one in entry if isinstance(entry, list) else [entry]:
            ((kind, wanted),) = one.items()
            wanted = {**(wanted or {}), "group": group}
            single += [(kind, wanted)] * int(wanted.pop("times", 1))
    return single


async def _call(at: At, outcome: Outcome, phones: Mapping[str, Phone], n: int) -> None:
    caller, place = outcome.place.row.caller, outcome.place
    if caller.clicks:
        await _click(at, outcome)
        return
    phone = at.carrier if caller.origin == "trunk" else phones[caller.origin]
    call = await phone.call(place.dest, **_identity(at, caller, n), headers=caller.headers)
    outcome.placed.append(call)
    for step in caller.does:
        await _step(call, step, outcome)


async def _click(at: Serving, outcome: Outcome) -> None:
    """Have the call placed for the user, and do the steps on the call that his phone is offered."""
    caller, place = outcome.place.row.caller, outcome.place
    user = place.extensions[caller.origin[0]]
    await click(at, user=user, number=place.dest, client_ref=caller.clicks, caller_id=caller.shows)
    while not outcome.taken[caller.origin]:
        await asyncio.sleep(POLL)
    for step in caller.does:
        await _step(outcome.taken[caller.origin][0], step, outcome)


async def _aside(at: At, outcome: Outcome, phones: Mapping[str, Phone], aside: Aside) -> None:
    ((name, how_far),) = aside.once.items()
    while how_far not in _states(outcome, name):
        await asyncio.sleep(POLL)
    await asyncio.sleep(aside.after)
    phone = at.carrier if aside.origin == "trunk" else phones[aside.origin]
    options: dict[str, Any] = {"sound": _sound(aside.sound)} if aside.sound else {}
    options |= {"caller": aside.number} if aside.origin == "trunk" else {}
    call = await phone.call(outcome.place.address(aside.dials), **options)
    outcome.placed.append(call)
    for step in aside.does:
        await _step(call, step, outcome)


def _states(outcome: Outcome, name: str) -> Collection[str]:
    """How far a phone's calls are, the caller's, or the row as a whole."""
    if name == ROW:
        return outcome.reached
    main = outcome.placed[outcome.before :][:1]
    calls = main if name == CALLER else outcome.taken[name]
    return [call.state for call in calls]


def number_of(caller: Caller, n: int) -> str:
    """The calling number of a row's n-th call."""
    return caller.number if n == 0 else str(int(caller.number) + n)


def _identity(at: At, caller: Caller, n: int) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if caller.raw_from:
        host, port = at.carrier.address
        uri = f"<sip:{number_of(caller, n)}@{host}:{port}>"
        options["raw_from"] = raw_bytes(caller.raw_from.replace("{uri}", uri))
    elif caller.origin == "trunk":
        options["caller"] = number_of(caller, n)
        options["name"] = caller.name and caller.name * caller.name_times
    options["sound"] = _sound(caller.sound)
    return options


async def _step(call: Call, step: str | Mapping[str, Any], outcome: Outcome) -> None:
    match step:
        case str() if step in STEPS:
            done = getattr(call, step)()
            if done is not None:
                await done
        case {"wait": seconds}:
            await asyncio.sleep(seconds)
        case {"heard": _} | {"said": _} | {"cause": _}:
            await _witnessed(call, step)
        case {"press": keys}:
            await call.dtmf(outcome.place.address(keys))
        case {"told": _} | {"kill": _} | {"start": _} | {"apply": _}:
            await _happens(outcome, step)
        case {"refused": status, **others} if not others:
            await _refused(call.answered(), round(status))
        case {"refused": status, **others}:
            await _refused(_move(call, others, outcome), round(status))
        case _:
            await _move(call, step, outcome)


async def _happens(outcome: Outcome, step: Mapping[str, Any]) -> None:
    """What is done to the installation, or waited for at its receiver."""
    at, place = outcome.at, outcome.place
    match step:
        case {"told": least}:
            told = await at.receiver.until(lambda: len(requests_of(at, place)) >= least)
            if not told:
                raise PhoneError(f"{len(requests_of(at, place))} webhooks came, not {least}")
        case {"kill": "ours"}:
            await at.kill_ours()
        case {"start": "ours"}:
            await at.start_ours()
        case {"kill": "engine"}:
            await _kill_engine(outcome)
        case {"apply": "later"}:
            await at.apply(document(at, [replace(place, row=place.row.after())]))
            outcome.reached.add("applied")
        case _:
            raise ValueError(f"nobody does {step!r}")


async def _kill_engine(outcome: Outcome) -> None:
    """Its calls are lost without a word; the phones hang up by themselves."""
    phones = outcome.place.row.phones.values()
    registered = sum(script["does"] != "unregistered" for script in phones)
    outcome.back_at = await outcome.at.kill_engine(registered)
    taken = [call for calls in outcome.taken.values() for call in calls]
    outcome.lost = [*outcome.placed, *taken]
    for call in outcome.lost:
        call.drop()
    outcome.reached.add("engine back")


async def _move(call: Call, step: str | Mapping[str, Any], outcome: Outcome) -> int:
    match step:
        case {"transfer": whom}:
            return await call.transfer(outcome.place.address(whom))
        case {"join": phone}:
            return await outcome.taken[phone][0].transfer_to(call)
        case {"join_to": phone}:
            return await call.transfer_to(outcome.taken[phone][0])
        case _:
            raise ValueError(f"nobody does {step!r}")


async def _witnessed(call: Call, step: Mapping[str, Any]) -> None:
    """Wait for what somebody at the phone hears, or sees of its end."""
    match step:
        case {"heard": hertz, **least} if least.keys() <= {"seconds"}:
            await _heard(call, hertz, **least)
        case {"said": seconds, **others} if not others:
            await _said(call, seconds)
        case {"cause": cause, **others} if not others:
            await _ended_with(call, cause)
        case _:
            raise ValueError(f"nobody can tell {step!r}")


async def _heard(call: Call, hertz: int, seconds: float = HEARD_S) -> None:
    """Wait until it was, for long enough: the engine's own music has any tone now and then."""
    until = time.monotonic() + HEARD_WITHIN
    while (heard := received(call).heard(hertz)) < seconds:
        if time.monotonic() > until or call.ended_by:
            raise PhoneError(f"{hertz} Hz were heard for {heard} s only")
        await asyncio.sleep(LISTEN)


async def _ended_with(call: Call, cause: int) -> None:
    await call.ended()
    if f"cause={cause}" not in call.reason:
        raise PhoneError(f"ended with {call.reason!r}, not with cause {cause}")


async def _said(call: Call, seconds: float) -> None:
    """Wait until so much was heard from now on, whatever it was."""
    until, before = time.monotonic() + HEARD_WITHIN, call.media.received
    while (heard := (call.media.received - before) * FRAME_S) < seconds:
        if time.monotonic() > until or call.ended_by:
            raise PhoneError(f"something was heard for {heard} s only")
        await asyncio.sleep(LISTEN)


async def _refused(asked: Awaitable[object], status: int) -> None:
    try:
        await asked
    except CallFailed as error:
        if error.status != status:
            raise PhoneError(f"refused with {error}, not {status}") from error
    else:
        raise PhoneError(f"accepted, not refused with {status}")


async def _gather(at: At, outcome: Outcome) -> None:
    if outcome.place.row.apart:
        await _all_delivered(at)
    outcome.requests = requests_of(at, outcome.place)
    store = at.store
    for call in {CallId(r.event["unique_call_id"]) for r in outcome.requests}:
        outcome.events[call] = await store.events(call)
        outcome.deliveries[call] = await store.deliveries(DeliveryFilter(call=call), limit=1000)
    links = [link for r in outcome.requests for link in links_of(r.event)]
    async with ClientSession() as client:
        for link in links:
            outcome.audio[link] = await fetch(client, link)


async def _all_delivered(at: At) -> None:
    """What was under way as our process was killed is sent again."""
    async with asyncio.timeout(PATIENCE):
        for state in ("pending", "sending"):
            while await at.store.deliveries(DeliveryFilter(state=state), limit=1):
                await asyncio.sleep(POLL)
