"""Calls to the outside on real SIP: caller ids, limits, lists, emergency numbers, accounts.

Oracles: the provider's gateway (our phone, whose message parser is its own) for what is sent,
the calling phone for how it is refused, the receiver for what is told.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.objects import SIGNING
from support.serving import Serving, device, serving

from hookswitch.phone import Call, CallFailed, Phone

Phones = Mapping[str, Phone]
USERS: dict[str, dict[str, Any]] = {
    "10": {"outbound_caller_id": "+61300000010"},
    "11": {},
    "12": {"withhold_caller_id": True},
    "13": {"limits": {"at_once": 1}},
    "14": {"limits": {"per_minute": 2}},
    "15": {"limits": {"destinations": ["04XXXXXXXX"]}},
}
OUTBOUND = ["user_outbound", "user_outbound_answered", "user_outbound_completed"]
ROUTES = [
    {"name": "national", "patterns": ["04XXXXXXXX"], "trunks": ["carrier"], "strip": 1,
     "prepend": "+61", "caller_id": "+61300000000"},
    {"name": "abroad", "patterns": ["+.", "0011X.", "09."], "trunks": ["carrier"]},
    {"name": "forced", "patterns": ["06XXXXXXXX"], "trunks": ["carrier"], "users": ["10"],
     "caller_id": "+61300000006", "force_caller_id": True},
]  # fmt: skip


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("outside")) as running:
        users = [
            {"name": f"User {ext}", "extension": ext, "devices": [device(f"d{ext}")], **more}
            for ext, more in USERS.items()
        ]
        await running.apply(
            running.document(
                users=users,
                routes=ROUTES,
                emergency={"numbers": ["000"]},
                webhooks=[
                    {
                        "name": "crm",
                        "url": running.receiver.url("/crm"),
                        "secret_token": "t",
                        "signing_secret": SIGNING,
                        "triggers": OUTBOUND,
                    }
                ],
            )
        )
        running.carrier.on_call = None
        yield running


@pytest.fixture(scope="module")
async def phones(at: Serving) -> AsyncIterator[Phones]:
    async with AsyncExitStack() as stack:
        made = {extension: at.phone(f"d{extension}") for extension in USERS}
        for phone in made.values():
            await stack.enter_async_context(phone)
        yield made


async def dialled(at: Serving, phones: Phones, extension: str, number: str) -> tuple[Call, Call]:
    """The user's call and the one that the provider is offered, which it answers."""
    call = await phones[extension].call(number)
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 10)
    offered.answer()
    await call.answered()
    return call, offered


async def refused(at: Serving, phones: Phones, extension: str, number: str) -> int:
    call = await phones[extension].call(number)
    with pytest.raises(CallFailed) as why:
        await call.answered()
    assert at.carrier.incoming.empty()
    return why.value.status


async def told(at: Serving, number: str, kinds: int) -> list[dict[str, Any]]:
    def own() -> list[dict[str, Any]]:
        events = [request.event for request in at.receiver.requests]
        return [event for event in events if event.get("dest_number") == number]

    assert await at.receiver.until(lambda: len(own()) >= kinds)
    return own()


@pytest.mark.parametrize(
    ("extension", "number", "sent", "shown"),
    [
        ("10", "0400000101", "+61400000101", "+61300000010"),
        ("11", "0400000102", "+61400000102", "+61300000000"),
        ("11", "+44200000103", "+44200000103", "11"),
        ("10", "0600000104", "0600000104", "+61300000006"),
        ("12", "0400000105", "+61400000105", ""),
    ],
)
async def test_who_is_shown_and_what_is_sent(
    at: Serving, phones: Phones, extension: str, number: str, sent: str, shown: str
) -> None:
    call, offered = await dialled(at, phones, extension, number)
    assert offered.dialled == sent
    assert offered.remote_number == (shown or "anonymous")
    await call.hang_up()
    events = await told(at, number, 3)
    assert {event["caller_id"] for event in events} == {shown}
    assert [event["type"] for event in events] == OUTBOUND


@pytest.mark.parametrize(
    ("extension", "number", "status"),
    [
        ("11", "0600000110", 403),  # the route is for others
        ("11", "+88216000111", 403),
        ("11", "0011883510112", 403),
        ("11", "0900000113", 403),
        ("15", "+44200000114", 403),  # not one of his destinations
    ],
)
async def test_what_may_not_be_dialled_is_refused_and_told(
    at: Serving, phones: Phones, extension: str, number: str, status: int
) -> None:
    assert await refused(at, phones, extension, number) == status
    events = await told(at, number, 2)
    assert [event["type"] for event in events] == ["user_outbound", "user_outbound_completed"]
    assert events[1]["connected_at"] is None


async def test_one_call_at_once(at: Serving, phones: Phones) -> None:
    call, _ = await dialled(at, phones, "13", "0400000120")
    assert await refused(at, phones, "13", "0400000121") == 503
    await call.hang_up()
    await told(at, "0400000120", 3)
    again, _ = await dialled(at, phones, "13", "0400000122")
    await again.hang_up()


async def test_so_many_calls_a_minute(at: Serving, phones: Phones) -> None:
    for number in ("0400000130", "0400000131"):
        call, _ = await dialled(at, phones, "14", number)
        await call.hang_up()
    assert await refused(at, phones, "14", "0400000132") == 503


async def test_an_emergency_call_passes_every_limit(at: Serving, phones: Phones) -> None:
    talking, _ = await dialled(at, phones, "13", "0400000140")
    await at.engine_says("dialplan set global HS_REFUSE 1")
    try:
        call, offered = await dialled(at, phones, "13", "000")
    finally:
        await at.engine_says("dialplan set global HS_REFUSE 0")
    assert offered.dialled == "000"
    await call.hang_up()
    await talking.hang_up()


async def test_a_302_of_the_trunk_dials_nothing(at: Serving, phones: Phones) -> None:
    call = await phones["11"].call("0400000150")
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 10)
    offered.redirect("sip:0400000151@127.0.0.2")
    with pytest.raises(CallFailed):
        await call.answered()
    assert at.carrier.incoming.empty()


async def test_the_trunk_reaches_no_route(at: Serving) -> None:
    host, port = at.sip
    for number in ("0400000160", "+44200000160", "000", "11"):
        call = await at.carrier.call(f"sip:{number}@{host}:{port}")
        with pytest.raises(CallFailed) as why:
            await call.answered()
        assert why.value.status == 404
