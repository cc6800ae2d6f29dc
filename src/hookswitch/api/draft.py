"""The configuration being edited, and making it live."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field

from hookswitch.api.access import OPERATE, QUIET, READ, Who
from hookswitch.api.body import LimitedRoute, read_body
from hookswitch.api.configuration import LIMIT, Applied, text_of
from hookswitch.api.models import Answer, Asked, Change, DocumentValues
from hookswitch.api.ports import Refused
from hookswitch.api.services import Use

router = APIRouter(
    prefix="/api/draft", tags=["draft"], dependencies=[READ], route_class=LimitedRoute
)

Match = Annotated[
    str, Header(alias="If-Match", max_length=100, description="The ETag the draft was read with.")
]
YAML = "application/yaml"
WRITTEN = {"type": "object", "description": "A configuration: GET /api/schema gives its schema."}
"""What is written in the YAML: a schema is of the values in a text, not of the text."""


class Finding(Answer):
    """What is wrong; `loc` leads to the value from the document's top. A warning can be applied."""

    where: str
    field: str
    message: str
    mend: str
    severity: str = Field(description="`error` or `warning`.")
    text: str
    loc: list[str | int]


class Draft(Answer):
    """`changes` counts how it differs from what is live; secrets in `document` are masked.

    A mask names its secret: in an owner that was renamed or copied it takes that one's value over.
    """

    document: DocumentValues
    base: int = Field(description="The revision it was begun from.")
    live: int = Field(description="The revision that is live now.")
    changes: int
    findings: list[Finding]
    etag: str
    view: str = Field(description="Another one whenever anything of this answer is.")
    changed_by: str
    changed_at: str | None


class DraftView(Answer):
    view: str


class DraftChanges(Answer):
    items: list[Change]
    next: None = None


class Comment(Asked):
    comment: Annotated[str, Field(max_length=500)] = ""


class Reset(Asked):
    revision: Annotated[int, Field(ge=1, le=2**62)]


@router.get("")
async def draft(services: Use, response: Response) -> Draft:
    """What is edited, or what is live if nothing is; `ETag` goes into If-Match of each change."""
    return _given(response, await services.drafts.get())


@router.get("/view")
async def view(services: Use) -> DraftView:
    """Whether there is something new: cheap to ask again and again."""
    return DraftView(view=await services.drafts.view())


@router.put("", dependencies=[OPERATE, QUIET])
async def put(
    services: Use, who: Who, response: Response, document: DocumentValues, if_match: Match
) -> Draft:
    """Keep the whole document; it may have findings. A masked or absent secret stays as it is."""
    return _given(response, await services.drafts.put(document, _tag(if_match), who.name))


@router.delete("", status_code=204, dependencies=[OPERATE])
async def discard(services: Use, if_match: Match) -> None:
    """Go back to what is live."""
    await services.drafts.discard(_tag(if_match))


@router.post("/reset", dependencies=[OPERATE])
async def reset(
    services: Use, who: Who, response: Response, given: Reset, if_match: Match
) -> Draft:
    """Begin anew from an older revision."""
    found = await services.drafts.reset(str(given.revision), _tag(if_match), who.name)
    return _given(response, found)


@router.post("/rebase", dependencies=[OPERATE])
async def rebase(services: Use, who: Who, response: Response, if_match: Match) -> Draft:
    """Say that what went live meanwhile has been seen; the changes then undo what differs."""
    return _given(response, await services.drafts.rebase(_tag(if_match), who.name))


@router.post("/example", dependencies=[OPERATE])
async def example(services: Use, who: Who, response: Response, if_match: Match) -> Draft:
    """Fill an empty draft: a number, a queue, a Webhook object on its timeout, voicemail."""
    return _given(response, await services.drafts.example(_tag(if_match), who.name))


@router.get("/changes")
async def changes(services: Use) -> DraftChanges:
    """How it differs from what is live, object by object; secrets only as changed."""
    found = await services.drafts.changes()
    return DraftChanges(items=[Change.model_validate(change) for change in found])


@router.post("/apply", dependencies=[OPERATE])
async def apply(
    services: Use, request: Request, who: Who, given: Comment, if_match: Match
) -> Applied:
    """Check, compile and make it live. 422 tells its findings, 409 why the engine refused.

    The steps are told on /api/live while it goes on.
    """
    made = await services.drafts.apply(_tag(if_match), who.name, given.comment)
    request.state.audit = f"revision {made['revision']}"
    return Applied.model_validate(made)


@router.get(
    "/text",
    response_class=Response,
    responses={200: {"content": {YAML: {"schema": WRITTEN}}}},
)
async def text(services: Use) -> Response:
    """It as YAML, with the comments it was imported with; secrets are masked."""
    return Response(await services.drafts.text(), media_type=f"{YAML}; charset=utf-8")


@router.put(
    "/text",
    dependencies=[OPERATE],
    openapi_extra={
        "requestBody": {"content": {YAML: {"schema": {"type": "string"}}}, "required": True}
    },
)
async def put_text(
    services: Use, request: Request, response: Response, who: Who, if_match: Match
) -> Draft:
    """Replace it by a YAML document; comments are kept."""
    given = text_of(await read_body(request, LIMIT))
    return _given(response, await services.drafts.put_text(given, _tag(if_match), who.name))


def _given(response: Response, found: Any) -> Draft:
    response.headers["ETag"] = f'"{found["etag"]}"'
    return Draft.model_validate(found)


def _tag(header: str) -> str:
    tag = header.strip().removeprefix("W/").strip('"')
    if not tag:
        raise Refused(428, "If-Match needed", "send the ETag the draft was read with")
    return tag
