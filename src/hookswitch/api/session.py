"""Signing in and out, and the first administrator."""

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from hookswitch import __version__
from hookswitch.api.access import OPEN, QUIET
from hookswitch.api.backups import FILE, Restoring
from hookswitch.api.guard import COOKIE
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.ports import Identity, SignedIn
from hookswitch.api.services import Use
from hookswitch.model.access import Role

router = APIRouter(prefix="/api", tags=["session"], dependencies=[OPEN])

Text = Annotated[str, Field(max_length=300)]


class User(Answer):
    """Who is signed in."""

    name: str
    role: Role


class SessionState(Answer):
    """`setup`: there is no administrator yet. `csrf` goes into X-CSRF-Token of each change."""

    state: Literal["setup", "anonymous", "signed_in"]
    user: User | None
    csrf: str | None
    version: str
    address: str = Field(description="The client's address as it is seen here.")
    started_at: Instant = Field(description="Another one says that the server started again.")


class SetUp(Asked):
    """The one-time code that `hookswitch serve` printed, and the first administrator."""

    code: Text
    name: Text
    password: Text


class SignIn(Asked):
    """`totp` only for who has a second factor."""

    name: Text
    password: Text
    totp: Text = ""


@router.get("/session")
async def session(services: Use, request: Request) -> SessionState:
    """Who asks, if anybody; the only thing a console can know before it signs in."""
    who: Identity | None = request.state.identity
    state: Literal["setup", "anonymous"] = "anonymous"
    if who is None and await services.access.needs_setup():
        state = "setup"
    return _state(request, who, state)


@router.post("/setup", dependencies=[QUIET])
async def set_up(services: Use, request: Request, response: Response, given: SetUp) -> SessionState:
    """Make the first administrator and sign in; refused (409) once there is one."""
    signed = await services.access.set_up(
        given.code, given.name, given.password, request.state.client
    )
    return _signed_in(request, response, signed)


@router.post("/setup/restore", status_code=202, dependencies=[QUIET], openapi_extra=FILE)
async def set_up_from_backup(
    services: Use,
    request: Request,
    code: Annotated[str, Header(alias="X-Setup-Code", max_length=300)] = "",
) -> Restoring:
    """Begin with the backup in the body instead; the server starts again with it."""
    await services.access.check_code(code)
    kept = await services.take_backup(request.stream())
    return Restoring.model_validate(await services.restore(str(kept["name"])))


@router.post("/session", dependencies=[QUIET])
async def sign_in(
    services: Use, request: Request, response: Response, given: SignIn
) -> SessionState:
    """Sign in; 401 with the title "One-time code needed" asks for `totp`, 429 for patience."""
    signed = await services.access.sign_in(
        given.name, given.password, given.totp, request.state.client
    )
    return _signed_in(request, response, signed)


@router.delete("/session", status_code=204, dependencies=[QUIET])
async def sign_out(services: Use, request: Request, response: Response) -> None:
    """End this session."""
    who: Identity | None = request.state.identity
    if who is not None and who.kind == "session":
        await services.access.sign_out(who)
    response.delete_cookie(COOKIE, path="/")


def _signed_in(request: Request, response: Response, signed: SignedIn) -> SessionState:
    response.set_cookie(
        COOKIE,
        signed.cookie,
        path="/",
        httponly=True,
        samesite="strict",
        secure=request.state.secure,
    )
    return _state(request, signed.identity, "anonymous")


def _state(
    request: Request, who: Identity | None, state: Literal["setup", "anonymous"]
) -> SessionState:
    return SessionState(
        state="signed_in" if who else state,
        user=User.model_validate(who) if who else None,
        csrf=(who.csrf or None) if who else None,
        version=__version__,
        address=request.state.client.address,
        started_at=request.app.state.started_at,
    )
