"""Calls to the outside on real SIP: caller ids, limits, lists, emergency numbers, accounts.

Oracles: the provider's gateway (our phone, whose message parser is its own) for what is sent,
the calling phone for how it is refused, the receiver for what is told.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import structlog.testing
from support.clicks import click
from support.objects import SIGNING
from support.serving import CARRIER_HOST, Serving, device, serving

from hookswitch.app.line.call_details import details
from hookswitch.asterisk import process
from hookswitch.asterisk.supervise import State
from hookswitch.model.calls import CallState
from hookswitch.phone import NOTHING, Call, CallFailed, Phone
from hookswitch.phone.behaviour import answer_after
from hookswitch.store.rows import CallFilter
from kit.command import run

DYING_HOST = "127.0.0.33"
Phones = Mapping[str, Phone]
USERS: dict[str, dict[str, Any]] = {
    "10": {"outbound_caller_id": "+61300000010"},
    "11": {},
    "12": {"withhold_caller_id": True},
    "13": {"limits": {"at_once": 1}, "forward": {"always": "0400000199"}},
    "14": {"limits": {"per_minute": 2}},
    "15": {"limits": {"destinations": ["04XXXXXXXX"]}},
}
OUTBOUND = ["user_outbound", "user_outbound_answered", "user_outbound_completed"]
ROUTES = [
    {"name": "national", "patterns": ["04XXXXXXXX"], "trunks": ["carrier"], "strip": 1,
     "prepend": "+61", "caller_id": "+61300000000"},
    {"name": "abroad", "patterns": ["+.", "0011X.", "09."], "trunks": ["carrier"]},
    {"name": "narrow", "patterns": ["02XXXXXXXX"], "trunks": ["narrow", "carrier"]},
    {"name": "metered", "patterns": ["03XXXXXXXX", "081XXXXXXX"], "trunks": ["metered"]},
    {"name": "spare", "patterns": ["080XXXXXXX"], "trunks": ["metered", "carrier"]},
    {"name": "dying", "patterns": ["07XXXXXXXX"], "trunks": ["dying", "carrier"]},
    {"name": "forced", "patterns": ["06XXXXXXXX"], "trunks": ["carrier"], "users": ["10"],
     "caller_id": "+61300000006", "force_caller_id": True},
]  # fmt: skip

BLOCKED = {"numbers": ["+61 499 000 001", "6149905X.", "11"], "withheld": True}

FLOW = {
    "name": "Out",
    "objects": [
        {"id": "in", "kind": "number", "name": "In", "numbers": ["61300000000", "61300000009"],
         "outputs": {"next": "mobile"}},
        {"id": "mobile", "kind": "external_number", "name": "Mobile", "number": "0400000170",
         "ring_time": 5, "caller_id": "+61300000007",
         "outputs": {"no_answer": "end", "busy": "user"}},
        {"id": "user", "kind": "user", "name": "Next", "user": "11"},
        {"id": "end", "kind": "hang_up", "name": "End", "cause": "rejected"},
        {"id": "in_group", "kind": "number", "name": "To the group", "numbers": ["61300000001"],
         "outputs": {"next": "group"}},
        {"id": "group", "kind": "ring_group", "name": "Group", "members": ["11"],
         "external": ["0400000175"], "ring_time": 25},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
async def dying() -> AsyncIterator[Phone]:
    """A gateway that a test takes the power from."""
    async with Phone("dying", DYING_HOST, sound=NOTHING) as gateway:
        yield gateway
        gateway.deaf = True


@pytest.fixture(scope="module")
async def narrow() -> AsyncIterator[Phone]:
    """A gateway that has room for one call."""
    async with Phone("narrow", "127.0.0.31", sound=NOTHING) as gateway:
        yield gateway


@pytest.fixture(scope="module")
async def at(
    dying: Phone, narrow: Phone, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    async with (
        serving(tmp_path_factory.mktemp("outside")) as running,
        Phone("metered", "127.0.0.32", sound=NOTHING) as metered,
    ):
        narrow.on_call = metered.on_call = answer_after(0)
        users = [
            {"name": f"User {ext}", "extension": ext, "devices": [device(f"d{ext}")], **more}
            for ext, more in USERS.items()
        ]
        await running.apply(
            running.document(
                trunks=[
                    {"name": "carrier", "host": CARRIER_HOST, "port": running.carrier.address[1]},
                    {
                        "name": "narrow",
                        "host": narrow.address[0],
                        "port": narrow.address[1],
                        "max_channels": 1,
                    },
                    {
                        "name": "metered",
                        "host": metered.address[0],
                        "port": metered.address[1],
                        "limits": {"per_minute": 2, "destinations": ["03XXXXXXXX"]},
                    },
                    {"name": "dying", "host": DYING_HOST, "port": dying.address[1]},
                ],
                users=users,
                routes=ROUTES,
                flows=[FLOW],
                emergency={"numbers": ["000"]},
                blocked_callers=BLOCKED,
                webhooks=[
                    {
                        "name": "crm",
                        "url": running.receiver.url("/crm"),
                        "secret_token": "t",
                        "signing_secret": SIGNING,
                        "triggers": [*OUTBOUND, "user_inbound_completed", "ring_group_call"],
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
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    offered.answer()
    await call.answered()
    return call, offered


async def refused(at: Serving, phones: Phones, extension: str, number: str) -> int:
    call = await phones[extension].call(number)
    with pytest.raises(CallFailed) as why:
        await call.answered()
    assert at.carrier.incoming.empty()
    return why.value.status


async def until_over(at: Serving, caller: str) -> CallState:
    """The last call of that caller, once it is over."""
    async with asyncio.timeout(10):
        while True:
            for call in await at.store.calls(CallFilter(number="61300000009"), limit=5):
                if call.caller.number == caller and call.ended_at:
                    return call
            await asyncio.sleep(0.05)


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


@pytest.mark.parametrize(
    "caller",
    ["61499000001", "+61499000001", "(61)499-000-001", "+6149905123", "anonymous", "11"],
)
async def test_a_blocked_caller_is_declined_and_nobody_is_told(at: Serving, caller: str) -> None:
    call = await at.carrier.call("61300000009", caller=caller, name="Jane")
    with pytest.raises(CallFailed) as why:
        await call.answered()
    assert why.value.status == 403
    assert at.carrier.incoming.empty()
    number = "" if caller == "anonymous" else re.sub(r"[^0-9+]", "", caller)
    found = await until_over(at, number)
    assert [refusal.why for refusal in found.refusals] == ["caller"]
    assert await at.store.events(found.id) == []
    shown = await details(at.store, at.server.data.media, found.id)
    assert shown["call"]["blocked"]
    assert shown["timeline"][1]["text"] == "refused: the caller is one of those blocked"


@pytest.mark.parametrize("caller", ["61499000002", "61499051", "614990", "111", "0061499000001"])
async def test_who_is_not_blocked_gets_through(at: Serving, caller: str) -> None:
    call = await at.carrier.call("61300000009", caller=caller)
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 10)
    offered.answer()
    await call.answered()
    await call.hang_up()


async def test_users_are_never_blocked_callers(at: Serving, phones: Phones) -> None:
    inside = await phones["11"].call("61300000009")
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 10)
    offered.answer()
    await inside.answered()
    await inside.hang_up()


@pytest.mark.parametrize(
    "number",
    [
        "+44200000200&PJSIP/d12",
        "+44200000200,2,g",
        "+44200000200%29%3A0%3A4",
        "+44%24%7BSHELL(touch%20executed)%7D",
        "+44%22%20=%20%22%22",
        "+4420%0d%0a0000200",
    ],
)
async def test_what_is_no_number_is_refused_and_nothing_else_is_dialled(
    at: Serving, phones: Phones, number: str
) -> None:
    await phones["12"].register()
    assert await refused(at, phones, "10", number) == 404
    assert phones["12"].incoming.empty()
    assert not list(at.server.data.path.rglob("*executed*"))


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


async def test_a_trunk_that_is_full_is_passed_over(at: Serving, phones: Phones) -> None:
    first = await phones["11"].call("0200000145")
    await first.answered()
    assert at.carrier.incoming.empty()  # it is the narrow one that took it
    second, offered = await dialled(at, phones, "12", "0200000146")
    assert offered.dialled == "0200000146"
    await second.hang_up()
    await first.hang_up()


async def test_a_trunk_is_full_of_a_call_that_came_from_it(
    at: Serving, phones: Phones, narrow: Phone
) -> None:
    host, port = at.sip
    first = await narrow.call(f"sip:61300000000@{host}:{port}", caller="61400000003")
    mobile = await asyncio.wait_for(at.carrier.incoming.get(), 10)
    mobile.answer()
    await first.answered()
    second, offered = await dialled(at, phones, "12", "0200000147")
    assert offered.dialled == "0200000147"
    await second.hang_up()
    await first.hang_up()


async def test_a_trunk_takes_so_many_calls_a_minute(at: Serving, phones: Phones) -> None:
    for number in ("0300000180", "0300000181"):
        call = await phones["11"].call(number)
        await call.answered()
        await call.hang_up()
    with structlog.testing.capture_logs() as logs:
        assert await refused(at, phones, "11", "0300000182") == 503
        events = await told(at, "0300000182", 2)
    assert [event["type"] for event in events] == ["user_outbound", "user_outbound_completed"]
    assert "trunk_per_minute" in [each.get("why") for each in logs]


async def test_a_trunk_takes_its_destinations_only(at: Serving, phones: Phones) -> None:
    with structlog.testing.capture_logs() as logs:
        assert await refused(at, phones, "11", "0810000183") == 403
        events = await told(at, "0810000183", 2)
    assert events[1]["connected_at"] is None
    assert "trunk_destination" in [each.get("why") for each in logs]
    call, offered = await dialled(at, phones, "11", "0800000184")
    assert offered.dialled == "0800000184"  # the next trunk's
    await call.hang_up()


async def test_a_trunk_that_died_a_moment_ago(at: Serving, phones: Phones, dying: Phone) -> None:
    """The engine thinks that it is there: it is given up long before the usual 32 s."""
    async with asyncio.timeout(60):
        while " Avail " not in await at.engine_says("pjsip show aor trunk-dying"):
            await asyncio.sleep(0.1)
    dying.deaf = True
    call = await phones["11"].call("0700000185")
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    offered.answer()
    await call.answered()
    await call.hang_up()
    events = await told(at, "0700000185", 3)
    assert [event["type"] for event in events] == OUTBOUND


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


async def test_what_the_engine_cannot_carry_is_turned_away(at: Serving, phones: Phones) -> None:
    """Of new calls all of a hundred, here: neither emergency calls nor calls that are up."""
    talking, there = await dialled(at, phones, "13", "0400000141")
    await at.engine_says("dialplan set global HS_SHED 100")
    try:
        assert await refused(at, phones, "11", "0400000142") == 503
        assert await refused(at, phones, "11", "12") == 503
        call, offered = await dialled(at, phones, "11", "000")
    finally:
        await at.engine_says("dialplan set global HS_SHED 0")
    assert offered.dialled == "000"
    assert talking.ended_by is None
    await call.hang_up()
    await there.hang_up()
    call, _ = await dialled(at, phones, "11", "0400000143")
    await call.hang_up()


async def test_a_302_of_the_trunk_dials_nothing(at: Serving, phones: Phones) -> None:
    call = await phones["11"].call("0400000150")
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
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


async def to_the_mobile(at: Serving) -> tuple[Call, Call]:
    """A call to the number whose flow calls outside, and what the provider is offered for it."""
    host, port = at.sip
    call = await at.carrier.call(f"sip:61300000000@{host}:{port}", caller="61400000001")
    return call, await asyncio.wait_for(at.carrier.incoming.get(), 60)


async def test_an_external_number_is_talked_to(at: Serving) -> None:
    call, offered = await to_the_mobile(at)
    assert (offered.dialled, offered.remote_number) == ("+61400000170", "+61300000007")
    offered.answer()
    await call.answered()
    await offered.hang_up()
    await call.ended()


async def test_an_external_number_that_is_busy_leads_on_with_the_caller_as_he_was(
    at: Serving,
) -> None:
    call, offered = await to_the_mobile(at)
    offered.reject(486)
    with pytest.raises(CallFailed):
        await call.answered()
    events = await told(at, "61300000000", 1)
    assert [(e["type"], e["caller_id"]) for e in events] == [
        ("user_inbound_completed", "61400000001")
    ]


async def test_an_external_number_that_nobody_answers(at: Serving) -> None:
    call, offered = await to_the_mobile(at)
    offered.ring()
    with pytest.raises(CallFailed) as why:
        await call.answered()
    assert why.value.status == 403


async def to_the_group(at: Serving, phones: Phones) -> tuple[Call, Call, Call]:
    """A call to the group; what its user's phone and the provider are offered."""
    await phones["11"].register()
    host, port = at.sip
    call = await at.carrier.call(f"sip:61300000001@{host}:{port}", caller="61400000002")
    ringing = await asyncio.wait_for(phones["11"].incoming.get(), 60)
    ringing.ring()
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    assert offered.dialled == "+61400000175"
    return call, ringing, offered


