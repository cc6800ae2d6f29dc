"""Prompts: upload, list, delete."""

from typing import Any

import msgspec
from fastapi import APIRouter, Request

from hookswitch.api.body import read_body
from hookswitch.api.services import Use
from hookswitch.media.prompts import LARGEST

router = APIRouter(prefix="/api/prompts", tags=["prompts"])


@router.get("")
async def prompts(services: Use) -> list[dict[str, Any]]:
    """The prompts there are, with their length in seconds and size in bytes."""
    return [msgspec.structs.asdict(prompt) for prompt in await services.prompts()]


@router.put("/{name}")
async def upload(services: Use, request: Request, name: str) -> dict[str, Any]:
    """Keep the audio in the body (WAV, MP3, FLAC or Ogg) as this prompt, replacing an older one."""
    audio = await read_body(request, LARGEST)
    return msgspec.structs.asdict(await services.add_prompt(name, audio))


@router.delete("/{name}", status_code=204)
async def delete(services: Use, name: str) -> None:
    """Delete a prompt; refused while the live configuration plays it."""
    await services.delete_prompt(name)
