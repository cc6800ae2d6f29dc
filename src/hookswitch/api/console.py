"""The console's files, as its build left them in the package."""

from pathlib import Path
from typing import Final

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from hookswitch.api.access import OPEN
from hookswitch.api.ports import Refused

CONSOLE: Final = Path(__file__).parent.parent / "console"
MISSING: Final = Path(__file__).with_name("no_console.html")
ASSETS: Final = "assets/"
"""Their names change with their content."""
FOREVER: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
ALWAYS_ASK: Final = {"Cache-Control": "no-cache"}


def router(console: Path = CONSOLE) -> APIRouter:
    """Give a file of the console, and its page for every other path: it knows its own routes."""
    made = APIRouter(include_in_schema=False, dependencies=[OPEN])

    @made.api_route("/{path:path}", methods=["GET", "HEAD"])
    async def file(path: str) -> Response:
        if path == "api" or path.startswith("api/"):
            raise Refused(404, "Not Found", "there is no such route: see /api/openapi.json")
        found = _inside(console, path)
        if found is not None:
            return FileResponse(found, headers=FOREVER if path.startswith(ASSETS) else ALWAYS_ASK)
        if path.startswith(ASSETS):
            raise Refused(404, "Not Found", "the console has no such file: load the page again")
        page = console / "index.html"
        return FileResponse(page if page.is_file() else MISSING, headers=ALWAYS_ASK)

    return made


def _inside(folder: Path, path: str) -> Path | None:
    """The file of that name, never one outside."""
    if "\0" in path:
        return None
    found = (folder / path).resolve()
    return found if found.is_relative_to(folder.resolve()) and found.is_file() else None
