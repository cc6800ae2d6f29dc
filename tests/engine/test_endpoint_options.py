"""Options of endpoints on real calls: what each is sent of the same calls, hidden, and in order.

One installation and three calls for all; the engine, the phones and the receiver are real.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from typing import Any

import pytest
from support.receiver import Request
from support.serving import Serving, device, serving

from hookswitch.phone.behaviour import answer_after

ALICE, BOB, SALES = "61300000010", "61300000020", "61300000030"
CALLERS = {ALICE: "61400000001", BOB: "61400000002", SALES: "61400000003"}
USER = ["user_inbound", "user_inbound_answered", "user_inbound_completed"]
ALL = [*USER, "queue_call"]
ENDPOINTS: dict[str, dict[str, Any]] = {
    "all": {},
    "number": {"only": {"numbers": [BOB]}},
    "queue": {"only": {"queues": ["Sales"]}},
    "user": {"only": {"users": ["1001"]}},
    "both": {"only": {"users": ["1001"], "queues": ["Sales"]}},
    "nobody": {"only": {"numbers": [BOB], "users": ["1001"]}},
    "masked": {"mask": {"caller_id": "hash", "caller_name": "drop"}},
    "other": {"mask": {"caller_id": "hash"}},
    "strict": {"strict_order": 60, "only": {"numbers": [ALICE]}},
    "loose": {"only": {"numbers": [ALICE]}},
}
SECRETS = {
    "secret_token": "t",
    "signing_secret": "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}


def document(at: Serving) -> str:
    sales = {"kind": "queue", "id": "sales", "name": "Sales", "members": [{"user": "1001"}]}
    return at.document(
        users=[
            {"name": name, "extension": extension, "devices": [device(extension)]}
            for extension, name in (("1001", "Alice"), ("1002", "Bob"))
        ],
        flows=[
            {"name": "Office", "objects": [
                entrance(ALICE, "alice"), entrance(BOB, "bob"), entrance(SALES, "sales"),
                {"kind": "user", "id": "alice", "name": "Alice", "user": "1001"},
                {"kind": "user", "id": "bob", "name": "Bob", "user": "1002"},
                sales,
            ]}
        ],
        webhooks=[
            {"name": name, "url": at.receiver.url(f"/{name}"), "triggers": ALL, **SECRETS, **more}
            for name, more in ENDPOINTS.items()
        ],
    )  # fmt: skip


def entrance(number: str, following: str) -> dict[str, Any]:
    return {"kind": "number", "id": f"in_{following}", "name": "In", "numbers": [number],
            "outputs": {"next": following}}  # fmt: skip


def wanted(numbers: Sequence[str]) -> set[tuple[str, str]]:
    """Number called and type of each event of these calls."""
    types = {number: ALL if number == SALES else USER for number in numbers}
    return {(number, kind) for number in numbers for kind in types[number]}


def came(at: Serving, name: str) -> set[tuple[str, str]]:
    return {(one.event["dest_number"], one.event["type"]) for one in accepted(at, name)}


def accepted(at: Serving, name: str) -> list[Request]:
    return [one for one in at.receiver.at(f"/{name}") if one.answered == 200]


@pytest.fixture(scope="module")
async def at(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    """The three calls are over, and all that is due within seconds has come."""
    async with serving(tmp_path_factory.mktemp("options")) as at, AsyncExitStack() as stack:
        for name in ("strict", "loose"):
            at.receiver.answers[f"/{name}"] = iter([500])
        await at.apply(document(at))
        for extension in ("1001", "1002"):
            phone = await stack.enter_async_context(at.phone(extension))
            phone.on_call = answer_after(0.1, hang_up_after=0.2)
            await phone.register()
        for number, caller in CALLERS.items():
            call = await at.carrier.call(number, caller=caller, name="Jane Citizen")
            await call.ended()
        everything = wanted(list(CALLERS))
        assert await at.receiver.until(
            lambda: all(came(at, name) == everything for name in ("all", "masked", "other"))
        )
        assert await at.receiver.until(
            lambda: all(came(at, name) == wanted([ALICE]) for name in ("strict", "loose")),
            within=30,
        )
        yield at


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("all", [ALICE, BOB, SALES]),
        ("number", [BOB]),
        ("queue", [SALES]),
        ("user", [ALICE, SALES]),
        ("both", [SALES]),
        ("nobody", []),
    ],
)
async def test_an_endpoint_is_sent_what_its_filter_means(
    at: Serving, name: str, numbers: list[str]
) -> None:
    assert came(at, name) == wanted(numbers)
    numbered: dict[str, list[int]] = {}
    for one in accepted(at, name):
        numbered.setdefault(one.event["unique_call_id"], []).append(one.sequence)
    for sequences in numbered.values():
        assert sequences == list(range(1, len(sequences) + 1)), "what is not meant is not counted"


async def test_masked_fields_are_hidden_and_the_rest_is_the_same(at: Serving) -> None:
    plain = {one.id: one.event for one in accepted(at, "all")}
    pseudonyms = {name: dict[str, str]() for name in ("masked", "other")}
    for name, seen in pseudonyms.items():
        for one in accepted(at, name):
            body, known = one.event, plain[one.id]
            number = known["caller_id"]
            assert seen.setdefault(number, body["caller_id"]) == body["caller_id"], "the same again"
            hidden = {"caller_id": seen[number]}
            if name == "masked":
                hidden["caller_name"] = ""
                assert b"Jane" not in one.body
            assert body == known | hidden
            assert number.encode() not in one.body
        assert sorted(seen) == sorted(CALLERS.values())
        assert len(set(seen.values())) == len(CALLERS), "another for each caller"
    assert pseudonyms["masked"] != pseudonyms["other"], "another at each endpoint"


async def test_a_strict_endpoint_is_sent_nothing_past_what_failed(at: Serving) -> None:
    tries = [(one.event["type"], one.attempt) for one in at.receiver.at("/strict")]
    assert tries == [(USER[0], 1), (USER[0], 2), (USER[1], 1), (USER[2], 1)]
    loose = [(one.event["type"], one.attempt) for one in at.receiver.at("/loose")]
    assert loose == [(USER[0], 1), (USER[1], 1), (USER[2], 1), (USER[0], 2)]
