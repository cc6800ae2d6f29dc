"""Who gets in: first start, passwords, second factor, sessions, tokens, roles, hosts, the log."""

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from fastapi.routing import APIRoute

from hookswitch.api import console
from hookswitch.api.access import declared
from hookswitch.api.app import RESOURCES, routes_of
from hookswitch.app.people.throttle import Throttle
from hookswitch.model.access import ROLES, allows
from kit.api import serving
from kit.web import PASSWORD, Browser, bearer

ROUTES = routes_of(resource.router for resource in RESOURCES)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Any]:
    async with serving(tmp_path_factory.mktemp("api")) as up:
        up.first_code = up.code
        async with Browser(up.web.url) as ada:
            assert (await ada.set_up(up.code)).status == 200
            for role in ROLES:
                given = {"name": role, "role": role, "password": PASSWORD}
                assert (await ada.ask("POST", "/api/administrators", given)).status == 201
        yield up


@pytest.fixture
async def ada(server: Any) -> AsyncIterator[Browser]:
    async with Browser(server.web.url) as browser:
        assert (await browser.sign_in("ada")).status == 200
        yield browser


@pytest.fixture
async def stranger(server: Any) -> AsyncIterator[Browser]:
    async with Browser(server.web.url) as browser:
        yield browser


async def test_a_first_start_is_set_up_once_with_the_printed_code(tmp_path: Path) -> None:
    async with serving(tmp_path) as up, Browser(up.web.url) as browser:
        assert (await browser.get("/api/session"))["state"] == "setup"
        assert (await browser.set_up("AAAA-AAAA")).status == 401
        weak = {"code": up.code, "name": "ada", "password": "short"}
        refused = await browser.ask("POST", "/api/setup", weak)
        assert refused.status == 422
        assert refused.body["problems"][0]["field"] == "password"
        done = await browser.set_up(up.code.lower().replace("-", " "))
        assert done.body["state"] == "signed_in"
        assert done.body["user"] == {"name": "ada", "role": "administrator"}
        assert (await browser.set_up(up.code, "eve")).status == 409
        assert (await browser.get("/api/session"))["state"] == "signed_in"


async def test_guessing_the_code_must_wait(tmp_path: Path) -> None:
    async with serving(tmp_path) as up, Browser(up.web.url) as browser:
        seen = [await browser.set_up("AAAA-AAAA") for _ in range(6)]
        assert [one.status for one in seen] == [401] * 5 + [429]
        assert int(seen[-1].headers["Retry-After"]) > 0


async def test_a_session_ends_when_it_is_signed_out(ada: Browser) -> None:
    cookie = next(iter(ada._http.cookie_jar))
    assert cookie["httponly"]
    assert cookie["samesite"] == "strict"
    assert (await ada.ask("DELETE", "/api/session")).status == 204
    assert (
        await ada.ask("GET", "/api/calls", headers={"Cookie": cookie.OutputString()})
    ).status == 401


async def test_a_session_ends_when_it_is_idle(tmp_path: Path, monkeypatch: Any) -> None:
    async with serving(tmp_path, session_idle_minutes=1) as up, Browser(up.web.url) as browser:
        await browser.set_up(up.code)
        assert (await browser.ask("GET", "/api/calls")).status == 200
        later = int(time.time() * 1000) + 61_000
        monkeypatch.setattr("hookswitch.app.people.access.now_ms", lambda: later)
        assert (await browser.ask("GET", "/api/calls")).status == 401


async def test_a_change_needs_the_csrf_token_and_its_own_site(ada: Browser) -> None:
    refused = await ada.ask("POST", "/api/tokens", {"name": "x"}, headers={"X-CSRF-Token": "no"})
    assert (refused.status, refused.body["title"]) == (403, "CSRF token missing")
    refused = await ada.ask(
        "POST", "/api/tokens", {"name": "x"}, headers={"Origin": "https://evil.example"}
    )
    assert (refused.status, refused.body["title"]) == (403, "Other origin")


