"""Server-Sent Events of `/api/live`, read as they come."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import aiohttp

from kit.web import Browser

WITHIN = 60.0


class Stream:
    """Server-Sent Events, read as they come."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self._response = response

    async def next(self, kind: str) -> Any:
        """The data of the next event of a kind."""
        return (await self.any(kind))[1]

    async def any(self, *kinds: str) -> tuple[str, Any]:
        """The next event of these kinds, and its data."""
        async with asyncio.timeout(WITHIN):
            while True:
                found, data = await self._read()
                if found in kinds:
                    return found, data

    async def is_over(self) -> bool:
        """Once the other side has ended it."""
        while await self._response.content.readline():
            pass
        return self._response.content.at_eof()

    async def _read(self) -> tuple[str, Any]:
        fields: dict[str, str] = {}
        while line := (await self._response.content.readline()).decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields[name] = value
        return fields.get("event", ""), json.loads(fields.get("data", "null"))


@asynccontextmanager
async def watching(browser: Browser, calls: Sequence[str] = ()) -> AsyncIterator[Stream]:
    """What comes after a snapshot, which must hold these calls."""
    async with browser.open("/api/live") as response:
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/event-stream")
        stream = Stream(response)
        assert {call["id"] for call in (await stream.next("snapshot"))["calls"]} >= set(calls)
        yield stream
