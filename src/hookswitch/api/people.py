"""What is known of a caller."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from hookswitch.api.access import ADMINISTER
from hookswitch.api.models import Answer
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/people", tags=["people"], dependencies=[ADMINISTER])


class Erased(Answer):
    """`open` calls are left as they are: ask again when they are over. `messages` in mailboxes are
    null where no engine runs beside this server: ask the machine that has one.
    """

    calls: int
    events: int
    audio: int
    messages: int | None
    open: int


@router.delete("/{number}")
async def erase(
    services: Use, request: Request, number: Annotated[str, Path(max_length=80)]
) -> Erased:
    """Take a number and its names out of all ended calls, their events and answers; delete audio
    and what it left in mailboxes.

    Not from backups, nor from what receivers were sent. 503 while the engine, which keeps the
    mailboxes, is down: then nothing is erased.
    """
    request.state.audit_target = "a number that is not kept here"
    return Erased.model_validate(await services.erase(number))