@pytest.mark.parametrize("origin", ["null", "http://[", "http://127.0.0.1:1", "//", ""])
async def test_an_origin_that_is_not_ours_is_refused(stranger: Browser, origin: str) -> None:
    given = {"name": "ada", "password": PASSWORD}
    refused = await stranger.ask("POST", "/api/session", given, headers={"Origin": origin})
    assert (refused.status, refused.body["title"]) == (403, "Other origin")
    assert refused.headers["X-Content-Type-Options"] == "nosniff"


async def test_a_stranger_cannot_have_much_read(stranger: Browser, server: Any) -> None:
    long = {"name": "x" * 17_000, "password": PASSWORD}
    assert (await stranger.ask("POST", "/api/session", long)).status == 413
    reader, writer = await asyncio.open_connection("127.0.0.1", server.web.port)
    head = "POST /api/session HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    writer.write(head.encode() + b"4000\r\n" + b" " * 0x4000 + b"\r\n1\r\n \r\n")
    assert b" 413 " in await reader.readline(), "told before the body ends"
    writer.close()


async def test_wrong_names_and_passwords_are_told_alike_and_slowed(stranger: Browser) -> None:
    unknown = await stranger.sign_in("nobody-here", "wrong wrong wrong")
    known = await stranger.sign_in("operator", "wrong wrong wrong")
    assert unknown.status == known.status == 401
    assert unknown.body == known.body
    seen = [await stranger.sign_in("guessed", "wrong wrong wrong") for _ in range(6)]
    assert seen[-1].status == 429
    assert (await stranger.sign_in("operator")).status == 200


async def test_guesses_side_by_side_wait_too(server: Any) -> None:
    async with Browser(server.web.url) as eve:
        guesses = [eve.sign_in("guessed-at-once", f"wrong guess {n}") for n in range(12)]
        seen = sorted(one.status for one in await asyncio.gather(*guesses))
    assert seen == [401] * 5 + [429] * 7


def test_each_failure_over_the_free_ones_waits_longer() -> None:
    now = [0.0]
    throttle = Throttle(lambda: now[0], free=2)
    waits = []
    for _ in range(5):
        throttle.failed("eve")
        waits.append(throttle.wait("eve"))
    assert waits == [0, 2, 4, 8, 16]
    assert throttle.wait("ada") == 0
    now[0] = 17
    assert throttle.wait("eve") == 0
    throttle.succeeded("eve")
    throttle.failed("eve")
    assert throttle.wait("eve") == 0


async def test_a_second_factor_is_asked_for_and_a_code_counts_once(
    ada: Browser, server: Any
) -> None:
    given = {"name": "carol", "role": "operator", "password": PASSWORD}
    await ada.ask("POST", "/api/administrators", given)
    async with Browser(server.web.url) as carol, Browser(server.web.url) as other:
        await carol.sign_in("carol")
        wrong = await carol.ask("POST", "/api/me/totp", {"password": "not this one"})
        assert wrong.status == 422
        made = (await carol.ask("POST", "/api/me/totp", {"password": PASSWORD})).body
        assert made["uri"].startswith("otpauth://totp/Hookswitch:carol?secret=")
        totp = pyotp.TOTP(made["secret"])
        bad = "000000" if totp.now() != "000000" else "111111"
        assert (await carol.ask("POST", "/api/me/totp/confirm", {"code": bad})).status == 422
        code = totp.now()
        confirmed = await carol.ask("POST", "/api/me/totp/confirm", {"code": code})
        [lost_phone, *others] = confirmed.body["codes"]
        assert len(others) == 7
        again = await carol.ask("POST", "/api/me/totp", {"password": PASSWORD})
        assert (again.status, again.body["title"]) == (409, "Second factor in use")
        asked = await other.sign_in("carol")
        assert (asked.status, asked.body["title"]) == (401, "One-time code needed")
        assert (await other.sign_in("carol", totp=code)).status == 401
        fresh = totp.at(time.time() + 30)
        assert (await other.sign_in("carol", totp=fresh)).status == 200
        recovered = lost_phone.replace("-", " ")
        assert (await other.sign_in("carol", totp=recovered)).status == 200
        assert (await other.sign_in("carol", totp=lost_phone)).status == 401, "it was used"
    assert made["secret"].encode() not in (server.data.path / "hookswitch.db").read_bytes()
    lost = await ada.ask("PATCH", "/api/administrators/carol", {"totp": False})
    assert lost.body["totp"] is False
    async with Browser(server.web.url) as carol:
        assert (await carol.sign_in("carol")).status == 200


