"""A browser without a screen: cookies, the CSRF token, JSON in and out."""

from collections.abc import Mapping
from typing import Any, Self

import aiohttp
from msgspec import Struct

PASSWORD = "a long enough phrase"


class Seen(Struct, frozen=True):
    """An answer; `body` is the JSON, or the text if it is none."""

    status: int
    headers: Mapping[str, str]
    body: Any


class Browser:
    """Speaks to one server as a console does."""

    def __init__(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        self.url = url
        self.csrf = ""
        self._http = aiohttp.ClientSession(
            headers=headers, cookie_jar=aiohttp.CookieJar(unsafe=True)
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_exc: object) -> None:
        await self._http.close()

    async def ask(self, method: str, path: str, json: Any = None, **more: Any) -> Seen:
        headers = {"X-CSRF-Token": self.csrf, **more.pop("headers", {})}
        async with self._http.request(
            method, self.url + path, json=json, headers=headers, **more
        ) as answer:
            is_json = "json" in answer.headers.get("Content-Type", "")
            body = await (answer.json(content_type=None) if is_json else answer.text())
        seen = Seen(answer.status, answer.headers, body)
        if path in {"/api/session", "/api/setup"} and answer.ok and body:
            self.csrf = body["csrf"] or ""
        return seen

    async def get(self, path: str, **more: Any) -> Any:
        """The body of a 200."""
        seen = await self.ask("GET", path, **more)
        assert seen.status == 200, seen
        return seen.body

    def open(self, path: str) -> Any:
        """An answer that is read as it comes; a context."""
        return self._http.get(self.url + path)

    async def set_up(self, code: str, name: str = "ada") -> Seen:
        given = {"code": code, "name": name, "password": PASSWORD}
        return await self.ask("POST", "/api/setup", given)

    async def sign_in(self, name: str, password: str = PASSWORD, totp: str = "") -> Seen:
        given = {"name": name, "password": password, "totp": totp}
        return await self.ask("POST", "/api/session", given)


def bearer(token: str) -> Mapping[str, str]:
    return {"Authorization": f"Bearer {token}"}
