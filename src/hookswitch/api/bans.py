"""Addresses that are banned for guessing SIP passwords."""

from fastapi import APIRouter

from hookswitch.api.access import OPERATE, READ
from hookswitch.api.models import Answer, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/bans", tags=["bans"], dependencies=[READ])


class Ban(Answer):
    """`account` is the one that was tried last."""

    address: str
    since: Instant
    until: Instant
    failures: int
    account: str


@router.get("")
async def bans(services: Use) -> list[Ban]:
    """The banned addresses, the newest first."""
    return [Ban.model_validate(ban) for ban in await services.bans()]


@router.delete("/{address}", status_code=204, dependencies=[OPERATE])
async def unban(services: Use, address: str) -> None:
    """Let the address in again."""
    await services.unban(address)
