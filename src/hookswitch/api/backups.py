"""Backups that lie in the data directory: made, fetched, brought, restored."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import FileResponse

from hookswitch.api.access import ADMINISTER
from hookswitch.api.models import Answer, Asked, Instant
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use

router = APIRouter(prefix="/api/backups", tags=["backups"], dependencies=[ADMINISTER])

GZIP = "application/gzip"
Name = Annotated[str, Path(max_length=80)]


class Backup(Answer):
    name: str
    created_at: Instant
    bytes: int


class Backups(Answer):
    items: list[Backup]
    next: None = None


class BackupWanted(Asked):
    """`audio`: with voicemail and recordings."""

    audio: bool = False


class Restoring(Answer):
    """What the server starts again with: what was kept at `made_at`."""

    made_at: str
    version: str


FILE = {
    "requestBody": {
        "content": {GZIP: {"schema": {"type": "string", "format": "binary"}}},
        "required": True,
    }
}


@router.get("")
async def backups(services: Use) -> Backups:
    """The backups on this machine, the newest first."""
    return Backups.model_validate({"items": await services.backups()})


@router.post("", status_code=201)
async def make(services: Use, wanted: BackupWanted | None = None) -> Backup:
    """Make a backup now; it holds the secrets and their key."""
    made = await services.make_backup(audio=bool(wanted and wanted.audio))
    return Backup.model_validate(made)


@router.post("/upload", status_code=201, openapi_extra=FILE)
async def upload(services: Use, request: Request) -> Backup:
    """Keep a backup that was made elsewhere, to be restored."""
    return Backup.model_validate(await services.take_backup(request.stream()))


@router.post("/{name}/restore", status_code=202)
async def restore(services: Use, name: Name) -> Restoring:
    """Put it in the place of what is here; calls in progress end, and the server starts again.

    Refused, with nothing changed, if it cannot be used here.
    """
    return Restoring.model_validate(await services.restore(name))


@router.get(
    "/{name}",
    response_class=Response,
    responses={200: {"content": {GZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def download(services: Use, name: Name) -> Response:
    """The file of a backup."""
    path = services.backup_file(name)
    if path is None:
        raise Refused(404, "Not Found", "there is no backup of that name")
    return FileResponse(path, media_type=GZIP, filename=name)


@router.delete("/{name}", status_code=204)
async def delete(services: Use, name: Name) -> None:
    """Delete a backup."""
    path = services.backup_file(name)
    if path is None:
        raise Refused(404, "Not Found", "there is no backup of that name")
    path.unlink(missing_ok=True)