async def test_who_answers_outside_must_press_a_key(at: Serving, phones: Phones) -> None:
    call, ringing, offered = await to_the_group(at, phones)
    offered.answer()
    await offered.dtmf("1")
    await call.answered()
    await ringing.ended()
    await offered.hang_up()
    await call.ended()
    events = await told(at, "61300000001", 2)
    ((user, group),) = [events]
    assert (user["type"], user["connected_at"]) == ("user_inbound_completed", None)
    assert (group["type"], group["status"], group["user_number"]) == (
        "ring_group_call", "answered", "",
    )  # fmt: skip
    assert group["connected_at"]
    at.receiver.requests.clear()


async def test_a_machine_outside_takes_no_call_away(at: Serving, phones: Phones) -> None:
    call, ringing, offered = await to_the_group(at, phones)
    offered.answer()
    await offered.dtmf("2")
    await offered.ended()
    assert call.state != "answered"
    ringing.answer()
    await call.answered()
    await call.hang_up()
    events = await told(at, "61300000001", 2)
    group = next(event for event in events if event["type"] == "ring_group_call")
    assert (group["status"], group["user_number"]) == ("answered", "11")


async def test_a_forward_counts_for_who_forwards(at: Serving, phones: Phones) -> None:
    talking, _ = await dialled(at, phones, "13", "0400000123")
    assert await refused(at, phones, "11", "13") == 480
    await talking.hang_up()
    await told(at, "0400000123", 3)
    call, offered = await dialled(at, phones, "11", "13")
    assert offered.dialled == "+61400000199"
    assert await refused(at, phones, "13", "0400000124") == 503
    await call.hang_up()


