"""Which parts of the phone system a process runs."""

from typing import Final

from msgspec import Struct


class Parts(Struct, frozen=True):
    """All have the API; without `engine` it answers from the database alone."""

    name: str
    engine: bool
    deliveries: bool


SERVE: Final = Parts("serve", engine=True, deliveries=True)
NODE: Final = Parts("node", engine=True, deliveries=False)
WEB: Final = Parts("web", engine=False, deliveries=False)
WORKER: Final = Parts("worker", engine=False, deliveries=True)


class PartsError(Exception):
    """These parts cannot run apart here; the text says the mend."""


def require_shared(parts: Parts, *, shared: bool) -> None:
    """Refuse processes apart on a database that one process has to itself."""
    if parts is not SERVE and not shared:
        raise PartsError(
            f"hookswitch {parts.name} shares a database with other processes: set `database`"
            " (HOOKSWITCH_DATABASE) to postgresql://USER:PASSWORD@HOST/NAME,"
            " or run hookswitch serve, which needs none"
        )
