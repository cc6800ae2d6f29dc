"""Webhooks that would never arrive, as far as a document tells."""

import ipaddress
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import urlsplit

from hookswitch.config.document import Document
from hookswitch.config.problems import Loc, Problem
from hookswitch.flow.nodes.webhook import WebhookNode

_PORTS: Final = {"http": 80, "https": 443}


def reach_warnings(document: Document) -> Iterable[Problem]:
    """Private addresses that are not open, and endpoints that are sent nothing."""
    for i, webhook in enumerate(document.webhooks):
        yield from _closed(webhook.url, ("webhooks", i, "url"), document)
        if not webhook.triggers:
            at: Loc = ("webhooks", i, "triggers")
            yield _warning("none is ticked, so nothing is sent", "tick those you want", at)
    for i, flow in enumerate(document.flows):
        for j, node in enumerate(flow.objects):
            if isinstance(node, WebhookNode):
                yield from _closed(node.url, ("flows", i, "objects", j, "url"), document)


def _closed(url: str, loc: Loc, document: Document) -> Iterable[Problem]:
    parts = urlsplit(url)
    address = _address(parts.hostname or "")
    port = parts.port or _PORTS[parts.scheme]
    if address and address.is_private and not _is_open(address, port, document):
        yield _warning(
            f"{address} is a private address, and not open for webhooks",
            f"add {{network: {address}, ports: [{port}]}} to `allowed_networks`",
            loc,
        )


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Of a name only this machine's own is known without asking."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        return None


def _is_open(address: IPv4Address | IPv6Address, port: int, document: Document) -> bool:
    return any(
        address in ipaddress.ip_network(one.network) and port in one.ports
        for one in document.allowed_networks
    )


def _warning(message: str, mend: str, loc: Loc) -> Problem:
    return Problem("", "", message, mend, loc, severity="warning")