async def test_an_external_number_counts_for_the_user_who_reaches_it(
    at: Serving, phones: Phones
) -> None:
    talking, _ = await dialled(at, phones, "13", "0400000127")
    assert await refused(at, phones, "13", "61300000009") == 503
    call, _ = await to_the_mobile(at)  # somebody else's call to the same number
    await call.hang_up()
    await talking.hang_up()
    await told(at, "0400000127", 3)
    inside = await phones["13"].call("61300000009")
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    offered.answer()
    await inside.answered()
    assert await refused(at, phones, "13", "0400000128") == 503
    await inside.hang_up()


async def test_a_click_counts_for_its_user(at: Serving, phones: Phones) -> None:
    await phones["13"].register()
    talking, _ = await dialled(at, phones, "13", "0400000129")
    await click(at, user="13", number="0400000130")
    own = await asyncio.wait_for(phones["13"].incoming.get(), 60)
    own.answer()
    await own.ended()
    assert at.carrier.incoming.empty()
    await talking.hang_up()
    begun, over = await told(at, "0400000130", 2)
    assert (begun["type"], over["type"]) == ("user_outbound", "user_outbound_completed")
    assert over["connected_at"] is None


async def test_a_phone_forwards_outside_by_code(at: Serving, phones: Phones) -> None:
    """By the user's own routes: what is forwarded shows his number, and counts for him."""
    setting = await phones["10"].call("*720400000198")
    await setting.answered()
    await setting.ended()
    call, offered = await dialled(at, phones, "11", "10")
    assert (offered.dialled, offered.remote_number) == ("+61400000198", "+61300000010")
    await call.hang_up()
    events = await told(at, "10", 4)
    inbound = [e for e in events if e["type"] == "user_inbound_completed"]
    assert [(e["user_number"], bool(e["connected_at"])) for e in inbound] == [("10", True)]
    clearing = await phones["10"].call("*73")
    await clearing.answered()
    await clearing.ended()


