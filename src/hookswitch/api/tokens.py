"""Keys of programs."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import ADMINISTER, Who
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.services import Use
from hookswitch.model.access import Role

router = APIRouter(prefix="/api/tokens", tags=["tokens"], dependencies=[ADMINISTER])


class Token(Answer):
    """`addresses` empty: from anywhere."""

    id: str
    name: str
    role: Role
    addresses: list[str]
    created_at: Instant
    created_by: str
    used_at: Instant | None
    used_from: str


class MadeToken(Token):
    """The only time the token itself is shown."""

    token: str


class Tokens(Answer):
    items: list[Token]
    next: None = None


class NewToken(Asked):
    """`addresses` are addresses or networks it may be used from."""

    name: Annotated[str, Field(min_length=1, max_length=60, pattern=r"^\S(.*\S)?$")]
    role: Role = "read_only"
    addresses: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...], Field(max_length=50)
    ] = ()


@router.get("")
async def tokens(services: Use) -> Tokens:
    """The tokens of programs, the oldest first; never a token itself."""
    found = await services.access.tokens()
    return Tokens(items=[Token.model_validate(one) for one in found])


@router.post("", status_code=201)
async def add(services: Use, who: Who, given: NewToken) -> MadeToken:
    """Make a token; it is shown in this answer and never again."""
    row, token = await services.access.add_token(who, given.name, given.role, given.addresses)
    return MadeToken(**Token.model_validate(row).model_dump(), token=token)


@router.delete("/{token}", status_code=204)
async def delete(services: Use, token: str) -> None:
    """From now on it is refused."""
    await services.access.delete_token(token)