async def test_a_changed_password_ends_the_other_sessions(ada: Browser, server: Any) -> None:
    given = {"name": "dora", "role": "read_only", "password": PASSWORD}
    await ada.ask("POST", "/api/administrators", given)
    async with Browser(server.web.url) as one, Browser(server.web.url) as two:
        await one.sign_in("dora")
        await two.sign_in("dora")
        sessions = (await one.get("/api/me/sessions"))["items"]
        assert sorted(s["current"] for s in sessions) == [False, True]
        change = {"old": PASSWORD, "new": "another long phrase"}
        assert (await one.ask("POST", "/api/me/password", change)).status == 204
        assert (await one.ask("GET", "/api/calls")).status == 200
        assert (await two.ask("GET", "/api/calls")).status == 401
        assert (await two.sign_in("dora")).status == 401
        assert (await two.sign_in("dora", "another long phrase")).status == 200
        other = next(s for s in (await one.get("/api/me/sessions"))["items"] if not s["current"])
        assert (await one.ask("DELETE", f"/api/me/sessions/{other['id']}")).status == 204
        assert (await two.ask("GET", "/api/calls")).status == 401
        await ada.ask("PATCH", "/api/administrators/dora", {"disabled": True})
        assert (await one.ask("GET", "/api/calls")).status == 401
        assert (await one.sign_in("dora", "another long phrase")).status == 401


async def test_the_last_administrator_stays(tmp_path: Path) -> None:
    async with serving(tmp_path) as up, Browser(up.web.url) as browser:
        await browser.set_up(up.code)
        for method, change in (
            ("DELETE", None), ("PATCH", {"disabled": True}), ("PATCH", {"role": "operator"})
        ):  # fmt: skip
            refused = await browser.ask(method, "/api/administrators/ada", change)
            assert (refused.status, refused.body["title"]) == (409, "Last administrator")
        assert (await browser.ask("GET", "/api/calls")).status == 200


async def test_a_token_is_shown_once_scoped_and_bound_to_addresses(
    ada: Browser, server: Any
) -> None:
    given = {"name": "crm", "role": "read_only", "addresses": ["192.0.2.0/24"]}
    made = (await ada.ask("POST", "/api/tokens", given)).body
    assert made["token"].startswith("hsk_")
    listed = (await ada.get("/api/tokens"))["items"]
    assert made["token"] not in str(listed)
    assert made["token"].encode() not in (server.data.path / "hookswitch.db").read_bytes()
    async with Browser(server.web.url, bearer(made["token"])) as program:
        blocked = await program.ask("GET", "/api/calls")
        assert (blocked.status, blocked.body["title"]) == (403, "Address not allowed")
        assert "127.0.0.1" in blocked.body["detail"]
    async with Browser(server.web.url, bearer("hsk_wrong")) as program:
        unknown = await program.ask("GET", "/api/calls")
        assert (unknown.status, unknown.body["title"]) == (401, "Unknown API token")
    here = {"name": "here", "role": "read_only", "addresses": ["127.0.0.1"]}
    made = (await ada.ask("POST", "/api/tokens", here)).body
    async with Browser(server.web.url, bearer(made["token"])) as program:
        assert (await program.ask("GET", "/api/calls")).status == 200
        assert (await program.ask("POST", "/api/secrets/rotate-key")).status == 403
        used = next(t for t in (await ada.get("/api/tokens"))["items"] if t["name"] == "here")
        assert used["used_from"] == "127.0.0.1"
        assert (await ada.ask("DELETE", f"/api/tokens/{made['id']}")).status == 204
        assert (await program.ask("GET", "/api/calls")).status == 401
    wrong = await ada.ask("POST", "/api/tokens", {"name": "x", "addresses": ["nowhere"]})
    assert wrong.body["problems"][0]["field"] == "addresses"


