"""The OpenAPI document: every error has one shape, and the webhooks stand beside the routes."""

import copy
import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from hookswitch.api.access import declared
from hookswitch.api.models import Problem
from hookswitch.api.naming import MEANINGS
from hookswitch.api.ports import Catalogue

REF: Final = "#/components/schemas/{model}"
PROBLEM: Final = {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}}
SCHEMES: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token, `hsk_...`."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "hookswitch_session",
        "description": "A browser's session; changes also send X-CSRF-Token.",
    },
}
ABOUT: Final = (
    "Everything the console does can be done here. Errors are RFC 9457 problem details; lists have"
    " `items` and `next`, which goes into `after` of the next page; instants are ISO 8601, UTC."
)


def install(app: FastAPI, catalogue: Catalogue, routes: Sequence[APIRoute]) -> None:
    """Give `app` its document, made when it is first asked for."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = build(app, catalogue, routes)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # as the library's pages say


def build(app: FastAPI, catalogue: Catalogue, routes: Sequence[APIRoute]) -> dict[str, Any]:
    made = get_openapi(
        title="Hookswitch",
        version=app.version,
        openapi_version="3.1.0",
        description=ABOUT,
        routes=app.routes,
    )
    parts = made.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template=REF, mode="serialization")
    schemas.update(problem.pop("$defs", {}))
    schemas["Problem"] = problem
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    parts["securitySchemes"] = copy.deepcopy(SCHEMES)
    for route, operation in _operations(routes, made):
        _complete(route, operation)
    made["webhooks"] = {name: _webhook(name, catalogue) for name in catalogue.schemas}
    return made


def _operations(
    routes: Sequence[APIRoute], made: dict[str, Any]
) -> Iterator[tuple[APIRoute, dict[str, Any]]]:
    for route in routes:
        if route.include_in_schema:
            for method in route.methods or ():
                yield route, made["paths"][route.path_format][method.lower()]


def _complete(route: APIRoute, operation: dict[str, Any]) -> None:
    role = declared(route.dependencies)
    operation["summary"] = _first_sentence(operation["description"])
    for parameter in operation.get("parameters", ()):
        if "description" not in parameter and parameter["name"] in MEANINGS:
            parameter["description"] = MEANINGS[parameter["name"]]
    answers = operation["responses"]
    answers.pop("422", None)
    answers["default"] = {"description": "A problem", "content": PROBLEM}
    if isinstance(role, str):
        operation["security"] = [{"token": []}, {"session": []}]
        operation["x-role"] = role
        answers["401"] = {"description": "Not signed in, or no such token", "content": PROBLEM}
        answers["403"] = {"description": f"Needs the role {role}", "content": PROBLEM}
    if operation.get("parameters") or operation.get("requestBody"):
        answers["422"] = {"description": "A field is wrong", "content": PROBLEM}


def _first_sentence(text: str) -> str:
    return re.split(r"[.;:](?:\s|$)", " ".join(text.split()), maxsplit=1)[0]


def _webhook(name: str, catalogue: Catalogue) -> dict[str, Any]:
    kind = next(event for event in catalogue.events if event["type"] == name)
    schema = {k: v for k, v in catalogue.schemas[name].items() if not k.startswith(("$", "x-"))}
    headers = {
        "X-Pbx-Token": "The endpoint's Secret Token.",
        "webhook-id": "The event's id: the same on every retry and resend.",
        "webhook-timestamp": "Seconds since the epoch, of this attempt.",
        "webhook-signature": "Standard Webhooks 1.0: `v1,` and an HMAC-SHA256 in base64.",
        "X-Hookswitch-Attempt": "1, 2, 3 ...",
    }
    return {
        "post": {
            "operationId": f"webhook_{name}",
            "summary": kind["title"],
            "description": kind["summary"],
            "tags": ["webhooks"],
            "parameters": [
                {
                    "name": header,
                    "in": "header",
                    "required": True,
                    "description": said,
                    "schema": {"type": "string"},
                }
                for header, said in headers.items()
            ],
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": schema, "example": kind["sample"]}},
            },
            "responses": {
                "2XX": {"description": "Taken; anything else is tried again"},
                "410": {"description": "Never send here again: disables the endpoint"},
            },
        }
    }
