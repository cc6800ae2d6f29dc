"""Click-to-call."""

from typing import Annotated

from fastapi import APIRouter, Header
from pydantic import Field

from hookswitch.api.access import OPERATE
from hookswitch.api.models import Answer, Asked
from hookswitch.api.ports import Click
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/calls", tags=["calls"])


class CallWanted(Asked):
    """The phones of `user` (an extension) ring, and when he answers `number` is dialled."""

    user: Annotated[str, Field(max_length=40)]
    number: Annotated[str, Field(max_length=40)]
    caller_id: Annotated[str, Field(max_length=40)] | None = None
    client_ref: Annotated[str, Field(max_length=200, pattern=r"^[ -~]*$")] | None = Field(
        None, description="Comes back as X-Hookswitch-Client-Ref with each event of the call."
    )
    idempotency_key: Annotated[str, Field(max_length=200)] | None = Field(
        None, description="The same as the header Idempotency-Key."
    )


class Clicked(Answer):
    """`call` is the unique_call_id of its events."""

    call: str


@router.post("", status_code=202, dependencies=[OPERATE])
async def click(
    services: Use,
    wish: CallWanted,
    idempotency_key: Annotated[str | None, Header(max_length=200)] = None,
) -> Clicked:
    """Click-to-call; the same Idempotency-Key again gives the same call."""
    asked = Click(
        user=wish.user,
        number=wish.number,
        caller_id=wish.caller_id,
        client_ref=wish.client_ref,
        key=idempotency_key or wish.idempotency_key,
    )
    return Clicked(call=await services.click(asked))
