"""Is it up, and how much does it do."""

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST

from hookswitch.api.services import Use

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz(services: Use) -> Response:
    """200 when calls are taken, journalled and delivered, else 503; the parts say which is not."""
    health = await services.health()
    body = {"ok": health.ok, "parts": dict(health.parts)}
    return JSONResponse(body, 200 if health.ok else 503, {"Cache-Control": "no-store"})


@router.get("/metrics")
async def metrics(services: Use) -> Response:
    """Prometheus text."""
    return Response(await services.metrics(), media_type=CONTENT_TYPE_LATEST)
