"""How a route gets at the services."""

from typing import Annotated

from fastapi import Depends, Request

from hookswitch.api.ports import Services


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services


Use = Annotated[Services, Depends(_services)]
