"""Configuration documents as plain values; JSON is YAML, so a text of one is a dump away."""

import base64
import copy
import json
from typing import Any

from hookswitch.asterisk.configuration.render import render_entry, render_revision, render_sections
from hookswitch.config import archive, secrets
from hookswitch.config.check import parse
from hookswitch.config.document import Document
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

SIGNING_SECRET = "whsec_" + base64.b64encode(b"0123456789abcdef0123456789abcdef").decode()

FULL: dict[str, Any] = {
    "hookswitch": 1,
    "users": [
        {"name": "Alice", "extension": "1001", "ring_time": 15,
         "devices": [{"username": "1001", "password": "alice-pass-1"},
                     {"username": "1001.mobile", "password": ">=alice'[]#,"}]},
        {"name": "Bob; O'Neil", "extension": "1002", "devices": []},
    ],
    "trunks": [{"name": "carrier", "host": "192.0.2.10"},
               {"name": "backup", "host": "2001:db8::1", "port": 5080, "codecs": ["opus", "ulaw"]}],
    "flows": [{"name": "Main", "objects": [
        {"id": "main", "kind": "number", "name": "Main number",
         "numbers": ["+61 3 0000 0000", "61300000001"], "outputs": {"next": "first"}},
        {"id": "first", "kind": "webhook", "name": "CRM, lookup; (100%)", "url": "http://192.0.2.20/x",
         "secret_token": "object-token", "signing_secret": SIGNING_SECRET,
         "headers": {"X-Key": "object-key"}, "outputs": {"next": "alice"}},
        {"id": "alice", "kind": "user", "name": "Alice", "user": "1001", "ring_time": 4,
         "outputs": {"no_answer": "bob", "busy": "bob", "offline": "bob"}},
        {"id": "bob", "kind": "user", "name": "Bob", "user": "1002",
         "outputs": {"offline": "sorry"}},
        {"id": "sorry", "kind": "hang_up", "name": "Sorry", "cause": "busy", "tone": "busy"},
    ]}],
    "webhooks": [{"name": "crm", "url": "https://crm.example/hooks", "secret_token": "crm-token",
                  "signing_secret": SIGNING_SECRET, "triggers": ["user_inbound", "voicemail"],
                  "headers": {"X-Team": "sales"}}],
    "allowed_networks": [{"network": "192.0.2.0/24", "ports": [80, 443]}],
}  # fmt: skip

EMPTY: dict[str, Any] = {"hookswitch": 1}

MINIMAL: dict[str, Any] = {
    "hookswitch": 1,
    "users": [{"name": "A", "extension": "10",
               "devices": [{"username": "a", "password": "12345678"}]}],
    "trunks": [{"name": "t", "host": "192.0.2.1"}],
    "flows": [{"name": "F", "objects": [
        {"id": "n", "kind": "number", "name": "N", "numbers": ["123"], "outputs": {"next": "u"}},
        {"id": "u", "kind": "user", "name": "U", "user": "10"},
    ]}],
}  # fmt: skip

OUTSIDE: dict[str, Any] = {
    "hookswitch": 1,
    "users": [
        {"name": "A", "extension": "10", "outbound_caller_id": "+61300000010",
         "limits": {"at_once": 2, "per_minute": 5, "destinations": ["0XXXXXXXXX"]}},
        {"name": "B", "extension": "11", "withhold_caller_id": True},
    ],
    "trunks": [
        {"name": "t", "host": "192.0.2.1", "username": "acc", "password": "provider-1",
         "registers": True, "max_channels": 3, "caller_id": "+61300000000"},
        {"name": "u", "host": "gw.example.com", "port": 5070, "transport": "tcp",
         "inbound_username": "gw", "inbound_password": "provider-2", "caller_id_in": "pai",
         "addresses": ["198.51.100.0/24"], "watch": False},
    ],
    "routes": [
        {"name": "national", "patterns": ["0XXXXXXXXX", "[2-9]XXXXXXX"], "trunks": ["t", "u"],
         "strip": 1, "prepend": "+61"},
        {"name": "abroad", "patterns": ["+.", "0011X."], "trunks": ["u"], "users": ["10"],
         "caller_id": "+61300000001", "force_caller_id": True, "ring_time": 60},
    ],
    "emergency": {"numbers": ["000", "112"], "trunks": ["u"]},
    "outside": {"blocked": ["+882", "0900"]},
    "blocked_callers": {"numbers": ["+61 499 000 001", "1900."], "withheld": True},
}  # fmt: skip

DOCUMENTS = {"empty": EMPTY, "minimal": MINIMAL, "full": FULL, "outside": OUTSIDE}
"""The good ones."""


def changed(path: str, value: Any, base: dict[str, Any] = FULL) -> dict[str, Any]:
    """A copy with the value at a dotted path replaced; `...` (Ellipsis) removes it."""
    raw = copy.deepcopy(base)
    *way, last = path.split(".")
    place: Any = raw
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    key: Any = int(last) if isinstance(place, list) else last
    if value is ...:
        del place[key]
    elif isinstance(place, list) and key == len(place):
        place.append(value)
    else:
        place[key] = value
    return raw


def text_of(raw: Any) -> str:
    return json.dumps(raw, indent=1, ensure_ascii=False)


def document(name: str) -> Document:
    return parse(DOCUMENTS[name])


def plan_of(document: Document, revision: int = 7) -> Plan:
    return compile_plan(document.flows, site_of(document), revision)


def files_of(document: Document, revision: int = 7) -> dict[str, str]:
    """The text of the engine's files, the dialplan's as `revision.conf` and `entry.conf`."""
    plan = plan_of(document, revision)
    dialplan = {"revision.conf": render_revision(plan), "entry.conf": render_entry(plan)}
    return {**render_sections(plan), **dialplan}


def through_archive(document: Document) -> Document:
    """As the store gives it back: the archive holds references, the secrets lie elsewhere."""
    values = secrets.values_of(document)
    return archive.restore(archive.dump(document, dict.fromkeys(values, 1)), values)
