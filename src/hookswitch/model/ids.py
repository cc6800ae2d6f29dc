"""Typed ids. All are strings on the wire and in the store."""

from typing import NewType

CallId = NewType("CallId", str)
"""`unique_call_id`: the engine's unique id of the channel that began the call."""

LegId = NewType("LegId", str)
"""One attempt to reach one user: the dialling channel's unique id, a dot, a counter."""

EventId = NewType("EventId", str)
"""`webhook-id`: a hash of call, leg, kind and ordinal, the same on every replay."""

EndpointId = NewType("EndpointId", str)
"""A webhook endpoint of the document, or `object:<node id>` for a Webhook object."""

DeliveryId = NewType("DeliveryId", int)

Ms = int
"""Milliseconds: since the epoch (UTC) for an instant, plain for a duration."""
