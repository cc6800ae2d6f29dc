"""Prompts: upload, list, delete."""

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from hookswitch.api.access import OPERATE, READ
from hookswitch.api.body import read_body
from hookswitch.api.models import Answer
from hookswitch.api.services import Use
from hookswitch.media.prompts import LARGEST

router = APIRouter(prefix="/api/prompts", tags=["prompts"], dependencies=[READ])


AUDIO = {
    "requestBody": {
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
        "required": True,
    }
}


class Prompt(Answer):
    """`name` is what the configuration calls it by."""

    name: str
    seconds: float
    bytes: Annotated[int, Field(validation_alias="size")]


@router.get("")
async def prompts(services: Use) -> list[Prompt]:
    """The prompts there are, with their length in seconds and size in bytes."""
    return [Prompt.model_validate(prompt) for prompt in await services.prompts()]


@router.put("/{name}", dependencies=[OPERATE], openapi_extra=AUDIO)
async def upload(services: Use, request: Request, name: str) -> Prompt:
    """Keep the audio in the body (WAV, MP3, FLAC or Ogg) as this prompt, replacing an older one."""
    audio = await read_body(request, LARGEST)
    return Prompt.model_validate(await services.add_prompt(name, audio))


@router.delete("/{name}", status_code=204, dependencies=[OPERATE])
async def delete(services: Use, name: str) -> None:
    """Delete a prompt; refused while the live configuration plays it."""
    await services.delete_prompt(name)
