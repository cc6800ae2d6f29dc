"""docs/guides/reverse-proxy.md on a real nginx, in front of a real server with its engine.

The page's site and settings are taken as they stand; only ports, names of files and the address of
the server are others.
"""

import asyncio
import contextlib
import re
import socket
import ssl
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from msgspec import Struct

from hookswitch.asterisk.install.installer import install
from hookswitch.asterisk.install.packages import ENGINE, default_prefix
from kit.certificates import Authority
from kit.command import Served, serve
from kit.runtimes import NGINX, environment, unpacked
from kit.web import PASSWORD

PAGE: Final = Path(__file__).parents[2] / "docs/guides/reverse-proxy.md"
NAME: Final = "pbx.example.com"
SOMEBODY: Final = "127.0.0.77"
"""Where the browser comes from: another address than nginx has."""
PATIENCE_S: Final = 60.0
MAIN: Final = """
daemon off; pid {place}/pid; error_log stderr warn; worker_processes 1;
events {{ worker_connections 64; }}
http {{
  access_log off;
  client_body_temp_path {place}; proxy_temp_path {place}; fastcgi_temp_path {place};
  uwsgi_temp_path {place}; scgi_temp_path {place};
  {site}
}}
"""
REGISTER: Final = (
    "REGISTER sip:web.invalid SIP/2.0\r\nVia: SIP/2.0/WS web.invalid;branch=z9hG4bK1\r\n"
    "Max-Forwards: 70\r\nFrom: <sip:nobody@web.invalid>;tag=1\r\nTo: <sip:nobody@web.invalid>\r\n"
    "Call-ID: 1\r\nCSeq: 1 REGISTER\r\nContact: <sip:nobody@web.invalid;transport=ws>\r\n"
    "Content-Length: 0\r\n\r\n"
)


def block(language: str) -> str:
    fences = rf"^```{language}\n(.*?)^```"
    found = re.search(fences, PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert found
    return found[1]


class Here(AbstractResolver):
    """Every name is this machine."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            {"hostname": host, "host": "127.0.0.1", "port": port, "family": socket.AF_INET,
             "proto": 0, "flags": socket.AI_NUMERICHOST}
        ]  # fmt: skip

    async def close(self) -> None:
        """Nothing is open."""


class Site(Struct, frozen=True):
    """The browser of somebody elsewhere, and what it knows."""

    served: Served
    browser: aiohttp.ClientSession
    https: str
    http: str


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    place = tmp_path_factory.mktemp("proxy")
    await install(ENGINE, default_prefix())
    authority = Authority()
    settings = place / "hookswitch.toml"
    settings.write_text(block("toml"))
    tls, plain = free_port(), free_port()
    trusting = ssl.create_default_context(cadata=authority.pem)
    connector = aiohttp.TCPConnector(ssl=trusting, resolver=Here(), local_addr=(SOMEBODY, 0))
    async with (
        serve(place / "data", "--settings", settings) as served,
        nginx(place, authority, served.url, tls, plain),
        aiohttp.ClientSession(connector=connector) as browser,
    ):
        yield Site(served, browser, f"https://{NAME}:{tls}", f"http://{NAME}:{plain}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def nginx(
    place: Path, authority: Authority, behind: str, tls: int, plain: int
) -> AsyncIterator[None]:
    root = await unpacked(NGINX)
    both = place / "certificate.pem"
    both.write_text(authority.certificate(NAME))
    text = block("nginx")
    for said, meant in {
        "listen 443 ssl": f"listen 127.0.0.1:{tls} ssl",
        "listen 80": f"listen 127.0.0.1:{plain}",
        "/etc/ssl/pbx.example.com.pem": str(both),
        "/etc/ssl/pbx.example.com.key": str(both),
        "http://127.0.0.1:8088": behind,
    }.items():
        assert said in text
        text = text.replace(said, meant)
    file = place / "nginx.conf"
    file.write_text(MAIN.format(place=place, site=text))
    started = await asyncio.create_subprocess_exec(
        *(root / "usr/sbin/nginx", "-p", place, "-c", file, "-e", "stderr"), env=environment(root)
    )
    try:
        await _listening(started, tls)
        yield
    finally:
        started.terminate()
        await started.wait()


async def _listening(started: asyncio.subprocess.Process, port: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            assert started.returncode is None
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.05)


@pytest.fixture(scope="module")
async def administrator(site: Site) -> Site:
    """Signed in through the proxy, as the first one is."""
    code = await site.served.until_said(r"code\W+([A-Za-z0-9-]{6,})")
    given = {"code": code[1], "name": "ada", "password": PASSWORD}
    claimed = {"X-Forwarded-For": "203.0.113.9", "Origin": site.https}
    async with site.browser.post(site.https + "/api/setup", json=given, headers=claimed) as answer:
        assert answer.status == 200, await answer.text()
        assert answer.cookies["hookswitch_session"]["secure"]
    return site


def test_the_settings_are_settings() -> None:
    assert tomllib.loads(block("toml"))["public_url"] == f"https://{NAME}"


async def test_plain_http_leads_to_https(site: Site) -> None:
    async with site.browser.get(site.http + "/calls", allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{NAME}/calls")


async def test_the_console_and_health_come_by_tls(site: Site) -> None:
    async with site.browser.get(site.https + "/healthz") as answer:
        assert answer.status == 200
        assert answer.headers["Strict-Transport-Security"]


async def test_metrics_want_a_token_through_the_proxy(site: Site) -> None:
    async with site.browser.get(site.https + "/metrics") as answer:
        assert answer.status == 401


async def test_another_name_is_refused(site: Site) -> None:
    other = {"Host": "elsewhere.example"}
    async with site.browser.get(site.https + "/api/about", headers=other) as answer:
        assert answer.status == 421


async def test_the_audit_log_has_the_clients_own_address(administrator: Site) -> None:
    async with administrator.browser.get(administrator.https + "/api/audit") as answer:
        rows: list[Any] = (await answer.json())["items"]
    assert rows
    assert {row["address"] for row in rows} == {SOMEBODY}


async def test_live_views_come_as_they_happen(administrator: Site) -> None:
    async with asyncio.timeout(PATIENCE_S):
        async with administrator.browser.get(administrator.https + "/api/live") as answer:
            assert answer.headers["Content-Type"].startswith("text/event-stream")
            lines = [await answer.content.readline() for _ in range(2)]
    assert any(line.startswith(b"event: snapshot") for line in lines), lines


async def test_the_browser_phone_reaches_the_engine(administrator: Site) -> None:
    address = administrator.https + "/phone/ws"
    origin = administrator.https
    async with asyncio.timeout(PATIENCE_S):
        async with administrator.browser.ws_connect(
            address, protocols=["sip"], origin=origin
        ) as phone:
            await phone.send_str(REGISTER)
            assert (await phone.receive_str()).startswith("SIP/2.0 401")
