"""The receiver's kit. Oracle for signatures: the `standardwebhooks` package signs them."""

import ast
import base64
import hashlib
import hmac
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import pytest
from standardwebhooks import Webhook

import hookswitch.receiver
from hookswitch.receiver import (
    BadBody,
    BadSignature,
    BadToken,
    Facts,
    MissingHeader,
    ReceiverError,
    StaleTimestamp,
    UnknownEvent,
    VerificationError,
    facts,
    parse,
    verify,
)
from hookswitch.receiver.parsing import FIELDS

SECRET: Final = "whsec_" + base64.b64encode(bytes(range(32))).decode()
OTHER: Final = "whsec_" + base64.b64encode(bytes(range(32, 64))).decode()
TOKEN: Final = "t0ken"
NOW: Final = 1_790_868_675
BODY: Final = b'{"type":"user_outbound"}'


def signed(secret: str = SECRET, at: int = NOW, body: bytes = BODY) -> dict[str, str]:
    signature = Webhook(secret).sign("evt_1", datetime.fromtimestamp(at, UTC), body.decode())
    return {
        "Webhook-Id": "evt_1",
        "WEBHOOK-TIMESTAMP": str(at),
        "webhook-signature": signature,
        "X-Pbx-Token": TOKEN,
    }


def check(headers: dict[str, str], body: bytes = BODY, **changes: Any) -> None:
    verify(headers, body, **{"signing_secret": SECRET, "token": TOKEN, "now": NOW, **changes})


def test_a_good_request() -> None:
    check(signed())
    check(signed(), token=None)
    check(signed(), signing_secret=None)
    check({"x-pbx-token": TOKEN}, signing_secret=None)


def test_either_secret_of_a_rotation_fits() -> None:
    both = signed()
    both["webhook-signature"] += " " + signed(OTHER)["webhook-signature"]
    check(both)
    check(both, signing_secret=OTHER)
    check(signed(OTHER), signing_secret=[SECRET, OTHER])


@pytest.mark.parametrize(
    "name", ["Webhook-Id", "WEBHOOK-TIMESTAMP", "webhook-signature", "X-Pbx-Token"]
)
def test_a_missing_header(name: str) -> None:
    headers = signed()
    del headers[name]
    with pytest.raises(MissingHeader) as missing:
        check(headers)
    assert missing.value.name == name.lower()


@pytest.mark.parametrize("token", ["", "T0ken", "t0ken ", "t0ke", "tökén", "\udcff"])
def test_a_bad_token(token: str) -> None:
    with pytest.raises(BadToken):
        check({**signed(), "X-Pbx-Token": token})


@pytest.mark.parametrize(
    "signature",
    ["", "v1,", "v1", "v1,!!!!", "v1,é", "v2,abcd", "v1a,abcd", "\udcff", "v1," + "A" * 100_000],
)
def test_a_bad_signature(signature: str) -> None:
    with pytest.raises(BadSignature):
        check({**signed(), "webhook-signature": signature})


def test_a_changed_request() -> None:
    with pytest.raises(BadSignature):
        check(signed(), BODY + b" ")
    with pytest.raises(BadSignature):
        check({**signed(), "Webhook-Id": "evt_2"})
    with pytest.raises(BadSignature):
        check({**signed(), "WEBHOOK-TIMESTAMP": str(NOW + 1)})
    with pytest.raises(BadSignature):
        check(signed(OTHER))


def test_a_bad_signature_beside_a_good_one_does_no_harm() -> None:
    headers = signed()
    headers["webhook-signature"] = "v1,xx v2,yy " + headers["webhook-signature"]
    check(headers)


@pytest.mark.parametrize("seconds", [-301, 301, 100_000])
def test_a_stale_timestamp(seconds: int) -> None:
    with pytest.raises(StaleTimestamp):
        check(signed(at=NOW + seconds))
    check(signed(at=NOW + seconds), tolerance=abs(seconds))


@pytest.mark.parametrize("timestamp", ["", "soon", "1e9", "-1", "1.5", "٣", "9" * 400])
def test_a_timestamp_that_is_none(timestamp: str) -> None:
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    digest = hmac.digest(key, f"evt_1.{timestamp}.".encode() + BODY, hashlib.sha256)
    signature = "v1," + base64.b64encode(digest).decode()
    headers = {**signed(), "WEBHOOK-TIMESTAMP": timestamp, "webhook-signature": signature}
    with pytest.raises(StaleTimestamp):
        check(headers)


