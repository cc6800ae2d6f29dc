"""Requests signed as the delivery engine signs them, and as nobody may believe them."""

import time

from hookswitch.app.webhooks.post import post
from hookswitch.delivery.request import build_headers
from hookswitch.events.samples import KINDS, sample
from hookswitch.model.delivery import Claim
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import CallId, DeliveryId, EndpointId, EventId
from hookswitch.model.secret import Secret
from kit.api import SECRET, TOKEN

PATIENCE_S = 60.0


async def send(
    url: str,
    kind: str = "user_inbound",
    webhook_id: str = "evt_1",
    *,
    body: bytes | None = None,
    token: str = TOKEN,
    secrets: tuple[str, ...] = (SECRET,),
    age_s: int = 0,
) -> int | None:
    """Give the answer's status; `body` takes the place of the one that was signed."""
    endpoint = Endpoint(
        id=EndpointId("crm"),
        name="crm",
        url=url,
        token=Secret(token),
        signing_secrets=tuple(map(Secret, secrets)),
    )
    claim = Claim(
        id=DeliveryId(1),
        event=EventId(webhook_id),
        type=kind,  # type: ignore[arg-type]  # one is no event of ours
        call=CallId("c1"),
        revision=1,
        endpoint=endpoint.id,
        body=sample(kind) if kind in KINDS else b'{"type": "fax"}',
        attempt=1,
        failures=0,
        sequence=1,
    )
    headers = build_headers(claim, endpoint, round((time.time() - age_s) * 1000))
    reply = await post(url, headers, body or claim.body, PATIENCE_S)
    return reply.status
