"""Who connects and says little or nothing: closed in time, whoever is quicker is served."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kit.api import serving
from kit.web import Browser

WITHIN = 60.0
ASK = b"GET /api/session HTTP/1.1\r\nHost: localhost\r\n"


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Any]:
    monkeypatch.setattr("hookswitch.app.webserver.HEAD_S", 0.2)
    monkeypatch.setattr("hookswitch.api.guard.BODY_S", 0.2)
    async with serving(tmp_path) as up:
        yield up


async def ended(server: Any, *said: bytes) -> bytes:
    """Say the pieces, each after what came in answer to the one before; give what came last."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.web.port)
    async with asyncio.timeout(WITHIN):
        for piece in said[:-1]:
            writer.write(piece)
            await reader.readuntil(b"}")
        writer.write(said[-1])
        answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize("head", [b"", b"G", ASK], ids=["nothing", "a letter", "no end"])
async def test_half_a_request_is_given_up(server: Any, head: bytes) -> None:
    assert await ended(server, head) == b""


async def test_half_a_second_request_is_given_up(server: Any) -> None:
    assert await ended(server, ASK + b"\r\n", ASK) == b""


async def test_a_body_of_a_stranger_must_come_in_time(server: Any) -> None:
    head = b"POST /api/session HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    assert (await ended(server, head + b"{")).startswith(b"HTTP/1.1 408 ")


async def test_who_is_signed_in_may_watch_for_long(server: Any) -> None:
    """The look at a connection does not end an answer that takes its time."""
    async with Browser(server.web.url) as ada:
        await ada.set_up(server.code)
        told = await ada.get("/api/events?wait=1")
    assert told["items"] == []
