"""What happens now, as Server-Sent Events."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from hookswitch.api.access import READ, Who
from hookswitch.api.ports import Happening
from hookswitch.api.services import Use

router = APIRouter(prefix="/api", tags=["live"], dependencies=[READ])

STREAM: Final = "text/event-stream"
HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "/live",
    response_class=StreamingResponse,
    responses={200: {"content": {STREAM: {"schema": {"type": "string"}}}}},
)
async def live(services: Use, who: Who) -> StreamingResponse:
    """First a `snapshot`, then `call`, `leg`, `object`, `queue`, `user`, `event`, `delivery`,
    `apply` and `health` as they happen; a comment every 15 seconds.

    `object` says in which object a call is, null if in none; looked at twice a second, so objects
    that a call only passes may be left out. A `call` is `arrived`, `held`, `resumed` or `ended`.
    Who begins to watch is told of all calls' objects and holds after the snapshot. It tells of all
    processes that share the database. It ends when the session does, or when the reader falls far
    behind: connect again for a new snapshot.
    """
    messages = await services.watch(who)
    return StreamingResponse(_lines(messages), media_type=STREAM, headers=HEADERS)


async def _lines(messages: AsyncIterator[Happening | None]) -> AsyncIterator[bytes]:
    async for told in messages:
        if told is None:
            yield b": still here\n\n"
        else:
            data = msgspec.json.encode(told.data)
            yield f"id: {told.id}\nevent: {told.kind}\ndata: ".encode() + data + b"\n\n"
