"""Audio behind links, and revoking a link."""

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from hookswitch.api.access import OPEN, OPERATE, READ
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use
from hookswitch.model.ids import EventId

router = APIRouter(tags=["media"])

TYPES = {".wav": "audio/wav", ".opus": "audio/ogg"}
HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}


AUDIO = {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}


@router.get(
    "/m/{token}",
    dependencies=[OPEN],
    response_class=Response,
    responses={200: AUDIO, 206: {"description": "The range asked for", **AUDIO}},
)
async def audio(services: Use, token: str) -> Response:
    """The audio a link leads to, with Range; 404 alike for unknown, revoked and expired ones."""
    path = await services.audio(token)
    if path is None:
        raise Refused(404, "Not Found", "")
    return FileResponse(path, media_type=TYPES[path.suffix], headers=HEADERS)


@router.get(
    "/api/media/{event}/audio",
    dependencies=[READ],
    response_class=Response,
    responses={200: AUDIO, 206: {"description": "The range asked for", **AUDIO}},
)
async def play(services: Use, event: str) -> Response:
    """The audio of a voicemail or recording event, with Range; its link need not be good."""
    path = await services.audio_of(EventId(event))
    if path is None:
        raise Refused(404, "Not Found", "no audio is kept for that event")
    return FileResponse(path, media_type=TYPES[path.suffix], headers=HEADERS)


@router.post("/api/media/{event}/revoke", status_code=204, dependencies=[OPERATE])
async def revoke(services: Use, event: str) -> None:
    """Make the link of an event's audio lead nowhere; the audio itself stays."""
    if not await services.revoke_audio(EventId(event)):
        raise Refused(404, "Not Found", "no audio belongs to that event")
