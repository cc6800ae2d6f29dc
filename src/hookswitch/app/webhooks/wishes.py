"""A mistyped name in what to replay is refused, rather than nothing replayed."""

from collections.abc import Iterable
from typing import Final, get_args

from hookswitch.api.ports import invalid
from hookswitch.app.configuration.live import Live
from hookswitch.model.delivery import DeliveryState
from hookswitch.model.ids import CallId, EndpointId
from hookswitch.model.replay import Wish
from hookswitch.store.port import Store

_ANY: Final[tuple[DeliveryState, ...]] = get_args(DeliveryState)
_NAMED: Final = 20


async def require_known(wish: Wish, store: Store, live: Live) -> None:
    """Refuse an endpoint or a call of which there neither is nor was a trace."""
    endpoint, call = wish.endpoint, wish.call
    if endpoint is not None and live.is_gone(endpoint) and not await _any(store, endpoint=endpoint):
        known = _listed(one.id for one in live.endpoints)
        raise invalid("endpoint", f"there is no webhook endpoint {endpoint!r}: {known}")
    if call is not None and await store.call(call) is None and not await _any(store, call=call):
        raise invalid("call", f"there is no call {call!r}: give a unique_call_id that is kept")


async def _any(
    store: Store, *, endpoint: EndpointId | None = None, call: CallId | None = None
) -> bool:
    return bool(await store.matching(Wish(endpoint=endpoint, call=call, states=_ANY)))


def _listed(names: Iterable[str]) -> str:
    found = sorted(names)
    if not found:
        return "the live configuration has none"
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"name one of those there are ({', '.join(found[:_NAMED])}{more})"
