"""One shape for every error: RFC 9457 problem details."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from hookswitch.api.ports import Refused
from hookswitch.store.port import StoreError

log = structlog.get_logger(__name__)


def problem(
    status: int,
    title: str,
    detail: str = "",
    problems: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> JSONResponse:
    body: dict[str, Any] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if problems:
        body["problems"] = problems
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def refusal(error: Refused) -> JSONResponse:
    return problem(error.status, error.title, error.detail, error.problems, error.headers)


def install(app: FastAPI) -> None:
    @app.exception_handler(Refused)
    async def refused(_request: Request, error: Refused) -> JSONResponse:
        return refusal(error)

    @app.exception_handler(HTTPException)
    async def http(_request: Request, error: HTTPException) -> JSONResponse:
        title = HTTPStatus(error.status_code).phrase
        return problem(error.status_code, title, error.detail, headers=error.headers)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        found = [_entry(one) for one in error.errors()]
        return problem(422, "Unprocessable Content", "the request has wrong fields", found)

    @app.exception_handler(StoreError)
    async def store(_request: Request, error: StoreError) -> JSONResponse:
        return problem(503, "Database not answering", str(error))

    @app.exception_handler(Exception)
    async def fault(_request: Request, _error: Exception) -> JSONResponse:
        # the server logs the error itself, with its traceback
        detail = "this is a fault of ours: the log of hookswitch serve has the details"
        return problem(500, "Internal Server Error", detail)


def _entry(error: Mapping[str, Any]) -> dict[str, str]:
    """Never the value that was given: it could be a secret."""
    where, field = str(error["loc"][0]), ".".join(map(str, error["loc"][1:]))
    message = str(error["msg"])
    return {"where": where, "field": field, "message": message, "text": f"{field}: {message}"}
