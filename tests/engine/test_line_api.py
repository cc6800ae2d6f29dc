"""The API of the running server, asked over HTTP."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families
from support.player import Outcome, apply_rows, play_all
from support.serving import Serving, serving
from support.site import Place, place
from support.table import load_rows

ROUTES = (
    "/api/configuration",
    "/api/calls",
    "/api/calls/{call}/events",
    "/api/deliveries",
    "/api/deliveries?call={call}&state=delivered",
    "/api/deliveries/{delivery}/attempts",
    "/api/openapi.json",
)

PLAYED = ("1", "7", "20a")
"""Rows of the table: a user, a queue, a Webhook object."""


@pytest.fixture(scope="module")
def places() -> list[Place]:
    return [place(row) for row in load_rows() if row.row in PLAYED]


@pytest.fixture(scope="module")
async def installation(
    places: list[Place], tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Serving]:
    async with serving(tmp_path_factory.mktemp("api")) as at:
        await apply_rows(at, places)
        yield at


@pytest.fixture(scope="module")
async def outcomes(installation: Serving, places: list[Place]) -> Mapping[str, Outcome]:
    return await play_all(installation, places)


@pytest.fixture
async def http(installation: Serving) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(installation.server.web.url) as session:
        yield session


@pytest.fixture
def headers(installation: Serving) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {installation.server.data.token()}"}


@pytest.fixture
def names(outcomes: Mapping[str, Outcome]) -> Mapping[str, Any]:
    """A call of row 1 and a delivery of it, to fill in the routes."""
    ((call, rows),) = outcomes["1"].deliveries.items()
    return {"call": call, "delivery": rows[0].id}


async def test_health_is_open_and_names_its_parts(http: aiohttp.ClientSession) -> None:
    async with http.get("/healthz") as response:
        health = await response.json()
    assert response.status == 200
    assert health["ok"] is True
    assert {"engine", "configuration", "store", "running"} <= set(health["parts"])
    assert set(health["parts"].values()) == {"ok"}


@pytest.mark.parametrize("route", [*ROUTES, "/api/nothing/here", "/api/configuration/apply"])
@pytest.mark.parametrize("token", [None, "hsk_wrong", ""])
async def test_without_the_token_there_is_nothing(
    http: aiohttp.ClientSession, names: Mapping[str, Any], route: str, token: str | None
) -> None:
    given = {} if token is None else {"Authorization": f"Bearer {token}"}
    for method in ("GET", "POST"):
        async with http.request(method, route.format(**names), headers=given) as response:
            problem = await response.json()
        assert response.status == problem["status"] == 401
        assert response.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("route", ROUTES)
async def test_with_the_token_it_answers(
    http: aiohttp.ClientSession,
    headers: Mapping[str, str],
    names: Mapping[str, Any],
    route: str,
) -> None:
    async with http.get(route.format(**names), headers=headers) as response:
        answer = await response.json()
    assert response.status == 200
    assert answer


async def test_a_calls_events_are_those_that_were_sent(
    http: aiohttp.ClientSession,
    headers: Mapping[str, str],
    names: Mapping[str, Any],
    outcomes: Mapping[str, Outcome],
) -> None:
    async with http.get(f"/api/calls/{names['call']}/events", headers=headers) as response:
        events = await response.json()
    sent = {request.id: request.event for request in outcomes["1"].requests}
    assert {event["id"]: event["body"] for event in events} == sent


async def test_the_configuration_hides_its_secrets(
    http: aiohttp.ClientSession, headers: Mapping[str, str]
) -> None:
    async with http.get("/api/configuration", headers=headers) as response:
        text = await response.text()
    assert '"revision":1' in text.replace(" ", "")
    assert "whsec_" not in text
    assert "token of" not in text
    assert "a-password" not in text


async def test_an_invalid_document_is_refused_with_its_problems(
    installation: Serving, http: aiohttp.ClientSession, headers: Mapping[str, str]
) -> None:
    text = "hookswitch: 1\nusers:\n  - name: Alice\n    extension: x\n"
    async with http.post("/api/configuration/apply", data=text, headers=headers) as response:
        problem = await response.json()
    assert response.status == 422
    assert problem["problems"][0]["line"] == 4
    assert installation.server.live.revision == 1


async def test_an_unknown_call_is_not_found(
    http: aiohttp.ClientSession, headers: Mapping[str, str]
) -> None:
    async with http.get("/api/calls/none/events", headers=headers) as response:
        assert response.status == 404


async def test_metrics_count_what_happened(
    http: aiohttp.ClientSession, outcomes: Mapping[str, Outcome]
) -> None:
    async with http.get("/metrics") as response:
        text = await response.text()
    samples = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    calls = sum(len(outcome.events) for outcome in outcomes.values())
    requests = sum(len(outcome.requests) for outcome in outcomes.values())
    assert samples["hookswitch_calls_total",] == calls
    assert samples["hookswitch_calls_ended_total", "false"] >= calls
    assert samples["hookswitch_calls_open",] == 0
    assert samples["hookswitch_attempts_total", "delivered"] == requests
    assert samples["hookswitch_deliveries", "delivered"] == requests
    assert samples["hookswitch_deliveries", "pending"] == 0
    assert samples["hookswitch_events_total", "user_inbound"] > 0
    assert samples["hookswitch_delivery_lag_seconds",] == 0
    assert samples["hookswitch_journal_lag_bytes",] == 0
    assert samples["hookswitch_line_faults",] == 0
    assert samples["hookswitch_journal_dropped_bytes",] == 0
    assert samples["hookswitch_engine_up",] == 1


async def test_metrics_are_closed_to_a_proxy(http: aiohttp.ClientSession) -> None:
    async with http.get("/metrics", headers={"X-Forwarded-For": "203.0.113.1"}) as response:
        assert response.status == 401
