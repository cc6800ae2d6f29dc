"""The application: routes of all resources, each with the role it needs, behind one guard."""

import time
from collections.abc import Iterable

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from hookswitch import __version__
from hookswitch.api import (
    administrators,
    audit,
    backups,
    bans,
    calls,
    catalogue,
    clicks,
    configuration,
    console,
    deliveries,
    draft,
    endpoints,
    feed,
    health,
    live,
    me,
    media,
    openapi,
    people,
    phone_socket,
    problems,
    prompts,
    replays,
    revisions,
    running,
    secrets,
    session,
    simulate,
    tokens,
    webhooks,
)
from hookswitch.api.access import declared
from hookswitch.api.guard import Guard, Policy
from hookswitch.api.naming import operation_id
from hookswitch.api.ports import Catalogue, Services

RESOURCES = (
    health,
    session,
    me,
    administrators,
    tokens,
    audit,
    configuration,
    draft,
    simulate,
    revisions,
    secrets,
    catalogue,
    calls,
    clicks,
    deliveries,
    feed,
    media,
    prompts,
    replays,
    webhooks,
    endpoints,
    bans,
    phone_socket,
    running,
    live,
    people,
    backups,
)


def create_app(services: Services, known: Catalogue, policy: Policy) -> ASGIApp:
    app = bare_app(known)
    app.state.services = services
    app.state.started_at = time.time_ns() // 1_000_000
    return Guard(app, services.access, policy)


def bare_app(known: Catalogue) -> FastAPI:
    """The routes alone; raises RuntimeError for one that does not say who may use it."""
    app = FastAPI(
        title="Hookswitch",
        version=__version__,
        openapi_url="/api/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=operation_id,
    )
    app.state.catalogue = known
    problems.install(app)
    routers = (*(resource.router for resource in RESOURCES), console.router())
    for router in routers:
        app.include_router(router)
    for route in routes_of(routers):
        if declared(route.dependencies) is False:
            raise RuntimeError(f"{route.path} does not declare who may use it")
    openapi.install(app, known, routes_of(routers))
    return app


def routes_of(routers: Iterable[APIRouter]) -> list[APIRoute]:
    return [r for router in routers for r in router.routes if isinstance(r, APIRoute)]
