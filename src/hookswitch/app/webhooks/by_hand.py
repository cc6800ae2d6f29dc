"""Test events and replays on a running server."""

from typing import TYPE_CHECKING

import msgspec

from hookswitch.api.ports import DeliveryDetails, Refused, WebhookTrial
from hookswitch.app.clock import now_ms
from hookswitch.app.webhooks import trial
from hookswitch.delivery.echoes import without_echoes
from hookswitch.delivery.errors import Unsendable
from hookswitch.delivery.transport import Answer
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.events import EventType
from hookswitch.model.ids import DeliveryId, EndpointId
from hookswitch.store.rows import DeliveryRow

if TYPE_CHECKING:
    from hookswitch.app.server import Server


async def try_webhook(server: "Server", name: EndpointId, kind: EventType) -> WebhookTrial:
    """Send a sample to a live endpoint through the transport of the real events."""
    endpoint = server.live.resolve(name, server.live.revision)
    if endpoint is None:
        raise Refused(404, "Not Found", f"the live configuration has no webhook endpoint {name!r}")
    if not trial.suits(endpoint, kind):
        raise Refused(422, "Never sent there", _unsuited(endpoint))
    try:
        request = trial.request(endpoint, kind, now_ms())
    except Unsendable as error:
        raise Refused(422, "Cannot be sent", str(error)) from error
    began = now_ms()
    deadline_s = server.settings.delivery_deadline_s
    answer = await server.transport.post(
        endpoint.url, request.headers, request.body, deadline_s, endpoint.tls
    )
    return _trial(endpoint, kind, request, without_echoes(answer, endpoint), now_ms() - began)


def _unsuited(endpoint: Endpoint) -> str:
    if endpoint.id.startswith("object:"):
        return "a Webhook object sends webhook_component_event only"
    return "webhook_component_event is sent by Webhook objects: name one as object:ID"


def _trial(
    endpoint: Endpoint, kind: EventType, request: trial.Request, answer: Answer, duration_ms: int
) -> WebhookTrial:
    return WebhookTrial(
        endpoint=endpoint.id,
        type=kind,
        webhook_id=request.id,
        request={
            "url": endpoint.url,
            "headers": dict(trial.masked(request.headers, endpoint)),
            "body": msgspec.json.decode(request.body),
        },
        status=answer.status,
        error=answer.error or trial.refusal(answer.status),
        detail=answer.detail,
        duration_ms=max(0, duration_ms),
        headers=answer.headers,
        response=trial.shown(answer.body),
    )


async def details(server: "Server", delivery: DeliveryId) -> DeliveryDetails:
    """A delivery with its event and every attempt."""
    row = await _known(server, delivery)
    event = await server.store.event(row.event)
    if event is None:
        raise Refused(404, "Not Found", "the event of this delivery is no longer kept")
    attempts = await server.store.attempts(delivery)
    return DeliveryDetails(row, event, attempts, await _waits(server, row))


async def retry(server: "Server", delivery: DeliveryId, *, again: bool) -> DeliveryDetails:
    """Make a delivery due now, with the same `webhook-id`."""
    row = await _known(server, delivery)
    if server.live.resolve(row.endpoint, await _revision(server, row)) is None:
        raise Refused(
            409,
            "Endpoint removed",
            f"the live configuration has no webhook endpoint {row.endpoint!r}: apply one that has",
        )
    state = await server.store.make_due(delivery, now_ms(), again=again)
    if state == "sending":
        raise Refused(409, "Being sent", "an attempt is under way: look again when it has ended")
    if state == "delivered" and not again:
        raise Refused(
            409, "Already delivered", "the receiver has it: retry with again to send it once more"
        )
    server.worker.wake()
    return await details(server, delivery)


async def _known(server: "Server", delivery: DeliveryId) -> DeliveryRow:
    row = await server.store.delivery(delivery)
    if row is None:
        raise Refused(404, "Not Found", f"there is no delivery {delivery}")
    return row


async def _revision(server: "Server", row: DeliveryRow) -> int:
    event = await server.store.event(row.event)
    return event.revision if event else 0


async def _waits(server: "Server", row: DeliveryRow) -> str:
    if row.state != "pending":
        return ""
    runtime = {one.endpoint: one for one in await server.store.endpoint_runtime()}
    found = runtime.get(row.endpoint)
    if found is None or found.state == "active":
        return ""
    return f"the endpoint is {found.state}: {found.reason}"
