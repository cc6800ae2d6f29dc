"""Reading a request's body without trusting its size."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from hookswitch.api.ports import Refused


async def read_body(request: Request, limit: int) -> bytes:
    """Give the body; one of more than `limit` bytes is refused before it is held in memory."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused(413, "Content Too Large", f"the body may have at most {limit} bytes")
    return bytes(body)


class LimitedRoute(APIRoute):
    """A route whose body is read up to `LIMIT` before anything is made of it."""

    LIMIT = 4 << 20

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def limited(request: Request) -> Any:
            request._body = await read_body(request, self.LIMIT)  # noqa: SLF001  where it is kept
            return await handle(request)

        return limited
