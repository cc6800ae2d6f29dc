"""Every row of scenarios.yaml on real SIP through the real engine, compared to the last field.

Oracles: our phone on both ends (SIP; sipp is another witness in test_sipp.py), the receiver's own
verification and the library of Standard Webhooks (headers), the wire contract as written out in
support/compare.py (bodies), the samples that the API serves and docs/events.schema.json (forms),
the kernel's account of the engine's process (nothing executed).
"""

import json
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from standardwebhooks.webhooks import WebhookVerificationError
from support.compare import differences
from support.forms import Shown
from support.player import Outcome, providers, requests_of
from support.receiver import Request
from support.serving import Serving
from support.table import load_rows

from hookswitch.journal.parse import parse
from hookswitch.phone import Call
from hookswitch.receiver import VerificationError
from kit.web import Browser, bearer

pytestmark = pytest.mark.timeout(900)
"""The table is played for the first test that asks."""

Spoil = Callable[[Outcome], Outcome]

ROWS = [row.row for row in load_rows()]
FIRST_IN_TABLE = (
    *("1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13"),
    *("14", "15", "16", "17", "18", "19", "20", "21", "22", "23", "24", "25", "26", "27", "28"),
)
"""The numbers of the table of scenarios that have rows here; a number may have several."""

GIVEN_BY = {
    "user_inbound": "7",
    "user_inbound_answered": "7",
    "user_inbound_completed": "7",
    "queue_call": "7",
    "ring_group_call": "11a",
    "voicemail": "5",
    "recording_inbound": "13a",
    "user_outbound": "14",
    "user_outbound_answered": "14",
    "user_outbound_completed": "14",
    "recording_outbound": "14",
    "webhook_component_event": "20a",
}
"""A row of real calls for each of the eleven triggers, and one for the Webhook object."""
SCHEMA = json.loads((Path(__file__).parents[2] / "docs/events.schema.json").read_bytes())


@pytest.fixture(scope="module")
async def shown(installation: Serving) -> Mapping[str, Shown]:
    """What the console and the API show of each event type."""
    server = installation.server
    async with Browser(server.web.url, bearer(server.data.token())) as browser:
        catalogue = await browser.get("/api/events/catalogue")
    return {each["type"]: Shown(each["sample"], SCHEMA) for each in catalogue}


@pytest.mark.parametrize("row", ROWS)
def test_row(row: str, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[row]) == []


def test_every_row_ran(outcomes: Mapping[str, Outcome]) -> None:
    assert Counter(ROWS) == Counter(list(outcomes))
    assert all(o.placed or o.place.row.caller.clicks for o in outcomes.values())
    assert {row.rstrip("abcdefghijklmnopqrstuvwxyz") for row in ROWS} == set(FIRST_IN_TABLE)


@pytest.mark.parametrize(("kind", "row"), GIVEN_BY.items())
def test_a_sample_has_the_form_of_a_real_call(
    kind: str, row: str, shown: Mapping[str, Shown], outcomes: Mapping[str, Outcome]
) -> None:
    real = [r.event for r in outcomes[row].requests if r.event["type"] == kind]
    assert real
    for body in (shown[kind].sample, *real):
        assert shown[kind].departures(body) == []


def test_samples_are_of_all_that_comes(
    shown: Mapping[str, Shown], outcomes: Mapping[str, Outcome]
) -> None:
    """Also that what the schema calls optional comes with and without a value."""
    bodies = [request.event for outcome in outcomes.values() for request in outcome.requests]
    assert [text for body in bodies for text in shown[body["type"]].departures(body)] == []
    assert {body["type"] for body in bodies} == set(shown) == set(GIVEN_BY)
    for kind, each in shown.items():
        own = [body for body in bodies if body["type"] == kind]
        for name in each.optional:
            assert {body[name] is None for body in own} == {True, False}, (kind, name)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"connected_at": 1790868687},
        {"connected_at": "2026-10-01T15:31:27Z"},
        {"call_duration": "102"},
        {"call_duration": None},
        {"queue_name": None, "caller_name": None},
        {"status": "lost"},
        {"more": 1},
    ],
    ids=str,
)
def test_another_form_is_seen(spoilt: Mapping[str, Any], shown: Mapping[str, Shown]) -> None:
    kind = shown["queue_call"] if "status" in spoilt else shown["user_inbound_completed"]
    assert kind.departures({**kind.sample, **spoilt})


def test_no_webhook_is_of_no_row(installation: Serving, outcomes: Mapping[str, Outcome]) -> None:
    """Each installation of a row's own looked at its own receiver."""
    rows = [o.place for o in outcomes.values() if not o.place.row.apart]
    of_rows = [request for place in rows for request in requests_of(installation, place)]
    assert len(of_rows) == len(installation.receiver.requests)


