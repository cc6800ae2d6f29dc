"""Run-time state of the endpoints of a running server."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hookswitch.api.ports import EndpointStatus, Refused
from hookswitch.app.clock import now_ms
from hookswitch.model.delivery import Backlog, EndpointRuntime, EndpointState
from hookswitch.model.ids import EndpointId

if TYPE_CHECKING:
    from hookswitch.app.server import Server

BY_HAND = "by hand"


class Endpoints:
    """`api.ports.Endpoints` on a running server."""

    def __init__(self, server: "Server") -> None:
        self._server = server

    async def all(self) -> Sequence[EndpointStatus]:
        """Those that are live in the document's order, then those whose events still wait."""
        runtimes = {one.endpoint: one for one in await self._server.store.endpoint_runtime()}
        waiting = {one.endpoint: one for one in await self._server.store.backlog()}
        names = {one.id: one.name for one in self._server.live.endpoints}
        gone = {endpoint: endpoint for endpoint in waiting if endpoint not in names}
        return [
            _status(endpoint, name, runtimes, waiting) for endpoint, name in (names | gone).items()
        ]

    async def set_state(
        self, endpoint: EndpointId, state: EndpointState, reason: str
    ) -> EndpointStatus:
        known = {one.endpoint for one in await self.all()}
        if endpoint not in known:
            raise Refused(
                404, "Not Found", f"the live configuration has no webhook endpoint {endpoint!r}"
            )
        why = "" if state == "active" else reason or BY_HAND
        await self._server.store.set_endpoint_state(endpoint, state, why, now_ms())
        if state == "active":
            self._server.worker.gates.reset(endpoint)
        self._server.worker.wake()
        return next(one for one in await self.all() if one.endpoint == endpoint)


def _status(
    endpoint: EndpointId,
    name: str,
    runtimes: Mapping[EndpointId, EndpointRuntime],
    waiting: Mapping[EndpointId, Backlog],
) -> EndpointStatus:
    runtime = runtimes.get(endpoint) or EndpointRuntime(endpoint=endpoint)
    backlog = waiting.get(endpoint)
    return EndpointStatus(
        endpoint=endpoint,
        name=name,
        state=runtime.state,
        reason=runtime.reason,
        changed_at=runtime.changed_at or None,
        held_until=runtime.held_until,
        failing_since=runtime.failing_since,
        pending=backlog.pending if backlog else 0,
        oldest=backlog.oldest if backlog else None,
    )
