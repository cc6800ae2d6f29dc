"""Talks to the `hookswitch serve` that runs on a data directory, through its API."""

import asyncio
import getpass
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

import aiohttp
import click

from hookswitch.app.cli.options import fail
from hookswitch.app.datadir import DataDir, Running

_PATIENCE = aiohttp.ClientTimeout(total=300)


class ApiError(click.ClickException):
    """The server refused; `problems` name what is wrong, each with a `text`, if it said so.

    A command that does not expect it ends with what the server said.
    """

    def __init__(self, status: int, detail: str, problems: Sequence[Mapping[str, Any]]) -> None:
        super().__init__(detail)
        self.status, self.detail, self.problems = status, detail, problems

    def format_message(self) -> str:
        told = [str(one.get("text") or one.get("message")) for one in self.problems]
        return "\n  ".join(told if len(told) == 1 else [self.detail, *told])


class Client:
    """Requests with the local API token."""

    def __init__(self, running: Running, token: str) -> None:
        self._running = running
        self._headers = {
            "Authorization": f"Bearer {token}",
            "X-Hookswitch-User": getpass.getuser(),
        }

    def get(self, path: str, **query: str | int | None) -> Any:
        """Give the answer's JSON; raises ApiError. A query of None is left out."""
        return asyncio.run(self._request("GET", path, query))

    def post(
        self, path: str, *, json: Any = None, data: bytes | None = None, **query: str | int | None
    ) -> Any:
        return asyncio.run(self._request("POST", path, query, json=json, data=data))

    def put(self, path: str, *, data: bytes) -> Any:
        return asyncio.run(self._request("PUT", path, {}, data=data))

    def patch(self, path: str, *, json: Any) -> Any:
        return asyncio.run(self._request("PATCH", path, {}, json=json))

    def delete(self, path: str) -> None:
        asyncio.run(self._request("DELETE", path, {}))

    async def _request(
        self, method: str, path: str, query: Mapping[str, str | int | None], **body: Any
    ) -> Any:
        given = {name: str(value) for name, value in query.items() if value is not None}
        try:
            async with (
                aiohttp.ClientSession(headers=self._headers, timeout=_PATIENCE) as session,
                session.request(method, self._running.url + path, params=given, **body) as answer,
            ):
                said = await answer.json(content_type=None)
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            fail(f"the running hookswitch (pid {self._running.pid}) did not answer: {error}")
        if not answer.ok:
            _refused(answer.status, said)
        return said


def _refused(status: int, said: Any) -> NoReturn:
    told = said if isinstance(said, dict) else {}
    detail = str(told.get("detail") or told.get("title") or f"status {status}")
    raise ApiError(status, detail, told.get("problems", []))


def find_client(data_dir: Path) -> Client | None:
    """The client of the process that serves `data_dir`, or None if none does."""
    data = DataDir(data_dir)
    try:
        running = data.running()
        return Client(running, data.token()) if running else None
    except OSError as error:
        fail(f"data directory {data.path}: {error.strerror}: run this as the user that owns it")


def require_client(data_dir: Path) -> Client:
    """The same, or end with how to start one."""
    client = find_client(data_dir)
    if client is None:
        fail(
            f"no hookswitch runs on {data_dir}: start one with hookswitch serve,"
            " or name its directory with --data-dir"
        )
    return client
