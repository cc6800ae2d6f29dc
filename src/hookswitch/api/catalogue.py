"""What there is to draw, to write and to receive."""

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from hookswitch.api.access import READ
from hookswitch.api.models import Answer, EventBody
from hookswitch.api.ports import Catalogue

router = APIRouter(prefix="/api", tags=["catalogue"], dependencies=[READ])


class Output(Answer):
    name: str
    title: str


class ObjectKind(Answer):
    """A kind of object of the call flow; with `dynamic_outputs` its settings add more outputs."""

    kind: str
    title: str
    group: str
    description: str
    outputs: list[Output]
    dynamic_outputs: bool
    schema_: dict[str, Any] = Field(alias="schema", description="JSON Schema of its settings.")


Schema = Annotated[dict[str, Any], Field(description="JSON Schema, of the draft 2020-12.")]


class Variable(Answer):
    name: str
    type: str
    meaning: str


class EventKind(Answer):
    """A webhook event; `trigger` if an endpoint can tick it."""

    type: str
    title: str
    trigger: bool
    summary: str
    sample: EventBody
    variables: list[Variable]


def _catalogue(request: Request) -> Catalogue:
    found: Catalogue = request.app.state.catalogue
    return found


@router.get("/objects")
async def objects(request: Request) -> list[ObjectKind]:
    """The kinds of objects, as the palette shows them."""
    return [ObjectKind.model_validate(one) for one in _catalogue(request).objects]


@router.get("/events/catalogue")
async def events(request: Request) -> list[EventKind]:
    """The twelve webhook events, each with a sample and the meaning of its variables."""
    return [EventKind.model_validate(one) for one in _catalogue(request).events]


@router.get("/schema")
async def schema(request: Request) -> Schema:
    """JSON Schema of the configuration document."""
    return dict(_catalogue(request).document)