@pytest.mark.parametrize("secret", ["whsec_", "whsec_!", "é"])
def test_a_secret_that_is_none_is_the_callers_mistake(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_"):
        check(signed(), signing_secret=secret)


def test_checking_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing can be checked"):
        verify(signed(), BODY)
    with pytest.raises(ValueError, match="nothing can be checked"):
        verify(signed(), BODY, signing_secret="", token="")


def test_errors_tell_no_secret_and_have_one_root() -> None:
    with pytest.raises(VerificationError) as refused:
        check({**signed(), "X-Pbx-Token": "forged"})
    assert "forged" not in str(refused.value)
    assert TOKEN not in str(refused.value)
    assert issubclass(VerificationError, ReceiverError)
    assert issubclass(BadBody, ReceiverError)


def test_facts() -> None:
    headers = {
        "Webhook-Id": "evt_1",
        "X-Hookswitch-Call-Sequence": "3",
        "x-hookswitch-attempt": "2",
        "X-HOOKSWITCH-FINAL": "true",
        "X-Hookswitch-Linked-Call": "n1-2",
        "X-Hookswitch-Client-Ref": "order",
    }
    assert facts(headers) == Facts(
        id="evt_1",
        sequence=3,
        attempt=2,
        final=True,
        test=False,
        linked_call="n1-2",
        client_ref="order",
    )
    assert facts({"x-hookswitch-attempt": "x"}) == Facts(
        id="",
        sequence=None,
        attempt=None,
        final=False,
        test=False,
        linked_call=None,
        client_ref=None,
    )


# The wire contract's table, written down a second time.
INBOUND = (
    "caller_id caller_name user_name user_number dest_number call_start_at queue_name"
    " ring_group_name"
)
SUMMARY = (
    "caller_id caller_name user_name user_number dest_number call_start_at connected_at"
    " call_duration conversation_duration"
)
OUTBOUND = "caller_id user_name user_number dest_number call_start_at"
NOTICE = "recorded_at emails email_subject email_message"
CONTRACT: Final = {
    "user_inbound": INBOUND,
    "user_inbound_answered": INBOUND + " connected_at",
    "user_inbound_completed": INBOUND + " connected_at call_duration conversation_duration",
    "queue_call": SUMMARY + " queue_name status",
    "ring_group_call": SUMMARY + " ring_group_name status",
    "voicemail": "caller_id caller_name dest_number audio_file " + NOTICE,
    "recording_inbound": "caller_id dest_number call_recording_link " + NOTICE,
    "user_outbound": OUTBOUND,
    "user_outbound_answered": OUTBOUND + " connected_at",
    "user_outbound_completed": OUTBOUND + " connected_at call_duration conversation_duration",
    "recording_outbound": (
        "caller_id user_name user_number dest_number call_recording_link " + NOTICE
    ),
    "webhook_component_event": "user_name user_number dest_number call_start_at component_name",
}


def example(kind: str) -> dict[str, Any]:
    special: dict[str, Any] = {
        "type": kind,
        "status": "answered",
        "audio_file": ["https://pbx.example/m/abc"],
        "call_duration": 12,
        "conversation_duration": 0,
    }
    names = ["type", "unique_call_id", *CONTRACT[kind].split()]
    return {name: special.get(name, "text") for name in names}


def test_the_twelve_types_have_the_contracts_fields() -> None:
    assert FIELDS.keys() == CONTRACT.keys()
    for kind in CONTRACT:
        assert set(FIELDS[kind]) == set(example(kind))


@pytest.mark.parametrize("kind", CONTRACT)
def test_an_event_of_each_type(kind: str) -> None:
    event = {**example(kind), "added_later": 1}
    assert parse(json.dumps(event).encode()) == event


@pytest.mark.parametrize("kind", CONTRACT)
def test_every_field_must_be_there_and_of_its_type(kind: str) -> None:
    for name in example(kind):
        without = {key: value for key, value in example(kind).items() if key != name}
        with pytest.raises(BadBody):
            parse(json.dumps(without).encode())
        with pytest.raises(BadBody):
            parse(json.dumps({**example(kind), name: {"no": "type"}}).encode())
        with pytest.raises(BadBody):
            parse(json.dumps({**example(kind), name: True}).encode())


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("user_inbound", "queue_name"),
        ("user_inbound", "ring_group_name"),
        ("user_inbound_completed", "connected_at"),
        ("queue_call", "connected_at"),
        ("ring_group_call", "connected_at"),
        ("user_outbound_completed", "connected_at"),
    ],
)
def test_what_may_be_null(kind: str, name: str) -> None:
    assert parse(json.dumps({**example(kind), name: None}).encode())


def test_an_unknown_type() -> None:
    with pytest.raises(UnknownEvent):
        parse(b'{"type":"fax"}')


@pytest.mark.parametrize(
    "body", [b"", b"x", b"[]", b"null", b'"a"', b"{}", b'{"type":[]}', b"\xff", b"[" * 100_000]
)
def test_a_body_that_is_no_event(body: bytes) -> None:
    with pytest.raises(BadBody):
        parse(body)


def test_it_needs_the_standard_library_only() -> None:
    for path in Path(hookswitch.receiver.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            for name in names:
                own = name.startswith("hookswitch.receiver")
                assert own or name.split(".")[0] in sys.stdlib_module_names, path
