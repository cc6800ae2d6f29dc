"""Run-time state of the endpoints of a running server."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from hookswitch.api.ports import EndpointStatus, Refused
from hookswitch.app.clock import now_ms
from hookswitch.app.webhooks.trigger_health import TriggerHealth
from hookswitch.model.delivery import Backlog, EndpointRuntime, EndpointState
from hookswitch.model.ids import EndpointId

if TYPE_CHECKING:
    from hookswitch.app.server import Server

BY_HAND = "by hand"


class Endpoints:
    """`api.ports.Endpoints` on a running server."""

    def __init__(self, server: "Server", triggers: TriggerHealth) -> None:
        self._server = server
        self._triggers = triggers

    async def all(self) -> Sequence[EndpointStatus]:
        """Those that are live in the document's order, then those whose events still wait."""
        runtimes = {one.endpoint: one for one in await self._server.store.endpoint_runtime()}
        waiting = {one.endpoint: one for one in await self._server.store.backlog()}
        live = {one.id: (one.name, one.url) for one in self._server.live.endpoints}
        gone = {endpoint: (endpoint, "") for endpoint in waiting if endpoint not in live}
        triggers = await self._triggers.all()
        return [
            _status(endpoint, name, url, runtimes, waiting, triggers=triggers.get(endpoint, {}))
            for endpoint, (name, url) in (live | gone).items()
        ]

    async def set_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str
    ) -> EndpointStatus:
        known = {one.id for one in await self.all()}
        if endpoint not in known:
            raise Refused(
                404, "Not Found", f"the live configuration has no webhook endpoint {endpoint!r}"
            )
        why = "" if state == "active" else reason or BY_HAND
        await self._server.store.set_endpoint_state(endpoint, state, why, now_ms())
        if state == "active":
            self._server.worker.gates.reset(endpoint)
        self._server.worker.wake()
        return next(one for one in await self.all() if one.id == endpoint)


def _status(
    endpoint: EndpointId,
    name: str,
    url: str,
    runtimes: Mapping[EndpointId, EndpointRuntime],
    waiting: Mapping[EndpointId, Backlog],
    *,
    triggers: Mapping[str, Mapping[str, Any]],
) -> EndpointStatus:
    runtime = runtimes.get(endpoint) or EndpointRuntime(endpoint=endpoint)
    backlog = waiting.get(endpoint)
    return EndpointStatus(
        id=endpoint,
        name=name,
        url=url,
        state=runtime.state,
        reason=runtime.reason,
        changed_at=runtime.changed_at or None,
        held_until=runtime.held_until,
        failing_since=runtime.failing_since,
        backlog=backlog.pending if backlog else 0,
        oldest_at=backlog.oldest if backlog else None,
        triggers=triggers,
    )
