"""What the API needs of the rest; `app` provides it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from hookswitch.model.calls import CallState
from hookswitch.model.delivery import Attempt, DeliveryState
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, DeliveryId
from hookswitch.store.port import DeliveryRow


class Health(Struct, frozen=True):
    """`ok` only when calls are taken, journalled and delivered; `parts` says which is not."""

    ok: bool
    parts: Mapping[str, str]


class Applied(Struct, frozen=True):
    """A revision that went live."""

    revision: int
    seconds: float


class Refused(Exception):  # noqa: N818  it is the request that is refused
    """A request that cannot be done; `problems` name object, field and mend where there are any."""

    def __init__(
        self, status: int, title: str, detail: str, problems: Sequence[Mapping[str, Any]] = ()
    ) -> None:
        super().__init__(detail)
        self.status, self.title, self.detail, self.problems = status, title, detail, problems


class Services(Protocol):
    """Every method may raise Refused."""

    async def health(self) -> Health: ...
    async def metrics(self) -> bytes: ...
    async def apply(self, text: str, by: str) -> Applied: ...
    async def live(self) -> Mapping[str, Any]: ...
    async def calls(self, limit: int) -> Sequence[CallState]: ...
    async def events(self, call: CallId) -> Sequence[Event]: ...
    async def deliveries(
        self, *, call: CallId | None, state: DeliveryState | None, limit: int
    ) -> Sequence[DeliveryRow]: ...
    async def attempts(self, delivery: DeliveryId) -> Sequence[Attempt]: ...
