"""What an endpoint is not to see."""

import json
from typing import Any

import pytest

from hookswitch.delivery.masking import masked
from hookswitch.model.endpoints import Endpoint
from hookswitch.model.ids import EndpointId
from hookswitch.model.secret import Secret

BODY = json.dumps(
    {
        "type": "user_inbound_completed", "unique_call_id": "n1-1.1", "caller_id": "+61400000001",
        "caller_name": "Zoë", "user_name": "Alice", "queue_name": None, "connected_at": None,
        "audio_file": ["http://x/m/1"], "call_duration": 7, "user_number": "",
    }
).encode()  # fmt: skip


def to(name: str = "crm", **masks: Any) -> Endpoint:
    return Endpoint(
        id=EndpointId(name), name=name, url="", token=Secret(""), signing_secrets=(),
        masks=tuple(masks.items()),
    )  # fmt: skip


def key() -> Secret:
    return Secret("key")


def no_key() -> Secret:
    raise AssertionError


def test_without_masks_the_bytes_are_the_same() -> None:
    assert masked(BODY, to(), no_key) is BODY


def test_dropped_fields_stay_but_are_empty() -> None:
    before = json.loads(BODY)
    after = json.loads(masked(BODY, to(caller_id="drop", audio_file="drop"), no_key))
    assert after == {**before, "caller_id": "", "audio_file": []}
    assert list(after) == list(before)


def test_a_pseudonym_is_the_same_each_time_and_another_at_each_endpoint() -> None:
    first = masked(BODY, to(caller_id="hash"), key)
    assert first == masked(BODY, to(caller_id="hash"), key)
    pseudonym = json.loads(first)["caller_id"]
    assert pseudonym.startswith("h_")
    assert len(pseudonym) == 34
    other = json.loads(masked(BODY, to("desk", caller_id="hash"), key))["caller_id"]
    rekeyed = json.loads(masked(BODY, to(caller_id="hash"), lambda: Secret("x")))["caller_id"]
    assert len({pseudonym, other, rekeyed}) == 3
    assert b"61400000001" not in first


@pytest.mark.parametrize("name", ["user_number", "queue_name", "call_recording_link"])
def test_what_is_empty_or_absent_stays_so(name: str) -> None:
    assert json.loads(masked(BODY, to(**{name: "hash"}), no_key)) == json.loads(BODY)


def test_text_beyond_ascii_is_kept() -> None:
    assert "Zoë".encode() in masked(BODY, to(caller_id="drop"), no_key)
