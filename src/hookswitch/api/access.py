"""Which role a route needs: declared at each route, checked for every request.

`dependencies=[READ]` on a router or a route; a route that declares none keeps the application from
starting.
"""

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import Depends, Request
from fastapi.params import Depends as Dependency

from hookswitch.api.ports import Identity, Refused
from hookswitch.model.access import Role, allows


class Needs:
    """Refuses whoever has a smaller role; callable, so that it can be a dependency."""

    def __init__(self, role: Role) -> None:
        self.role = role

    def __call__(self, request: Request) -> None:
        who = identity(request)
        if not allows(who.role, self.role):
            raise Refused(
                403,
                "Not allowed",
                f"this needs the role {self.role}; {who.name} has {who.role}",
            )


def allowed(who: Identity | None, role: Role) -> bool:
    """For what is no request with an answer of its own."""
    return who is not None and allows(who.role, role)


def identity(request: Request) -> Identity:
    """Who asks; the guard has let nobody pass it does not know, except to open routes."""
    who: Identity | None = getattr(request.state, "identity", None)
    if who is None:
        raise Refused(401, "Unauthorized", "sign in first")
    return who


def _open() -> None:
    """Nothing is asked."""


def _quiet(request: Request) -> None:
    request.state.quiet = True


OPEN: Final = Depends(_open)
READ: Final = Depends(Needs("read_only"))
OPERATE: Final = Depends(Needs("operator"))
ADMINISTER: Final = Depends(Needs("administrator"))
QUIET: Final = Depends(_quiet)
"""Changes nothing that is worth a line in the audit log."""

Who = Annotated[Identity, Depends(identity)]


def declared(dependencies: list[Dependency]) -> Role | bool | None:
    """The largest role that is declared, None for an open route, False if nothing is."""
    calls: list[Callable[..., Any] | None] = [one.dependency for one in dependencies]
    roles = [call.role for call in calls if isinstance(call, Needs)]
    if roles:
        return max(roles, key=lambda role: sum(allows(role, other) for other in roles))
    return None if _open in calls else False
