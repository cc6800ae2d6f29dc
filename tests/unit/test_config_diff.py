"""What a diff says, in words for people and as values."""

import copy
from typing import Any

import pytest

from hookswitch.config import archive, secrets
from hookswitch.config.check import parse
from hookswitch.config.diff import Change, diff
from kit.documents import EMPTY, FULL, changed

NETWORK = {"external_address": "203.0.113.7", "local_networks": ["192.168.0.0/16"]}


def plain(raw: Any, set_at: int = 1) -> dict[str, Any]:
    document = parse(raw)
    return archive.plain(archive.dump(document, dict.fromkeys(secrets.values_of(document), set_at)))


def said(old: Any, new: Any) -> list[str]:
    return [str(change) for change in diff(plain(old), plain(new))]


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        ("webhooks.0.url", "https://b.example/x",
         "webhooks crm: url https://crm.example/hooks -> https://b.example/x"),
        ("flows.0.objects.2.ring_time", 10, "flows Main object alice: ring_time 4 -> 10"),
        ("flows.0.objects.2.ring_time", ..., "flows Main object alice: ring_time removed 4"),
        ("flows.0.objects.3.ring_time", 9, "flows Main object bob: ring_time added 9"),
        ("flows.0.objects.2.outputs.busy", "sorry",
         "flows Main object alice: outputs.busy bob -> sorry"),
        ("flows.0.objects.2.outputs.busy", ...,
         "flows Main object alice: outputs.busy removed bob"),
        ("users.0.name", "Alice B", 'users 1001: name Alice -> "Alice B"'),
        ("users.0.devices.1", ..., "users 1001 device 1001.mobile: removed"),
        ("users.0.devices.2", {"username": "new", "password": "a-new-password"},
         "users 1001 device new: added"),
        ("webhooks.0.triggers", ["user_inbound"], "webhooks crm: triggers -voicemail"),
        ("webhooks.0.triggers", ["voicemail", "user_inbound"], "webhooks crm: triggers reordered"),
        ("webhooks.0.headers", {}, "webhooks crm: headers.X-Team removed"),
        ("allowed_networks.0.ports", [80, 8080],
         "allowed_networks 192.0.2.0/24: ports -443 +8080"),
        ("network", {"external_address": "203.0.113.7"},
         "network: external_address added 203.0.113.7"),
        ("trunks.1", ..., "trunks backup: removed"),
    ],
)  # fmt: skip
def test_a_change_is_a_line(path: str, value: Any, line: str) -> None:
    assert said(FULL, changed(path, value)) == [line]


def test_no_change_no_line() -> None:
    assert said(FULL, FULL) == said(EMPTY, EMPTY) == []


def test_a_new_document_is_its_objects() -> None:
    assert said(EMPTY, changed("network", NETWORK))[:3] == [
        "users 1001: added",
        "users 1002: added",
        "trunks carrier: added",
    ]


def test_another_order_is_told_once() -> None:
    raw = copy.deepcopy(FULL)
    raw["users"].reverse()
    assert said(FULL, raw) == ["users reordered"]


def test_an_object_of_another_kind_is_another_object() -> None:
    new = {"id": "sorry", "kind": "user", "name": "Sorry", "user": "1002"}
    where = "flows Main object sorry"
    assert said(FULL, changed("flows.0.objects.4", new)) == [f"{where}: removed", f"{where}: added"]


def test_a_secret_is_only_said_to_have_changed() -> None:
    changes = diff(plain(FULL, 1), plain(FULL, 2))
    assert {str(change).rpartition(" ")[2] for change in changes} == {"changed"}
    assert all(change.secret and change.old is change.new is None for change in changes)
    assert len(changes) == len(secrets.values_of(parse(FULL)))
    assert "users 1001 device 1001: password changed" in map(str, changes)


def test_a_long_value_is_cut() -> None:
    (line,) = said(FULL, changed("flows.0.objects.0.notes", "word " * 100))
    assert len(line) < 160
    assert line.endswith("...")


def test_text_of_outsiders_stays_on_its_line() -> None:
    change = Change(where="users 1001", what="changed", field="name", old="A", new="B\n\x1b[31m")
    assert "\n" not in str(change)
    assert "\x1b" not in str(change)
