"""The stored secrets: by reference; a value is shown to administrators only, and noted."""

from typing import Annotated

from fastapi import APIRouter, Query, Request

from hookswitch.api.access import ADMINISTER, READ, Who
from hookswitch.api.configuration import note
from hookswitch.api.models import Answer, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/secrets", tags=["secrets"])


class StoredSecret(Answer):
    """`live` if the live revision uses it."""

    reference: str
    set_at: Instant
    live: bool


class Rotated(Answer):
    secrets: int


class Revealed(Answer):
    ref: str
    value: str


@router.get("", dependencies=[READ])
async def secrets(services: Use) -> list[StoredSecret]:
    """References, when each value was given, and whether the live revision uses it."""
    return [StoredSecret.model_validate(row) for row in await services.configuring.secrets()]


@router.get("/reveal", dependencies=[ADMINISTER])
async def reveal(
    services: Use, request: Request, who: Who, ref: Annotated[str, Query(max_length=400)]
) -> Revealed:
    """The value of a secret of the draft or of what is live; the audit log tells of it."""
    value = await services.drafts.reveal(ref)
    await note(services, request, who, "secret revealed", ref)
    return Revealed(ref=ref, value=value)


@router.post("/rotate-key", dependencies=[ADMINISTER])
async def rotate_key(services: Use) -> Rotated:
    """Encrypt all of them with a new key."""
    return Rotated.model_validate(await services.configuring.rotate_key())
