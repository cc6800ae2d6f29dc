"""Condition and Caller id on real calls: each case, what phones show, and hostile callers."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support import objects
from support.objects import Flow
from support.serving import Serving, serving

from hookswitch.phone import Phone

CASES: list[dict[str, Any]] = [
    {"output": "listed", "match": "caller_number", "values": ["61400000001", "+61 (400) 000-002"]},
    {"output": "mobile", "match": "caller_number", "how": "prefix", "values": ["614"]},
    {"output": "like", "match": "caller_number", "how": "pattern", "values": ["612????0*"]},
    {"output": "withheld", "match": "caller_number", "how": "empty"},
    {"output": "jane", "match": "caller_name", "values": ["Jane (Sales) Citizen!", "Zoë ;%41"]},
    {"output": "quoted", "match": "caller_name", "values": ['Ev"il \\ ${SHELL(id)}, $[1+1]']},
    {"output": "wild", "match": "caller_name", "how": "pattern", "values": ["*gmb?", "A?? X"]},
    {"output": "begins", "match": "caller_name", "how": "prefix", "values": ["'q"]},
    {"output": "nameless", "match": "caller_name", "how": "empty"},
]  # fmt: skip
CALLS = [
    # number, name, output
    ("61400000001", "Jane", "listed"),
    ("+61400000002", "Jane", "listed"),
    ("61400000003", "Jane", "mobile"),
    ("+61412345678", None, "mobile"),
    ("61212340", "x", "like"),
    ("+612123409", "x", "like"),
    ("61212349", "x", "otherwise"),
    ("anonymous", "Anonymous", "withheld"),
    ("6170001", "Jane (Sales) Citizen!", "jane"),
    ("6170002", "JANE (SALES) CITIZEN!", "jane"),
    ("6170003", "Jane (Sales) Citizen", "otherwise"),
    ("6170004", "zoë ;%41", "jane"),
    ("6170005", "zoë ;A", "otherwise"),
    ("6170006", 'Ev"il \\ ${SHELL(id)}, $[1+1]', "quoted"),
    ("6170007", "Müller GmbH", "wild"),
    ("6170008", "Aéé x", "wild"),
    ("6170009", "Aé x", "otherwise"),
    ("6170010", "'Q'", "begins"),
    ("6170011", None, "nameless"),
    ("6170012", '" = "x" | 1 = 1', "otherwise"),
    ("6170013", ")}] ${HS_DEST} $[1", "otherwise"),
    ("6170014", "Jane (Sales) Citizen!):0:21", "otherwise"),
    ("6170015", '"^.*$" x', "otherwise"),
    ("61700&PJSIP/1", "x", "otherwise"),
]
HOSTILE = "${SHELL(id)} $[1+1], ;:1:2"
CONDITION, BY_DIALLED, ALSO_DIALLED = (f"6130000030{n}" for n in range(3))
SHOWN: dict[str, tuple[dict[str, Any], str, str]] = {
    # what the phone shows for 61400000001, Jane Citizen
    "61300000311": ({"set_name": 'A", <b> ; ${X} \\ é'}, "61400000001", 'A", <b> ; ${X} \\ é'),
    "61300000312": ({"set_number": "+4930123456"}, "+4930123456", "Jane Citizen"),
    "61300000313": ({"name_prefix": "Sales: ", "number_prefix": "00"}, "0061400000001",
                    "Sales: Jane Citizen"),
    "61300000314": ({"table": [{"number": "+61400000009", "name": "Nobody"},
                               {"number": "+61400000001", "name": "Best customer"}],
                     "set_name": "Unknown", "name_prefix": "*"}, "61400000001", "*Best customer"),
    "61300000315": ({"table": [{"number": "61400000002", "name": "Best customer"}],
                     "set_name": "Unknown"}, "61400000001", "Unknown"),
}  # fmt: skip


def flows() -> list[Flow]:
    dialled = {"kind": "condition", "cases": [
        {"output": "sales", "match": "called_number", "values": [BY_DIALLED]},
        {"output": "revision", "match": "variable", "variable": "HS_NODE", "how": "pattern",
         "values": ["*_" + ALSO_DIALLED]}]}  # fmt: skip
    condition = {"kind": "condition", "cases": CASES}
    return [
        Flow(CONDITION, condition, [*(case["output"] for case in CASES), "otherwise"]),
        *(Flow(n, dialled, ["sales", "revision", "otherwise"]) for n in (BY_DIALLED, ALSO_DIALLED)),
        *(
            Flow(
                number,
                {"kind": "caller_id", **settings, "outputs": {"next": f"user_{number}"}},
                [],
                [{"id": f"user_{number}", "kind": "user", "name": "A", "user": "1001"}],
            )
            for number, (settings, _, _) in SHOWN.items()
        ),
    ]


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("caller")) as at:
        await at.apply(objects.document(at, flows(), {"1001": "Alice"}))
        yield at


async def _end_of(at: Serving, number: str, caller: str, name: str | None) -> None:
    call = await at.carrier.call(number, caller=caller, name=name)
    await call.ended()


async def test_every_case_and_no_hostile_caller_gets_past_them(at: Serving) -> None:
    await asyncio.gather(*(_end_of(at, CONDITION, caller, name) for caller, name, _ in CALLS))
    await at.receiver.until(lambda: len(at.receiver.requests) >= len(CALLS))
    await asyncio.sleep(objects.QUIET)
    events = [request.event for request in at.receiver.requests]
    came = {event["user_number"]: event["component_name"] for event in events}
    assert came == {"" if c == "anonymous" else c: output for c, _, output in CALLS}


async def test_the_dialled_number_and_a_variable(at: Serving) -> None:
    await _end_of(at, BY_DIALLED, "6180001", "x")
    await _end_of(at, ALSO_DIALLED, "6180002", "x")
    assert await objects.reached(at, "6180001") == ["sales"]
    assert await objects.reached(at, "6180002") == ["revision"]


async def _shown(phone: Phone, at: Serving, number: str, **caller: Any) -> tuple[str, str]:
    call = await at.carrier.call(number, **{"caller": "61400000001", **caller})
    ringing = await asyncio.wait_for(phone.incoming.get(), 60)
    ringing.ring()
    await call.ringing()
    await call.hang_up()
    await ringing.ended()
    return ringing.remote_number, ringing.remote_name


async def test_the_phone_shows_what_is_set_and_events_tell_the_caller(at: Serving) -> None:
    async with at.phone("1001") as alice:
        await alice.register()
        came = [await _shown(alice, at, number, name="Jane Citizen") for number in SHOWN]
        assert came == [(number, name) for _, number, name in SHOWN.values()]
        nameless = await _shown(alice, at, "61300000313")
        assert nameless == ("0061400000001", "Sales: 0061400000001")
        hostile = await _shown(alice, at, "61300000313", name=HOSTILE)
        assert hostile == ("0061400000001", f"Sales: {HOSTILE}")
        withheld = await _shown(
            alice, at, "61300000313",
            raw_from=b'"Anonymous" <sip:anonymous@anonymous.invalid>',
            headers={"Privacy": "id", "P-Asserted-Identity": "<sip:61400000001@127.0.0.2>"},
        )  # fmt: skip
        assert "61400000001" not in str(withheld)
    await at.receiver.until(lambda: len(objects.events_of(at, "61400000001")) >= 2 * len(SHOWN) + 4)
    events = [e for e in objects.events_of(at, "61400000001") if e["dest_number"] in SHOWN]
    assert {e["caller_id"] for e in events} == {"61400000001"}
    assert {e["caller_name"] for e in events} == {"Jane Citizen", "", HOSTILE}
