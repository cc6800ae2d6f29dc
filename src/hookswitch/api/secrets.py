"""The stored secrets: by reference only, never a value."""

from typing import Any

from fastapi import APIRouter

from hookswitch.api.services import Use

router = APIRouter(prefix="/api/secrets", tags=["secrets"])


@router.get("")
async def secrets(services: Use) -> list[dict[str, Any]]:
    """References, when each value was given, and whether the live revision uses it."""
    return [dict(row) for row in await services.configuring.secrets()]


@router.post("/rotate-key")
async def rotate_key(services: Use) -> dict[str, Any]:
    """Encrypt all of them with a new key."""
    return dict(await services.configuring.rotate_key())
