"""The history of the configuration: a revision is its number, `live` or `previous`."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from hookswitch.api.access import OPERATE, READ, Who
from hookswitch.api.configuration import Applied, Comment, Preview, note
from hookswitch.api.models import Answer, Change, DocumentValues, Instant
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use
from hookswitch.model.access import allows

router = APIRouter(prefix="/api/revisions", tags=["revisions"], dependencies=[READ])

Name = Annotated[str, Path(pattern=r"^([0-9]{1,18}|live|previous)$")]


class Revision(Answer):
    """When it reached its state, who brought it, and why it failed if it did."""

    number: int
    applied_at: Instant
    applied_by: str
    state: str
    origin: str
    comment: str
    reason: str


class RevisionDetails(Revision):
    """With what it changed against `base`, the one before; secrets are masked."""

    base: int
    changes: list[Change]
    document: DocumentValues


class RevisionText(Answer):
    text: str


@router.get("")
async def revisions(
    services: Use, limit: Annotated[int, Query(ge=1, le=1000)] = 100
) -> list[Revision]:
    """The revisions, the newest first: state, who, when, where from, and why one failed."""
    return [Revision.model_validate(row) for row in await services.configuring.all(limit)]


@router.get("/{name}")
async def revision(services: Use, name: Name) -> RevisionDetails:
    """One revision with its document, secrets masked, and what it changed."""
    return RevisionDetails.model_validate(await services.configuring.one(name))


@router.get("/{old}/diff/{new}")
async def diff(services: Use, old: Name, new: Name) -> list[Change]:
    """How two revisions differ, object by object; secrets only as changed."""
    found = await services.configuring.diff(old, new)
    return [Change.model_validate(change) for change in found]


@router.get("/{name}/document")
async def document(
    services: Use,
    request: Request,
    response: Response,
    who: Who,
    *,
    name: Name,
    secrets: bool = False,
) -> RevisionText:
    """Its YAML text with the comments it was given with; secrets are masked unless asked for.

    With its secrets it is given to administrators only, and the audit log tells of it.
    """
    if secrets and not allows(who.role, "administrator"):
        raise Refused(403, "Not allowed", "only an administrator may read the secrets")
    response.headers["Cache-Control"] = "no-store"
    found = await services.configuring.text(name, who.name, secrets=secrets)
    if secrets:
        await note(services, request, who, "secrets exported", f"revision {name}")
    return RevisionText.model_validate(found)


@router.post("/{name}/rollback", dependencies=[OPERATE])
async def rollback(
    services: Use,
    request: Request,
    who: Who,
    *,
    name: Name,
    comment: Comment = "",
    dry_run: bool = False,
) -> Applied | Preview:
    """Apply its document anew, with the secrets as they are now."""
    made = await services.configuring.rollback(name, who.name, comment=comment, dry_run=dry_run)
    request.state.quiet = dry_run
    return (Preview if dry_run else Applied).model_validate(made)
