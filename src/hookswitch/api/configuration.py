"""The live configuration, what a change would do, and Apply."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from hookswitch.api.body import read_body
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/configuration", tags=["configuration"])

LIMIT = 4 << 20

Comment = Annotated[str, Query(max_length=500)]


@router.get("")
async def live(services: Use) -> dict[str, Any]:
    """The live revision's number and document; secrets are masked."""
    return dict(await services.live())


@router.post("/preview")
async def preview(services: Use, request: Request) -> dict[str, Any]:
    """Check the document in the body and tell what applying it would change."""
    return dict(await services.configuring.preview(await _text(request)))


@router.post("/apply")
async def apply(
    services: Use,
    request: Request,
    origin: Annotated[str, Query(pattern="^(apply|import)$")] = "apply",
    comment: Comment = "",
    base: Annotated[int | None, Query(ge=0)] = None,
) -> dict[str, Any]:
    """Check, compile and make live the YAML (or JSON) document in the body.

    A secret that is absent or masked keeps its value. With `base` it is refused (409) if another
    revision than that one is live by now.
    """
    text = await _text(request)
    return dict(
        await services.configuring.apply(
            text, user_of(request), origin=origin, comment=comment, base=base
        )
    )


def user_of(request: Request) -> str:
    """Who asks, as the client says."""
    return request.headers.get("x-hookswitch-user", "api")[:80]


async def _text(request: Request) -> str:
    try:
        return (await read_body(request, LIMIT)).decode()
    except UnicodeDecodeError:
        raise Refused(400, "Bad Request", "the document is not UTF-8 text") from None
