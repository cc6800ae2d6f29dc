"""Test events: `events send` to real receivers, directly and through a server's API."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from hookswitch.app.webhooks.listener import Behaviour, Checks, Listener, Received
from hookswitch.events.samples import KINDS, sample
from hookswitch.receiver import facts
from kit.api import CUSTOM, SECRET, TOKEN, cli, serving

HIDDEN = (TOKEN, SECRET, CUSTOM)
SIGNED = ("--token", TOKEN, "--signing-secret", SECRET)


@asynccontextmanager
async def receiving(**changes: Any) -> AsyncIterator[tuple[Listener, list[Received]]]:
    received: list[Received] = []
    given = {"checks": Checks(TOKEN, SECRET), **changes}
    async with Listener(received.append, **given) as listener:
        yield listener, received


@asynccontextmanager
async def answering(handler: Any) -> AsyncIterator[str]:
    """A receiver that answers as `handler` says."""
    app = web.Application()
    app.router.add_post("/", handler)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("kind", KINDS)
async def test_a_test_event_is_like_a_real_one(kind: str) -> None:
    async with receiving() as (listener, received):
        result = await cli("events", "send", kind, "--to", listener.url + "hooks", *SIGNED)
    assert result.exit_code == 0, result.output
    (one,) = received
    assert one.body == sample(kind)
    assert one.headers["content-type"] == "application/json"
    found = facts(one.headers)
    assert (found.test, found.sequence, found.attempt) == (True, None, 1)


async def test_it_shows_the_exchange_without_secrets() -> None:
    async with receiving() as (listener, received):
        result = await cli("events", "send", "user_inbound", "--to", listener.url, *SIGNED)
    assert f"POST {listener.url}" in result.output
    for text in ("X-Pbx-Token: [secret]", "webhook-signature: [secret]", "answered 200 after"):
        assert text in result.output
    assert '"caller_name": "Jane Citizen"' in result.output
    assert TOKEN not in result.output
    assert received[0].headers["webhook-signature"] not in result.output


async def test_secrets_are_shown_on_demand() -> None:
    async with receiving() as (listener, received):
        result = await cli(
            "events", "send", "user_inbound", "--to", listener.url, *SIGNED, "--show-secrets"
        )
    assert f"X-Pbx-Token: {TOKEN}" in result.output
    assert received[0].headers["webhook-signature"] in result.output
    assert SECRET not in result.output


async def test_json_for_scripts() -> None:
    async with receiving() as (listener, _):
        result = await cli("events", "send", "voicemail", "--to", listener.url, *SIGNED, "--json")
    said = json.loads(result.stdout)
    assert said["request"]["body"] == json.loads(sample("voicemail"))
    assert (said["status"], said["error"], said["response"]) == (200, None, "200\n")
    assert said["headers"]["content-type"].startswith("text/plain")


async def test_secrets_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOOKSWITCH_SECRET_TOKEN", TOKEN)
    monkeypatch.setenv("HOOKSWITCH_SIGNING_SECRET", SECRET)
    async with receiving() as (listener, _):
        result = await cli("events", "send", "user_inbound", "--to", listener.url)
    assert result.exit_code == 0, result.output
    assert result.stderr == ""


async def test_without_a_signing_secret_it_says_that_nobody_can_verify() -> None:
    async with receiving(checks=Checks()) as (listener, received):
        result = await cli("events", "send", "user_inbound", "--to", listener.url)
    assert result.exit_code == 0
    assert "no receiver can verify" in result.stderr
    assert received[0].headers["webhook-signature"].startswith("v1,")
    assert "x-pbx-token" not in received[0].headers


async def test_each_has_an_id_of_its_own_unless_one_is_given() -> None:
    async with receiving() as (listener, received):
        for more in ((), (), ("--id", "evt_1")):
            await cli("events", "send", "user_inbound", "--to", listener.url, *SIGNED, *more)
    first, second, third = (facts(one.headers).id for one in received)
    assert first != second
    assert first.startswith("evt_test_")
    assert third == "evt_1"


async def test_a_refusal_and_a_silent_receiver_end_with_1() -> None:
    async with receiving(behaviour=Behaviour(status=503)) as (listener, _):
        refused = await cli("events", "send", "user_inbound", "--to", listener.url, *SIGNED)
    assert (refused.exit_code, "answered 503" in refused.output) == (1, True)
    silent = await cli("events", "send", "user_inbound", "--to", listener.url, *SIGNED)
    assert (silent.exit_code, "no answer" in silent.output) == (1, True)
    assert "the connection was refused" in silent.output


async def test_a_redirect_is_shown_and_not_followed() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    async with answering(handler) as url:
        result = await cli("events", "send", "user_inbound", "--to", url)
    assert result.exit_code == 1
    assert "redirects are not followed" in result.output
    assert "Location: /elsewhere" in result.output.replace("location", "Location")


async def test_an_answer_is_cut_and_cannot_steer_the_terminal() -> None:
    async def handler(_request: web.Request) -> web.Response:
        return web.Response(text="\x1b[31mred\n" + "x" * 5000, headers={"X-Any": "\x9bred"})

    async with answering(handler) as url:
        result = await cli("events", "send", "user_inbound", "--to", url)
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert "\x9b" not in result.output
    assert "x" * 900 in result.output
    assert "x" * 1025 not in result.output


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        ("--to", "http://127.0.0.1:1/", "--to-endpoint", "crm"),
        ("--to", "127.0.0.1:1"),
        ("--to", "http://[::1"),
        ("--to", "ftp://127.0.0.1/"),
        ("--to", "http://127.0.0.1:1/", "--signing-secret", "whsec_!"),
        ("--to", "http://127.0.0.1:1/", "--id", "a\nb"),
        ("--to-endpoint", "crm", "--token", "x"),
        ("--to-endpoint", "crm", "--show-secrets"),
    ],
)
async def test_wrong_options_end_with_2(wrong: tuple[str, ...]) -> None:
    result = await cli("events", "send", "user_inbound", *wrong)
    assert result.exit_code == 2, result.output


async def test_to_a_live_endpoint_with_its_own_settings(tmp_path: Path) -> None:
    async with receiving() as (listener, received), serving(tmp_path, listener.port):
        result = await cli(
            "events", "send", "queue_call", "--to-endpoint", "crm", "--data-dir", tmp_path
        )
    assert result.exit_code == 0, result.output
    (one,) = received
    assert one.body == sample("queue_call")
    assert facts(one.headers).test
    assert one.headers["x-custom"] == CUSTOM
    assert "X-Custom: [secret]" in result.output
    assert not any(secret in result.output for secret in HIDDEN)


async def test_to_a_webhook_object(tmp_path: Path) -> None:
    to = ("--to-endpoint", "object:missed", "--data-dir", tmp_path)
    async with receiving() as (listener, received), serving(tmp_path, listener.port):
        right = await cli("events", "send", "webhook_component_event", *to, "--json")
        wrong = await cli("events", "send", "user_inbound", *to)
        never = await cli(
            "events", "send", "webhook_component_event", "--to-endpoint", "crm", *to[2:]
        )
    assert json.loads(right.output)["endpoint"] == "object:missed"
    assert len(received) == 1
    assert wrong.exit_code == never.exit_code == 1
    assert "webhook_component_event only" in wrong.output
    assert "object:ID" in never.output


async def test_the_address_guard_holds_for_test_events(tmp_path: Path) -> None:
    async with receiving() as (listener, _), serving(tmp_path, listener.port):
        result = await cli(
            *("events", "send", "user_inbound", "--to-endpoint", "closed"),
            *("--data-dir", tmp_path, "--json"),
        )
    assert result.exit_code == 1
    said = json.loads(result.output)
    assert (said["status"], said["error"]) == (None, "blocked")
    assert "allowed_networks" in said["detail"]


async def test_an_endpoint_that_is_not_there_and_a_server_that_does_not_run(
    tmp_path: Path,
) -> None:
    to = ("--to-endpoint", "nope", "--data-dir", tmp_path)
    async with receiving() as (listener, _), serving(tmp_path, listener.port):
        unknown = await cli("events", "send", "user_inbound", *to)
    assert (unknown.exit_code, "no webhook endpoint 'nope'" in unknown.output) == (1, True)
    stopped = await cli("events", "send", "user_inbound", *to)
    assert stopped.exit_code == 1
    assert "start one with hookswitch serve" in stopped.output


async def test_the_api_wants_a_token_and_a_known_type(tmp_path: Path) -> None:
    async with (
        receiving() as (listener, received),
        serving(tmp_path, listener.port) as server,
        aiohttp.ClientSession(server.web.url) as session,
    ):
        authorized = {"Authorization": f"Bearer {server.data.token()}"}
        path = "/api/webhooks/crm/test"
        async with session.post(path, json={"type": "user_inbound"}) as answer:
            assert answer.status == 401
        for body in ({"type": "fax"}, {}, {"type": "voicemail", "url": "http://x/"}):
            async with session.post(path, json=body, headers=authorized) as answer:
                assert answer.status == 422
    assert received == []
