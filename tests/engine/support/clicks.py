"""Click-to-call as a program asks for it."""

from typing import Any

from aiohttp import ClientSession
from support.serving import Serving


async def click(at: Serving, status: int = 202, **wish: str | None) -> dict[str, Any]:
    """Ask for a call over HTTP, and give the answer, which must have this status."""
    headers = {"Authorization": f"Bearer {at.server.data.token()}"}
    async with (
        ClientSession(headers=headers) as session,
        session.post(f"{at.server.web.url}/api/calls", json=wish) as answer,
    ):
        said: dict[str, Any] = await answer.json()
        assert answer.status == status, said
        return said
