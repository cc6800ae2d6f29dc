"""Which endpoints get which events."""

from collections.abc import Collection, Sequence

from hookswitch.model.delivery import NewDelivery
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import Event
from hookswitch.model.ids import CallId, EndpointId
from hookswitch.outbox.only import fits


def match(
    events: Sequence[Event], endpoints: Sequence[Endpoint], over: Collection[CallId]
) -> list[NewDelivery]:
    """One delivery per event and endpoint that ticked and means it, in the events' order.

    The last one of a call in `over` (known to be over, nothing open) is marked final.
    """
    pairs = [(event, target) for event in events for target in _targets(event, endpoints)]
    last = {(event.call, target): event.id for event, target in pairs if event.call in over}
    return [
        NewDelivery(
            event=event.id,
            endpoint=target,
            call=event.call,
            final=last.get((event.call, target)) == event.id,
        )
        for event, target in pairs
    ]


def _targets(event: Event, endpoints: Sequence[Endpoint]) -> list[EndpointId]:
    if event.endpoint is not None:
        return [event.endpoint]
    return [
        endpoint.id
        for endpoint in endpoints
        if event.type in endpoint.triggers and fits(event, endpoint.only)
    ]