async def test_a_phone_forwards_to_no_number_that_no_route_fits(
    at: Serving, phones: Phones
) -> None:
    setting = await phones["10"].call("*72077777")
    await setting.answered()
    await setting.ended()
    assert "hs-forward" not in await at.engine_says("database show hs-forward")


async def test_click_to_call(at: Serving, phones: Phones) -> None:
    phone = phones["10"]
    await phone.register()
    wish = {"user": "10", "number": "0400 000 180", "client_ref": "ticket 4711", "key": "once"}
    wish["idempotency_key"] = wish.pop("key")
    said = await click(at, **wish)
    assert await click(at, **wish) == said  # the same call
    ringing = await asyncio.wait_for(phone.incoming.get(), 60)
    assert ringing.remote_number == "0400000180"
    assert at.carrier.incoming.empty()
    ringing.answer()
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    assert (offered.dialled, offered.remote_number) == ("+61400000180", "+61300000010")
    assert [e["type"] for e in await told(at, "0400000180", 1)] == ["user_outbound"]
    offered.answer()
    await told(at, "0400000180", 2)
    await ringing.hang_up()
    await offered.ended()
    events = await told(at, "0400000180", 3)
    assert [event["type"] for event in events] == OUTBOUND
    assert {event["unique_call_id"] for event in events} == {said["call"]}
    assert {(e["caller_id"], e["user_number"]) for e in events} == {("+61300000010", "10")}
    refs = {
        request.headers.get("x-hookswitch-client-ref")
        for request in at.receiver.requests
        if request.event["unique_call_id"] == said["call"]
    }
    assert refs == {"ticket 4711"}
    assert phone.incoming.empty()


