"""Short ways to make what the store takes, as production makes it."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Literal

from hookswitch.model.calls import CallState, Party
from hookswitch.model.delivery import Attempt, Claim, NewDelivery, Outcome, Room, Wanted
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId, EventId, Ms
from hookswitch.model.journal import Cursor
from hookswitch.store.port import Store
from hookswitch.store.rows import Batch

OpenStore = Callable[[], Awaitable[Store]]
"""Opens one and the same store again and again."""

NODE = "n1"
START: Ms = 1_790_868_675_000
WINDOW: Ms = 2000
ROOM = Room(10, 10)


def call(name: str = "n1b1-1790868675.1", **values: Any) -> CallState:
    given: dict[str, Any] = {"started_at": START, "caller": Party("+61400000001", "Zoë"), **values}
    return CallState(id=CallId(name), **given)


def event(name: str, of: str = "c1", **values: Any) -> Event:
    given: dict[str, Any] = {"type": "user_inbound", "revision": 1, "at": START, **values}
    body = f'{{"type": "user_inbound", "id": "{name}"}}'.encode()
    return Event(id=EventId(name), call=CallId(of), **{"body": body, **given})


def batch(
    offset: int,
    events: Sequence[Event] = (),
    endpoints: Sequence[str] = ("crm",),
    **values: Any,
) -> Batch:
    """A batch that delivers each event to each endpoint."""
    deliveries = [
        NewDelivery(event=each.id, endpoint=EndpointId(endpoint), call=each.call)
        for each in events
        for endpoint in endpoints
    ]
    given: dict[str, Any] = {"node": NODE, "deliveries": deliveries, "at": START, **values}
    return Batch(cursor=Cursor(1, offset), events=events, **given)


async def add(store: Store, *names: str, of: str = "c1", to: Sequence[str] = ("crm",)) -> None:
    """Commit events and a delivery of each to each endpoint."""
    await store.commit(batch(1, [event(name, of) for name in names], to))


async def take(
    store: Store,
    now: Ms = START,
    *,
    first: int = 100,
    retry: int = 100,
    window: Ms = WINDOW,
    each: Room = ROOM,
    rooms: Mapping[str, Room] | None = None,
    strict: Mapping[str, Ms] | None = None,
) -> list[Claim]:
    wanted = Wanted(
        now=now,
        window=window,
        total=Room(first, retry),
        each=each,
        rooms={EndpointId(name): room for name, room in (rooms or {}).items()},
        strict={EndpointId(name): limit for name, limit in (strict or {}).items()},
    )
    return list(await store.claim(wanted))


async def pause(store: Store, endpoint: str, at: Ms = START) -> None:
    await store.set_endpoint_state(EndpointId(endpoint), "paused", "by hand", at)


async def resume(store: Store, endpoint: str, at: Ms = START) -> None:
    await store.set_endpoint_state(EndpointId(endpoint), "active", "", at)


def names(claims: Sequence[Claim]) -> list[str]:
    return [claim.event for claim in claims]


def outcome(
    claim: Claim,
    state: Literal["delivered", "pending", "failed", "cancelled"] = "delivered",
    *,
    due_at: Ms | None = None,
    response: bytes = b"",
    disable: bool = False,
) -> Outcome:
    good = state == "delivered"
    return Outcome(
        claim=claim,
        attempt=Attempt(
            number=claim.attempt,
            started_at=START,
            duration_ms=12,
            status=200 if good else 500,
            error=None if good else "status",
            detail="" if good else "500",
            response=response,
        ),
        state=state,
        due_at=due_at,
        disable_endpoint=disable,
    )