def test_every_route_says_who_may_use_it() -> None:
    routes = [*ROUTES, *routes_of([console.router()])]
    assert len(routes) > 40
    assert [route.path for route in routes if declared(route.dependencies) is False] == []
    opened = {route.path for route in ROUTES if declared(route.dependencies) is None}
    setup = {"/api/setup", "/api/setup/restore"}
    assert opened == {"/healthz", "/metrics", "/m/{token}", "/api/session", *setup}


GUARDED = [
    (method, route)
    for route in ROUTES
    for method in sorted(route.methods or ())
    if declared(route.dependencies) is not None
]


@pytest.mark.parametrize("method, route", GUARDED, ids=lambda v: getattr(v, "path", v))  # noqa: PT006
async def test_every_route_refuses_who_has_no_role_for_it(
    server: Any, method: str, route: APIRoute
) -> None:
    """Asked with values that do not matter: who may not is refused before they are looked at."""
    path = route.path.format_map(_Anything())
    needed = declared(route.dependencies)
    async with Browser(server.web.url) as browser:
        assert (await browser.ask(method, path)).status == 401
        for role in ROLES:
            if isinstance(needed, str) and not allows(role, needed):
                await browser.sign_in(role)
                refused = await browser.ask(method, path, json={})
                assert refused.status == 403, role
                assert needed in refused.body["detail"]


class _Anything(dict[str, str]):
    def __missing__(self, _key: str) -> str:
        return "1"


async def test_every_change_is_in_the_log(ada: Browser, stranger: Browser) -> None:
    await stranger.sign_in("read_only", "wrong wrong wrong")
    made = (await ada.ask("POST", "/api/tokens", {"name": "logged"})).body
    await ada.ask("DELETE", f"/api/tokens/{made['id']}")
    await ada.ask("DELETE", "/api/tokens/none")
    page = await ada.get("/api/audit?limit=2")
    first, second = page["items"]
    assert (first["who"], first["what"]) == ("ada", "DELETE /api/tokens/{token}")
    assert first["target"] == f"/api/tokens/{made['id']}"
    assert first["address"] == "127.0.0.1"
    assert second["what"] == "POST /api/tokens"
    older = await ada.get(f"/api/audit?limit=1000&after={page['next']}")
    assert older["items"][0]["id"] < second["id"]
    assert "sign in failed" in {entry["what"] for entry in older["items"]}


async def test_only_its_own_names_are_served(tmp_path: Path) -> None:
    names = {"allowed_hosts": ("pbx.example",), "public_url": "https://phone.example/x"}
    async with serving(tmp_path, **names) as up, Browser(up.web.url) as browser:
        for host, status in (
            ("evil.example", 421), ("pbx.example:8088", 200), ("phone.example", 200),
            ("127.0.0.1:1", 200), ("[::1]:8088", 200), ("localhost", 200), ("", 421),
        ):  # fmt: skip
            seen = await browser.ask("GET", "/api/session", headers={"Host": host})
            assert seen.status == status, host
        refused = await browser.ask("GET", "/api/session", headers={"Host": "evil.example"})
        assert "HOOKSWITCH_ALLOWED_HOSTS" in refused.body["detail"]
        assert (await browser.ask("GET", "/healthz", headers={"Host": "any"})).status != 421


async def test_a_trusted_proxy_says_whom_it_asks_for(tmp_path: Path) -> None:
    said = {"X-Forwarded-For": "203.0.113.9, 198.51.100.4"}
    async with (
        serving(tmp_path / "a") as plain,
        serving(tmp_path / "b", trusted_proxies=("127.0.0.1",)) as behind,
        Browser(plain.web.url, said) as one,
        Browser(behind.web.url, said) as two,
    ):
        assert (await one.get("/api/session"))["address"] == "127.0.0.1"
        assert (await two.get("/api/session"))["address"] == "198.51.100.4"


async def test_this_machines_token_administers(server: Any) -> None:
    headers = {**bearer(server.data.token()), "X-Hookswitch-User": "root"}
    async with Browser(server.web.url, headers) as browser:
        assert (await browser.get("/api/session"))["user"] == {
            "name": "root", "role": "administrator"
        }  # fmt: skip
        assert (await browser.ask("POST", "/api/me/totp", {"password": "x"})).status == 409
