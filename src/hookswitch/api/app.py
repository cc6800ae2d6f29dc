"""The application: routes of all resources under one guard."""

from fastapi import FastAPI

from hookswitch import __version__
from hookswitch.api import (
    calls,
    configuration,
    deliveries,
    health,
    media,
    problems,
    prompts,
    revisions,
    secrets,
    webhooks,
)
from hookswitch.api.auth import Tokens, guard
from hookswitch.api.ports import Services


def create_app(services: Services, tokens: Tokens) -> FastAPI:
    app = FastAPI(title="Hookswitch", version=__version__, docs_url=None, redoc_url=None)
    app.state.services = services
    app.middleware("http")(guard(tokens))
    problems.install(app)
    for resource in (
        health,
        configuration,
        revisions,
        secrets,
        calls,
        deliveries,
        media,
        prompts,
        webhooks,
    ):
        app.include_router(resource.router)
    return app
