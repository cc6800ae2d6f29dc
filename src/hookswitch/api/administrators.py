"""The people who administer."""

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import ADMINISTER
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.services import Use
from hookswitch.model.access import Role

router = APIRouter(prefix="/api/administrators", tags=["administrators"], dependencies=[ADMINISTER])

Password = Annotated[str, Field(max_length=300)]


class Administrator(Answer):
    """Never with anything of the password."""

    name: str
    role: Role
    disabled: bool
    totp: bool = Field(description="Whether a second factor is asked for.")
    created_at: Instant
    last_login_at: Instant | None


class Administrators(Answer):
    items: list[Administrator]
    next: None = None


class NewAdministrator(Asked):
    name: Annotated[str, Field(max_length=64)]
    role: Role
    password: Password


class AdministratorChange(Asked):
    """What is null stays; `totp: false` takes a lost second factor away."""

    role: Role | None = None
    password: Password | None = None
    disabled: bool | None = None
    totp: Literal[False] | None = None


@router.get("")
async def administrators(services: Use) -> Administrators:
    """The accounts that may sign in, by name."""
    found = await services.access.administrators()
    return Administrators(items=[Administrator.model_validate(one) for one in found])


@router.post("", status_code=201)
async def add(services: Use, given: NewAdministrator) -> Administrator:
    """Add an account; the name is taken in lower case."""
    made = await services.access.add_administrator(given.name, given.role, given.password)
    return Administrator.model_validate(made)


@router.patch("/{name}")
async def change(services: Use, name: str, given: AdministratorChange) -> Administrator:
    """Change role or password, disable, or take the second factor away; ends the sessions."""
    changed = await services.access.change_administrator(name, **given.model_dump())
    return Administrator.model_validate(changed)


@router.delete("/{name}", status_code=204)
async def delete(services: Use, name: str) -> None:
    """Delete an account with all sessions; refused (409) for the last who can administer."""
    await services.access.delete_administrator(name)
