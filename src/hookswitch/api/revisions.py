"""The history of the configuration: a revision is its number, `live` or `previous`."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from hookswitch.api.configuration import Comment, user_of
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/revisions", tags=["revisions"])

Name = Annotated[str, Path(pattern=r"^([0-9]{1,18}|live|previous)$")]


@router.get("")
async def revisions(
    services: Use, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[dict[str, Any]]:
    """The newest first: state, who, when, where from, and why one failed."""
    return [dict(row) for row in await services.configuring.all(limit)]


@router.get("/{name}")
async def revision(services: Use, name: Name) -> dict[str, Any]:
    """One revision with its document, secrets masked, and what it changed."""
    return dict(await services.configuring.one(name))


@router.get("/{old}/diff/{new}")
async def diff(services: Use, old: Name, new: Name) -> list[dict[str, Any]]:
    """How two revisions differ, object by object; secrets only as changed."""
    return [dict(change) for change in await services.configuring.diff(old, new)]


@router.get("/{name}/document")
async def document(
    services: Use, request: Request, response: Response, name: Name, secrets: bool = False
) -> dict[str, Any]:
    """Its YAML text with the comments it was given with; secrets are masked unless asked for."""
    response.headers["Cache-Control"] = "no-store"
    return dict(await services.configuring.text(name, user_of(request), secrets=secrets))


@router.post("/{name}/rollback")
async def rollback(
    services: Use, request: Request, name: Name, comment: Comment = "", dry_run: bool = False
) -> dict[str, Any]:
    """Apply its document anew, with the secrets as they are now."""
    return dict(
        await services.configuring.rollback(
            name, user_of(request), comment=comment, dry_run=dry_run
        )
    )
