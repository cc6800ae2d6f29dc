"""The configuration a first start may begin with: number, queue, Webhook object, voicemail."""

import base64
import secrets
from typing import Any, Final

NUMBER: Final = "61300000000"
CARRIER: Final = "192.0.2.10"
"""An address that nobody has: calls come from phones of one's own until a real one is set."""


def example(receiver_port: int) -> dict[str, Any]:
    """Secrets are made anew; webhooks go to the built-in receiver."""
    receiver = f"http://127.0.0.1:{receiver_port}"
    return {
        "hookswitch": 1,
        "users": [
            _user("Alice", "1001", _device("1001")),
            _user("Bob", "1002", _device("1002"), _device("1002-browser", "browser")),
        ],
        "mailboxes": [{"box": "1001", "name": "Office", "pin": f"{secrets.randbelow(10**6):06}"}],
        "trunks": [{"name": "carrier", "host": CARRIER}],
        "flows": [{"name": "Office", "objects": _objects(receiver)}],
        "webhooks": [
            {
                "name": "receiver",
                "url": f"{receiver}/events",
                "secret_token": secrets.token_urlsafe(18),
                "signing_secret": _signing_secret(),
                "triggers": [
                    "user_inbound",
                    "user_inbound_answered",
                    "user_inbound_completed",
                    "queue_call",
                    "voicemail",
                ],
            }
        ],
        "allowed_networks": [{"network": "127.0.0.1/32", "ports": [receiver_port]}],
    }


def _objects(receiver: str) -> list[dict[str, Any]]:
    return [
        {
            "id": "main_number",
            "kind": "number",
            "name": "Main number",
            "numbers": [NUMBER],
            "outputs": {"next": "support"},
            "position": [0, 0],
        },
        {
            "id": "support",
            "kind": "queue",
            "name": "Support",
            "members": [{"user": "1001"}],
            "join_when_empty": True,
            "leave_when_empty": False,
            "max_wait": 15,
            "outputs": {"timeout": "nobody_answered", "no_agents": "nobody_answered"},
            "position": [320, 0],
        },
        {
            "id": "nobody_answered",
            "kind": "webhook",
            "name": "Nobody answered",
            "url": f"{receiver}/nobody-answered",
            "secret_token": secrets.token_urlsafe(18),
            "signing_secret": _signing_secret(),
            "outputs": {"next": "voicemail"},
            "position": [640, 0],
        },
        {
            "id": "voicemail",
            "kind": "voicemail",
            "name": "Voicemail",
            "box": "1001",
            "position": [960, 0],
        },
    ]


def _user(name: str, extension: str, *devices: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "extension": extension, "devices": list(devices), "mailbox": "1001"}


def _device(username: str, kind: str = "sip") -> dict[str, Any]:
    return {"username": username, "password": secrets.token_urlsafe(12), "kind": kind}


def _signing_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
