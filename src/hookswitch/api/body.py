"""Reading a request's body without trusting its size."""

from fastapi import Request

from hookswitch.api.ports import Refused


async def read_body(request: Request, limit: int) -> bytes:
    """Give the body; one of more than `limit` bytes is refused before it is held in memory."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise Refused(413, "Content Too Large", f"the body may have at most {limit} bytes")
    return bytes(body)
