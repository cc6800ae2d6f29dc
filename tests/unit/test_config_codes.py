"""Feature codes and parking: what may be written, and what must not meet."""

import copy
from typing import Any

import pytest

from hookswitch.config.check import parse
from hookswitch.config.problems import InvalidDocument, Problem
from kit.documents import EMPTY, MINIMAL


def problems(**sections: Any) -> list[Problem]:
    try:
        parse(EMPTY | sections)
    except InvalidDocument as error:
        return list(error.problems)
    return []


def user(extension: str) -> dict[str, Any]:
    return {"name": "Ann", "extension": extension}


def override(code: str) -> dict[str, Any]:
    groups = [{"hours": ["00:00-24:00"]}]
    node = {"id": "t", "kind": "time_condition", "name": "Hours", "time_zone": "UTC"}
    return {"name": "F", "objects": [{**node, "groups": groups, "override": code}]}


def queue(identity: str, code: str) -> dict[str, Any]:
    members = [{"user": "1001"}]
    return {"id": identity, "kind": "queue", "name": identity, "code": code, "members": members}


def test_two_queues_may_not_have_one_code() -> None:
    flow = {"name": "F", "objects": [queue("sales", "1"), queue("help", "1"), queue("more", "2")]}
    (found,) = problems(flows=[flow], users=[user("1001")])
    assert found.field == "code"
    assert "1 is already the code of sales: choose another" in str(found)


@pytest.mark.parametrize("code", ["", "12345", "a", "\u0661"])
def test_a_queues_code_is_digits(code: str) -> None:
    flow = {"name": "F", "objects": [queue("sales", code)]}
    (found,) = problems(flows=[flow], users=[user("1001")])
    assert "not a queue's code: write 1 to 4 digits" in str(found)


def test_the_codes_that_are_there_meet_nothing() -> None:
    assert problems(users=[user("1001")]) == []


@pytest.mark.parametrize(
    ("sections", "field", "said"),
    [
        ({"users": [user("700")]}, "extension", "700 is also the extension of Ann 700"),
        ({"users": [user("710")]}, "extension", "a parking slot 710 is also the extension of Ann"),
        ({"users": [user("8001")], "feature_codes": {"pickup": "8001"}}, "pickup", "is also"),
        ({"feature_codes": {"pickup": "*97"}}, "pickup", "also the feature code voicemail *97"),
        ({"feature_codes": {"pickup": "705"}}, "extension", "is also the feature code pickup"),
        ({"feature_codes": {"pickup": "**7"}}, "pickup_extension", "begins with the feature"),
        (
            {"feature_codes": {"pickup": "*281"}, "flows": [override("1")]},
            "pickup",
            "the feature code pickup *281 is also the code of Hours *281",
        ),
        (
            {"feature_codes": {"pickup": "*281", "time_condition": "*2"}},
            "time_condition",
            "begins with",
        ),
        ({"feature_codes": {"pickup": "*451"}}, "queue_login", "begins with the feature code"),
        ({"feature_codes": {"dnd_on": "*721"}}, "forward_always_on", "begins with the feature"),
        ({"feature_codes": {"pickup": "pick"}}, "pickup", "not a feature code: write 2 to 8"),
        ({"feature_codes": {"pickup": "*"}}, "pickup", "not a feature code"),
        ({"feature_codes": {"nothing": "*1"}}, "nothing", "no such field"),
        ({"parking": {"slots": 0}}, "slots", "use at least 1"),
        ({"parking": {"timeout": 5}}, "timeout", "use at least 10"),
        ({"parking": {"extension": "98", "slots": 2}}, "slots", "longer than 98: use at most 1"),
    ],
)
def test_what_is_wrong_is_said(sections: dict[str, Any], field: str, said: str) -> None:
    found = problems(**sections)
    assert [problem.field.rpartition(".")[2] for problem in found] == [field]
    assert said in str(found[0])


def test_a_code_or_parking_turned_off_meets_nothing() -> None:
    assert problems(users=[user("705")], parking=None) == []
    assert problems(feature_codes={"pickup": "*97", "voicemail": None}) == []
    assert problems(users=[user("8001")], feature_codes={"pickup_extension": None}) == []


def test_a_number_may_not_be_a_slot() -> None:
    flows = copy.deepcopy(MINIMAL["flows"])
    flows[0]["objects"][0]["numbers"] = ["+701"]
    (found,) = problems(flows=flows, trunks=MINIMAL["trunks"], users=MINIMAL["users"])
    assert "a parking slot 701 is also the number 701" in str(found)
