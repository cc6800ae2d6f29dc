"""Is it up, and how much does it do."""

from fastapi import APIRouter, Response
from prometheus_client import CONTENT_TYPE_LATEST

from hookswitch.api.access import OPEN
from hookswitch.api.models import Answer
from hookswitch.api.services import Use

router = APIRouter(tags=["health"], dependencies=[OPEN])


class Health(Answer):
    """`parts` says of each part `ok`, or what is wrong with it."""

    ok: bool
    parts: dict[str, str]


@router.get("/healthz", responses={503: {"model": Health, "description": "It is not"}})
async def healthz(services: Use, response: Response) -> Health:
    """200 when calls are taken, journalled and delivered, else 503; the parts say which is not."""
    health = await services.health()
    response.status_code = 200 if health.ok else 503
    response.headers["Cache-Control"] = "no-store"
    return Health(ok=health.ok, parts=dict(health.parts))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def metrics(services: Use) -> Response:
    """Prometheus text; open to this machine, but not through a proxy."""
    return Response(await services.metrics(), media_type=CONTENT_TYPE_LATEST)
