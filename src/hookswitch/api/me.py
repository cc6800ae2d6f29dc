"""What whoever is signed in does for themself."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from hookswitch.api.access import READ, Who
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/me", tags=["me"], dependencies=[READ])

Password = Annotated[str, Field(max_length=300)]


class PasswordChange(Asked):
    old: Password
    new: Password


class Confirmation(Asked):
    password: Password


class Code(Asked):
    code: Annotated[str, Field(max_length=20)]


class SecondFactor(Answer):
    """For an authenticator app; it counts once a code of it is confirmed."""

    secret: str
    uri: str = Field(description="otpauth:// address, to be shown as a QR code")


class RecoveryCodes(Answer):
    """For who has lost the app; each counts once, in the place of its code. Shown once."""

    codes: list[str]


class OwnSession(Answer):
    """A browser that is signed in."""

    id: str
    created_at: Instant
    seen_at: Instant
    address: str
    agent: str
    current: bool


class OwnSessions(Answer):
    items: list[OwnSession]
    next: None = None


@router.post("/password", status_code=204)
async def change_password(services: Use, who: Who, given: PasswordChange) -> None:
    """Change one's own password; ends every other session."""
    await services.access.change_password(who, given.old, given.new)


@router.post("/totp")
async def begin_totp(services: Use, who: Who, given: Confirmation) -> SecondFactor:
    """Make a second factor."""
    return SecondFactor(**await services.access.begin_totp(who, given.password))


@router.post("/totp/confirm")
async def confirm_totp(services: Use, who: Who, given: Code) -> RecoveryCodes:
    """From now on a code is asked for; ends every other session."""
    return RecoveryCodes(codes=list(await services.access.confirm_totp(who, given.code)))


@router.delete("/totp", status_code=204)
async def end_totp(services: Use, who: Who, given: Confirmation) -> None:
    """Go without a second factor again."""
    await services.access.end_totp(who, given.password)


@router.get("/sessions")
async def sessions(services: Use, who: Who) -> OwnSessions:
    """One's own sessions, the latest seen first."""
    found = await services.access.sessions(who)
    items = [
        OwnSession(
            id=one.id, created_at=one.created_at, seen_at=one.seen_at, address=one.address,
            agent=one.agent, current=one.id == who.session,
        )
        for one in found
    ]  # fmt: skip
    return OwnSessions(items=items)


@router.delete("/sessions/{session}", status_code=204)
async def delete_session(services: Use, who: Who, session: str) -> None:
    """End one of one's own sessions."""
    await services.access.delete_session(who, session)
