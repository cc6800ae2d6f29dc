"""The live configuration, and Apply."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request

from hookswitch.api.body import read_body
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/configuration", tags=["configuration"])

LIMIT = 8 << 20


@router.get("")
async def live(services: Use) -> dict[str, Any]:
    """The live revision's number and document; secrets are masked."""
    return dict(await services.live())


@router.post("/apply")
async def apply(services: Use, request: Request) -> dict[str, Any]:
    """Check, compile and make live the YAML (or JSON) document in the body."""
    body = await read_body(request, LIMIT)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "Bad Request", "the document is not UTF-8 text") from None
    by = request.headers.get("x-hookswitch-user", "api")[:80]
    return msgspec.structs.asdict(await services.apply(text, by))
