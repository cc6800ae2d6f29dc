"""The Webhook object that waits: its checks, and what an answer means."""

import json

import pytest

from hookswitch.config.check import parse
from hookswitch.config.problems import InvalidDocument
from hookswitch.flow.nodes.webhook.reply import Question, meaning
from kit.documents import FULL, changed

PLACE = "flows.0.objects.1"
BRANCH = {"field": "customer.level", "cases": [{"output": "vip", "values": ["gold", "2.5"]}]}
ASK = Question(5, "customer.0.level", (("gold", "true"), ("7", "null", "2.5")))


@pytest.mark.parametrize(
    ("value", "word"),
    [
        ("gold", "case1"), (True, "case1"), (7, "case2"), ("7", "case2"), (None, "case2"),
        (2.5, "case2"), ("Gold", "success"), (["gold"], "success"), ({}, "success"),
        ("gold\\r\\nAction: x", "success"), (float("nan"), "success"),
    ],
)  # fmt: skip
def test_a_field_chooses_the_first_case_that_has_its_value(value: object, word: str) -> None:
    body = json.dumps({"customer": [{"level": value}]}).encode()
    assert meaning(ASK, body) == word


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'{"customer": []}', b'{"customer": "gold"}', b"\xff", b"1" * 5000],
)
def test_an_answer_without_the_field_is_a_success(body: bytes) -> None:
    assert meaning(ASK, body) == "success"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"branch": BRANCH}, "nobody waits for the answer"),
        ({"wait": True, "branch": {**BRANCH, "field": "a..b"}}, "it is not a field"),
        ({"wait": True, "branch": {**BRANCH, "cases": []}}, "at least 1"),
        ({"wait": True, "time_limit": 61}, "at most 60"),
        (
            {"wait": True, "branch": {**BRANCH, "cases": [{"output": "failed", "values": ["a"]}]}},
            "'failed' is taken",
        ),
        ({"outputs": {"success": "alice"}}, "Webhook has no such output"),
    ],
)
def test_what_could_not_work_is_refused(settings: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse(changed(PLACE, {**FULL["flows"][0]["objects"][1], **settings}))
    assert said in str(refused.value)


def test_the_cases_are_outputs() -> None:
    settings = {"wait": True, "branch": BRANCH, "outputs": {"vip": "alice", "timeout": "bob"}}
    assert parse(changed(PLACE, {**FULL["flows"][0]["objects"][1], **settings})).flows
