"""What is known of a caller."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from hookswitch.api.access import ADMINISTER
from hookswitch.api.models import Answer
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/people", tags=["people"], dependencies=[ADMINISTER])


class Erased(Answer):
    """`open` calls are left as they are: ask again when they are over."""

    calls: int
    events: int
    audio: int
    open: int


@router.delete("/{number}")
async def erase(
    services: Use, request: Request, number: Annotated[str, Path(max_length=80)]
) -> Erased:
    """Take a number and its names out of all ended calls, their events and answers; delete audio.

    Not from backups, from mailboxes that keep their messages, nor from what receivers were sent.
    """
    request.state.audit_target = "a number that is not kept here"
    return Erased.model_validate(await services.erase(number))
