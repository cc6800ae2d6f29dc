"""Webhook: tells a receiver of its own that a call passed here, and goes on at once."""

from collections.abc import Sequence
from typing import Literal

from pydantic import Field

from hookswitch.flow.fields import Headers, HeaderSecret, SigningSecret, WebUrl
from hookswitch.flow.node import Node, NodeKind, Wiring, no_findings
from hookswitch.flow.records import literal, record
from hookswitch.flow.site import Site
from hookswitch.model.plan import Extension

NORMAL = 16


class WebhookNode(Node):
    """`name` is the `component_name` of its events."""

    kind: Literal["webhook"]
    url: WebUrl
    secret_token: HeaderSecret
    signing_secret: SigningSecret
    headers: Headers = Field(default_factory=dict)


def emit(node: WebhookNode, _site: Site, wiring: Wiring) -> Sequence[Extension]:
    passed = record("webhook", node=literal(node.id), name=literal(node.name))
    return (Extension("s", (passed, wiring.leave(node, "next", cause=NORMAL))),)


KIND = NodeKind(
    name="webhook",
    title="Webhook",
    group="Advanced options",
    schema=WebhookNode,
    outputs=("next",),
    check=no_findings,
    emit=emit,
)
