"""Whatever is asked, the answer is one of those the OpenAPI document tells, and never a fault."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from support.serving import Serving, serving

from hookswitch.api.app import bare_app
from hookswitch.app.configuration.catalogue import catalogue
from kit.web import bearer

DOCUMENT = bare_app(catalogue()).openapi()
ENDLESS = {"/api/live"}
OPEN = {"/api/session", "/api/setup", "/api/setup/restore"}
SLOW = {"/api/administrators", "/api/me/password", "/api/me/totp", "/api/session", "/api/setup"}
"""A password hash each: fewer examples."""
OPERATIONS = [
    pytest.param(method.upper(), path, id=f"{method} {path}")
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if path not in ENDLESS
]
schemathesis.checks.load_all_checks()


@schemathesis.serializer("application/gzip")
def as_it_is(_context: object, value: object) -> dict[str, object]:
    """A file that is sent."""
    return {"data": value if isinstance(value, bytes) else str(value).encode()}


@schemathesis.hook
def map_query(_context: object, query: dict[str, object] | None) -> dict[str, object] | None:
    """Wait for no event longer than a moment."""
    wait = (query or {}).get("wait")
    return {**(query or {}), "wait": min(wait, 0.1)} if isinstance(wait, int | float) else query


CHECKS = schemathesis.checks.CHECKS.get_by_names(
    (
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    )
)


@pytest.fixture(scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Serving]:
    logging.getLogger("uvicorn.error").disabled = True
    async with serving(tmp_path_factory.mktemp("fuzz")) as up:
        yield up
    logging.getLogger("uvicorn.error").disabled = False


@pytest.mark.parametrize("method, path", OPERATIONS)  # noqa: PT006
async def test_every_answer_is_told(server: Serving, method: str, path: str) -> None:
    url, token = server.server.web.url, bearer(server.server.data.token())
    await asyncio.to_thread(ask, url, method, path, token, 3 if path in SLOW else 8)
    await asyncio.to_thread(ask, url, method, path, {}, 2)


def ask(url: str, method: str, path: str, headers: Mapping[str, str], examples: int) -> None:
    schema = schemathesis.openapi.from_dict(DOCUMENT)
    operation = schema[path][method]

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        response = case.call(base_url=url, headers=dict(headers))
        if not headers and path.startswith("/api/") and path not in OPEN:
            assert response.status_code == 401
        case.validate_response(response, checks=list(CHECKS))

    check()