async def test_a_click_on_an_emergency_number(at: Serving, phones: Phones) -> None:
    await phones["10"].register()
    await click(at, user="10", number="000")
    own = await asyncio.wait_for(phones["10"].incoming.get(), 60)
    own.answer()
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    assert offered.dialled == "000"
    await own.hang_up()
    await offered.ended()


async def test_a_click_between_two_users(at: Serving, phones: Phones) -> None:
    for extension in ("11", "12"):
        await phones[extension].register()
    said = await click(at, user="11", number="12", caller_id=None)
    own = await asyncio.wait_for(phones["11"].incoming.get(), 60)
    own.answer()
    other = await asyncio.wait_for(phones["12"].incoming.get(), 60)
    assert (other.remote_number, other.remote_name) == ("11", "User 11")
    other.answer()
    await told(at, "12", 2)
    await other.hang_up()
    events = await told(at, "12", 4)
    assert {event["unique_call_id"] for event in events} == {said["call"]}
    assert [e["type"] for e in events if e["type"] in OUTBOUND] == OUTBOUND


@pytest.mark.parametrize(
    ("wish", "status", "said"),
    [
        ({"user": "99", "number": "0400000190"}, 404, "there is no user 99: name one of 10, 11"),
        ({"user": "15", "number": "0400000190"}, 409, "no phone of User 15 (15) is registered"),
        ({"user": "10", "number": "x"}, 422, "is not a number"),
        ({"user": "10", "number": "*97"}, 422, "is not a number"),
        ({"user": "11", "number": "0600000190"}, 422, "no route of User 11 (11) fits 0600000190"),
        ({"user": "10", "number": "0400000190", "caller_id": "Ann"}, 422, "is not a number"),
        (
            {"user": "10", "number": "0400000190", "idempotency_key": "once"},
            422,
            "this idempotency key was used for another call",
        ),
    ],
)
async def test_a_click_that_cannot_be_done(
    at: Serving, wish: dict[str, str], status: int, said: str
) -> None:
    answer = await click(at, status, **wish)
    assert said in answer["detail"]


async def test_the_command_asks_for_a_call(at: Serving, phones: Phones) -> None:
    await phones["11"].register()
    place = ["--data-dir", str(at.server.data.path)]
    command = ["call", "11", "0400000195", "--client-ref", "r", "--json", *place]
    done = await run(*command)
    assert done.code == 0, done.err
    own = await asyncio.wait_for(phones["11"].incoming.get(), 60)
    own.answer()
    offered = await asyncio.wait_for(at.carrier.incoming.get(), 60)
    await own.hang_up()
    await offered.ended()
    events = await told(at, "0400000195", 2)
    assert {event["unique_call_id"] for event in events} == {json.loads(done.out)["call"]}
    wrong = await run("call", "99", "0400000195", *place)
    assert wrong.code != 0
    assert "there is no user 99" in wrong.err


async def test_a_click_while_the_engine_is_down(at: Serving, phones: Phones) -> None:
    """The last test: the engine comes back by itself."""
    await phones["11"].register()
    engine = at.server.supervisor.process
    assert engine is not None
    process.kill(engine)
    said = await click(at, 503, user="11", number="0400000196")
    assert "engine" in said["detail"]
    async with asyncio.timeout(60):
        while at.server.supervisor.state is not State.READY or (
            at.server.supervisor.process == engine
        ):
            await asyncio.sleep(0.05)