def test_a_call_id_is_of_one_row(outcomes: Mapping[str, Outcome]) -> None:
    together = [outcome for outcome in outcomes.values() if not outcome.place.row.apart]
    ids = Counter(call for outcome in together for call in outcome.events)
    assert set(ids.values()) == {1}


def test_nothing_else_was_dialled(installation: Serving, outcomes: Mapping[str, Outcome]) -> None:
    """Each channel of an engine is a call that a phone placed or took."""
    together = [o for o in outcomes.values() if not o.place.row.apart]
    journal = installation.server.supervisor.layout.journal.read_bytes()
    assert _channels(journal, _dead_trunks(together)) == _calls(together)
    assert all(provider.incoming.empty() for provider in providers(installation))
    for outcome in (o for o in outcomes.values() if o.journal):
        assert _channels(outcome.journal) == _calls([outcome]), outcome.place.row.row


def _channels(journal: bytes, dead: Collection[str] = ()) -> int:
    lines = [record.line for record in parse(journal)]
    started = [line.channel for line in lines if line and line.event == "CHAN_START"]
    ours = [name.removeprefix("PJSIP/") for name in started if name.startswith("PJSIP/")]
    return sum(name.rpartition("-")[0] not in dead for name in ours)


def _dead_trunks(outcomes: Sequence[Outcome]) -> Collection[str]:
    """Nobody takes the calls to those with a host of their own."""
    places = [outcome.place for outcome in outcomes]
    return {
        f"trunk-{place.trunk(name)}"
        for place in places
        for name, settings in place.row.trunks.items()
        if "host" in settings
    }


def _calls(outcomes: Sequence[Outcome]) -> int:
    placed = sum(_has_channel(o, call) for o in outcomes for call in o.placed)
    return placed + sum(len(calls) for o in outcomes for calls in o.taken.values())


def _has_channel(outcome: Outcome, call: Call) -> bool:
    """What is refused has none; but a phone's code or number outside is looked at in one."""
    looked_at = call.dialled.startswith(("*", outcome.place.outside))
    is_phone = outcome.place.row.caller.origin != "trunk"
    return call.final_status not in {401, 404} or (looked_at and is_phone)


@pytest.mark.usefixtures("outcomes")
def test_nothing_was_executed(installation: Serving) -> None:
    process = installation.server.supervisor.process
    assert process is not None
    proc = Path(f"/proc/{process.pid}")
    stat = proc.joinpath("stat").read_text().rpartition(")")[2].split()
    assert stat[8] == "0", "page faults of children that it waited for"
    children = [task.joinpath("children").read_text() for task in proc.glob("task/*")]
    assert children
    assert not any(children)
    assert not list(proc.joinpath("cwd").resolve().glob("*executed*"))
    assert not list(installation.server.data.path.rglob("*executed*"))


def with_requests(change: Callable[[Sequence[Request]], Sequence[Request]]) -> Spoil:
    return lambda right: replace(right, requests=list(change(right.requests)))


def with_row(**changes: Any) -> Spoil:
    return lambda right: replace(
        right, place=replace(right.place, row=replace(right.place.row, **changes))
    )


def final(request: Request) -> Request:
    return replace(request, headers={**request.headers, "x-hookswitch-final": "true"})


def changed(request: Request) -> Request:
    return replace(request, body=request.body.replace(b"Jane", b"Eve"))


RIGHT = next(row for row in load_rows() if row.row == "1")
SPOILS: Mapping[str, Spoil] = {
    "lost": with_requests(lambda came: came[1:]),
    "doubled": with_requests(lambda came: [*came, came[-1]]),
    "swapped": with_requests(lambda came: [came[1], came[0], *came[2:]]),
    "final too early": with_requests(lambda came: [final(came[0]), *came[1:]]),
    "changed on the way": with_requests(lambda came: list(map(changed, came))),
    "another caller": with_row(caller=replace(RIGHT.caller, number="61400000009")),
    "another name": with_row(caller=replace(RIGHT.caller, name="John")),
    "another duration": with_row(
        expect=[*RIGHT.expect[:2], {"user_inbound_completed": {"user": "A", "call": 9, "talk": 3}}]
    ),
    "never answered": with_row(
        expect=[*RIGHT.expect[:2], {"user_inbound_completed": {"user": "A", "call": 4, "talk": 0}}]
    ),
    "one event more": with_row(expect=[*RIGHT.expect, {"user_inbound": {"user": "A"}}]),
}


@pytest.mark.parametrize("spoil", SPOILS)
def test_the_comparison_sees_what_is(spoil: str, outcomes: Mapping[str, Outcome]) -> None:
    try:
        found = differences(SPOILS[spoil](outcomes["1"]))
    except (VerificationError, WebhookVerificationError) as error:
        found = [str(error)]
    assert found
