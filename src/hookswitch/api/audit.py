"""Who changed what, when, and from where."""

from typing import Annotated

from fastapi import APIRouter, Query

from hookswitch.api.access import ADMINISTER
from hookswitch.api.models import Answer, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/audit", tags=["audit"], dependencies=[ADMINISTER])


class AuditEntry(Answer):
    """`what` is the request, or `sign in`, `sign in failed`, `set up`."""

    id: int
    at: Instant
    who: str
    what: str
    target: str
    address: str
    details: str


class Audit(Answer):
    items: list[AuditEntry]
    next: str | None


@router.get("")
async def audit(
    services: Use,
    after: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Audit:
    """The changes that were made, the newest first; `after` is the `next` of the page before."""
    found = await services.access.audit(after, limit)
    following = str(found[-1].id) if len(found) == limit else None
    return Audit(items=[AuditEntry.model_validate(one) for one in found], next=following)
