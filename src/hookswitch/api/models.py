"""Shapes that several resources share."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from hookswitch.model.instants import iso


def _instant(value: object) -> object:
    return iso(value) if isinstance(value, int) else value


Instant = Annotated[
    str, BeforeValidator(_instant), Field(json_schema_extra={"format": "date-time"})
]
"""ISO 8601, UTC, milliseconds; made from milliseconds since the epoch."""


EventBody = Annotated[
    dict[str, Any],
    Field(description="As it is sent: `webhooks` of this document has the schema of each type."),
]
DocumentValues = Annotated[
    dict[str, Any], Field(description="A configuration: GET /api/schema gives its schema.")
]


class Answer(BaseModel):
    """What a route gives; made from plain values or from the structs of `model`."""

    model_config = ConfigDict(from_attributes=True)


class Asked(BaseModel):
    """What a request's body holds: nothing but the fields that are declared."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ProblemEntry(BaseModel):
    """One thing that is wrong: in which object, which field, and the mend."""

    model_config = ConfigDict(extra="allow")

    where: str = ""
    field: str = ""
    message: str = ""
    mend: str = ""
    text: str = ""


class Problem(BaseModel):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str = ""
    problems: list[ProblemEntry] = []


class Change(Answer):
    """One difference between two documents; `old` and `new` are null for a secret."""

    where: str
    what: str = Field(description="added, removed, changed or reordered")
    field: str
    old: Any = Field(default=None, description="The value of the field before, whatever it is.")
    new: Any = Field(default=None, description="Its value now.")
    secret: bool
    text: str = Field(description="The same as a line for people.")
