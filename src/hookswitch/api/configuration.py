"""The live configuration, what a change would do, and Apply."""

import time
from typing import Annotated

from fastapi import APIRouter, Query, Request

from hookswitch.api.access import OPERATE, QUIET, READ, Who
from hookswitch.api.body import read_body
from hookswitch.api.models import Answer, Change, DocumentValues
from hookswitch.api.ports import Identity, Refused, Services
from hookswitch.api.services import Use
from hookswitch.model.access import AuditEntry

router = APIRouter(prefix="/api/configuration", tags=["configuration"])

LIMIT = 4 << 20

Comment = Annotated[str, Query(max_length=500)]
SAME = "The same, as JSON: GET /api/schema gives its schema."
BODY = {
    "requestBody": {
        "content": {
            "application/yaml": {"schema": {"type": "string"}},
            "application/json": {"schema": {"type": "object", "description": SAME}},
        },
        "required": True,
    }
}


class Live(Answer):
    revision: int
    document: DocumentValues


class Preview(Answer):
    """What applying would change; `live` is the revision it is compared with."""

    live: int
    changes: list[Change]


class Applied(Answer):
    revision: int
    seconds: float
    changes: list[Change]
    reloaded: list[str]
    warnings: list[str]


@router.get("", dependencies=[READ])
async def live(services: Use) -> Live:
    """The live revision's number and document; secrets are masked."""
    return Live.model_validate(await services.live())


@router.post("/preview", dependencies=[OPERATE, QUIET], openapi_extra=BODY)
async def preview(services: Use, request: Request) -> Preview:
    """Check the document in the body and tell what applying it would change."""
    text = text_of(await read_body(request, LIMIT))
    return Preview.model_validate(await services.configuring.preview(text))


@router.post("/apply", dependencies=[OPERATE], openapi_extra=BODY)
async def apply(
    services: Use,
    request: Request,
    who: Who,
    *,
    origin: Annotated[str, Query(pattern="^(apply|import)$")] = "apply",
    comment: Comment = "",
    base: Annotated[int | None, Query(ge=0)] = None,
) -> Applied:
    """Check, compile and make live the YAML (or JSON) document in the body.

    A secret that is absent or masked keeps its value. With `base` it is refused (409) if another
    revision than that one is live by now.
    """
    text = text_of(await read_body(request, LIMIT))
    made = await services.configuring.apply(
        text, who.name, origin=origin, comment=comment, base=base
    )
    request.state.audit = f"revision {made['revision']}"
    return Applied.model_validate(made)


def text_of(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise Refused(400, "Bad Request", "the document is not UTF-8 text") from None


async def note(services: Services, request: Request, who: Identity, what: str, target: str) -> None:
    """Write down a request that changes nothing and is still worth telling."""
    entry = AuditEntry(
        at=time.time_ns() // 1_000_000,
        who=who.name,
        what=what,
        target=target[:300],
        address=request.state.client.address,
    )
    await services.access.note(entry)
