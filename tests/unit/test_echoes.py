"""A receiver that sends everything back: what is kept and shown of it holds no secret."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from hookswitch.model.secret import MASK
from kit.api import CUSTOM, TOKEN, serving
from kit.office import Office
from kit.web import Browser, bearer


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """Of a receiver that answers with the headers it was sent."""
    app = web.Application()
    app.router.add_post("/{path:.*}", _echo)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def _echo(request: web.Request) -> web.Response:
    return web.json_response(dict(request.headers))


async def test_an_answer_is_kept_and_shown_without_our_secrets(tmp_path: Path, port: int) -> None:
    async with (
        serving(tmp_path, port) as server,
        Browser(server.web.url, bearer(server.data.token())) as ada,
    ):
        office = Office(tmp_path)
        office.server = server
        await office.add("evt_1")
        (row,) = await office.until("delivered")
        (kept,) = (await ada.get(f"/api/deliveries/{row.id}"))["history"]
        tried = await ada.ask("POST", "/api/webhooks/crm/test", {"type": "user_inbound"})
    for answer in (kept["response"], tried.body["response"]):
        assert f'"X-Pbx-Token": "{MASK}"' in answer
        assert f'"X-Custom": "{MASK}"' in answer
        assert TOKEN not in answer
        assert CUSTOM not in answer
        assert '"webhook-id": "evt_' in answer


async def test_the_built_in_receiver_shows_no_header_of_an_administrator(tmp_path: Path) -> None:
    async with (
        serving(tmp_path) as server,
        aiohttp.ClientSession() as http,
        Browser(server.web.url, bearer(server.data.token())) as ada,
    ):
        sent = {"X-Pbx-Token": TOKEN, "X-Custom": CUSTOM, "X-Other": "seen"}
        url = f"http://127.0.0.1:{server.receiver.port}/"
        async with http.post(url, headers=sent, json={}) as answer:
            assert answer.status == 200
        (request,) = (await ada.get("/api/receiver/requests"))["items"]
    assert request["headers"]["x-other"] == "seen"
    assert not {"x-custom", "x-pbx-token"} & set(request["headers"])
