"""A call through a draft: the way, the events, what the command and bad scenarios say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hookswitch.app.cli import main
from hookswitch.app.simulation import question, simulated
from hookswitch.config.check import parse
from hookswitch.flow.nodes import KINDS
from hookswitch.simulate.scenario import Reaction, ScenarioError, reaction
from kit.documents import SIGNING_SECRET

AT = 1_790_000_000_000
URL = {"url": "http://192.0.2.1/", "secret_token": "t", "signing_secret": SIGNING_SECRET}


def document(*objects: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """Users 1001 and 1002, and a number that leads to the first object."""
    users = [
        {"name": name, "extension": extension, "ring_time": 5,
         "devices": [{"username": extension, "password": "12345678"}]}
        for name, extension in (("Ann", "1001"), ("Bob", "1002"))
    ]  # fmt: skip
    entrance = {"id": "in", "kind": "number", "name": "In", "numbers": ["123"],
                "outputs": {"next": objects[0]["id"]}}  # fmt: skip
    return {
        "hookswitch": 1,
        "users": users,
        "trunks": [{"name": "t", "host": "192.0.2.1"}],
        "flows": [{"name": "F", "objects": [entrance, *({"name": o["id"], **o} for o in objects)]}],
        **others,
    }


def played(raw: Mapping[str, Any], **asked: Any) -> dict[str, Any]:
    return simulated(parse(raw), question({"number": "123", "caller": "614", **asked}), AT)


def told(found: Mapping[str, Any]) -> list[str]:
    """`type(user or status, call/talk)` of each event."""
    bodies = [event["body"] for event in found["events"]]
    return [
        f"{body['type']}({body.get('status') or body.get('user_name', '')}"
        f" {body.get('call_duration', '')}/{body.get('conversation_duration', '')})"
        for body in bodies
    ]


def way(found: Mapping[str, Any]) -> list[str]:
    return [f"{passed['node']} {passed['output']}".strip() for passed in found["path"]]


USER = {"id": "u", "kind": "user", "user": "1001", "outputs": {"no_answer": "end", "busy": "end"}}
END = {"id": "end", "kind": "hang_up"}


@pytest.mark.parametrize(
    ("does", "output", "events"),
    [
        ("@2s+3s", "ended", ["user_inbound(Ann /)", "user_inbound_answered(Ann /)",
                             "user_inbound_completed(Ann 5/3)"]),
        ("no_answer", "no_answer", ["user_inbound(Ann /)", "user_inbound_completed(Ann 5/0)"]),
        ("@9s", "no_answer", ["user_inbound(Ann /)", "user_inbound_completed(Ann 5/0)"]),
        ("declines@2s", "busy", ["user_inbound(Ann /)", "user_inbound_completed(Ann 2/0)"]),
        ("busy", "busy", ["user_inbound_completed(Ann 0/0)"]),
        ("offline", "offline", ["user_inbound_completed(Ann 0/0)"]),
    ],
)  # fmt: skip
def test_a_user(does: str, output: str, events: list[str]) -> None:
    found = played(document(USER, END), answers={"1001": does})
    assert told(found) == events
    assert way(found)[1] == f"u {output}"


@pytest.mark.parametrize(
    ("forward", "answers", "events"),
    [
        ({"always": "1002"}, {"1002": "@1s+3s"}, ["user_inbound(Ann /)",
         "user_inbound_answered(Ann /)", "user_inbound_completed(Ann 4/3)"]),
        ({"no_answer": "0400000000"}, {"0400000000": "@1s+3s"}, ["user_inbound(Ann /)",
         "user_inbound_answered(Ann /)", "user_inbound_completed(Ann 9/3)"]),
        ({"busy": "1002"}, {"1001": "busy", "1002": "busy"}, ["user_inbound_completed(Ann 0/0)"]),
        ({"offline": "1002"}, {"1001": "offline"}, ["user_inbound(Ann /)",
         "user_inbound_completed(Ann 5/0)"]),
        ({"busy": "1002"}, {"1001": "declines@2s", "1002": "offline"}, ["user_inbound(Ann /)",
         "user_inbound_completed(Ann 2/0)"]),
    ],
)  # fmt: skip
def test_a_user_who_forwards(
    forward: dict[str, str], answers: dict[str, str], events: list[str]
) -> None:
    raw = document(USER, END, routes=[{"name": "r", "patterns": ["04."], "trunks": ["t"]}])
    raw["users"][0]["forward"] = forward
    assert told(played(raw, answers=answers)) == events


@pytest.mark.parametrize(
    ("does", "output"),
    [("@2s+3s", "ended"), ("busy", "busy"), ("offline", "failed"), ("no_answer", "no_answer"),
     ("declines@1s", "busy")],
)  # fmt: skip
def test_a_number_outside(does: str, output: str) -> None:
    outside = {"id": "x", "kind": "external_number", "number": "0400000000", "trunk": "t"}
    found = played(document(outside), answers={"0400000000": does})
    assert way(found) == ["in next", f"x {output}"]
    assert told(found) == []


def test_the_caller_hangs_up_while_it_rings() -> None:
    found = played(document(USER, END), hang_up=2)
    assert told(found) == ["user_inbound(Ann /)", "user_inbound_completed(Ann 2/0)"]
    assert way(found) == ["in next", "u"]
    assert found["duration"] == 2


def test_a_queue_rings_again_until_somebody_answers() -> None:
    queue = {"id": "q", "kind": "queue", "members": [{"user": "1001"}, {"user": "1002"}],
             "strategy": "linear", "ring_time": 3, "retry": 1}  # fmt: skip
    found = played(document(queue), answers={"1002": "@1s"})
    assert told(found) == [
        "user_inbound(Ann /)", "user_inbound_completed(Ann 3/0)",
        "user_inbound(Bob /)", "user_inbound_answered(Bob /)",
        "user_inbound_completed(Bob 11/10)", "queue_call(answered 15/10)",
    ]  # fmt: skip


def test_a_queue_is_left_when_its_time_is_over_or_nobody_is_there() -> None:
    queue = {"id": "q", "kind": "queue", "members": [{"user": "1001"}], "max_wait": 4,
             "outputs": {"timeout": "end", "no_agents": "end"}}  # fmt: skip
    waited = played(document(queue, END))
    assert told(waited)[-1] == "queue_call(timeout 4/0)"
    assert way(waited)[1] == "q timeout"
    empty = played(document(queue, END), answers={"1001": "offline"})
    assert told(empty) == ["queue_call(timeout 0/0)"]
    assert way(empty)[1] == "q no_agents"


def test_a_ring_group_and_its_abandonment() -> None:
    group = {"id": "g", "kind": "ring_group", "members": ["1001", "1002"]}
    found = played(document(group), answers={"1001": "@3s", "1002": "@2s"}, hang_up=4)
    assert told(found) == [
        "user_inbound(Ann /)", "user_inbound(Bob /)", "user_inbound_answered(Bob /)",
        "user_inbound_completed(Ann 2/0)", "user_inbound_completed(Bob 4/2)",
        "ring_group_call(answered 4/2)",
    ]  # fmt: skip
    assert told(played(document(group), hang_up=1))[-1] == "ring_group_call(abandoned 1/0)"


def test_menus_take_the_keys_in_their_order() -> None:
    menu = {"id": "m", "kind": "voice_menu", "retries": 1, "timeout": 3,
            "outputs": {"digit_1": "m", "digit_2": "u", "timeout": "end"}}  # fmt: skip
    raw = document(menu, USER, END)
    assert way(played(raw, press=["1", "9", "2"])) == [
        "in next", "m digit_1", "m digit_2", "u no_answer", "end",
    ]  # fmt: skip
    assert way(played(raw))[1] == "m timeout"
    assert played(raw)["duration"] == 6


def test_the_clock_of_the_time_zone_decides() -> None:
    time = {"id": "t", "kind": "time_condition", "time_zone": "Australia/Sydney",
            "groups": [{"hours": ["09:00-17:00"], "weekdays": ["mon-fri"]}],
            "holidays": ["12-24/01-01"]}  # fmt: skip
    when = {
        "2026-11-30T22:30+00:00": "matches",
        "2026-12-01T06:00+00:00": "doesnt_match",
        "2026-11-28T00:00+00:00": "doesnt_match",
        "2026-12-29T00:00+00:00": "doesnt_match",
    }
    assert {at: way(played(document(time), at=at))[1][2:] for at in when} == when


def test_a_condition_looks_at_caller_and_name() -> None:
    cases = [
        {"output": "mobile", "match": "caller_number", "how": "prefix", "values": ["+614"]},
        {"output": "smith", "match": "caller_name", "how": "pattern", "values": ["*sm?th*"]},
        {"output": "hidden", "match": "caller_number", "how": "empty"},
    ]
    raw = document({"id": "c", "kind": "condition", "cases": cases})
    assert way(played(raw))[1] == "c mobile"
    assert way(played(raw, caller="1", caller_name="J. Smith"))[1] == "c smith"
    assert way(played(raw, caller=""))[1] == "c hidden"
    assert way(played(raw, caller="1"))[1] == "c otherwise"


def test_a_message_and_what_is_recorded() -> None:
    box = {"id": "v", "kind": "voicemail", "box": "1001", "emails": ["a@example.com"]}
    boxes = {"mailboxes": [{"box": "1001", "name": "Ann", "pin": "4321"}]}
    found = played(document(box, **boxes), talk=4)
    assert told(found) == ["voicemail( /)"]
    assert found["events"][0]["body"]["email_subject"] == "Voicemail from 614"
    assert told(played(document(box, **boxes), hang_up=1)) == []
    raw = document({"id": "r", "kind": "call_recording", "outputs": {"next": "u"}}, USER, END)
    assert told(played(raw, answers={"1001": "@1s"}))[-1] == "recording_inbound( /)"
    assert not any("recording" in each for each in told(played(raw)))


def test_a_cycle_that_rings_nobody_ends() -> None:
    raw = document({**USER, "outputs": {"offline": "u"}})
    found = played(raw, answers={"1001": "offline"})
    assert len(found["path"]) == 100


def test_a_webhook_that_waits_is_left_as_it_is_answered() -> None:
    hook = {"id": "w", "kind": "webhook", **URL, "wait": True, "time_limit": 5,
            "outputs": {"next": "end", "timeout": "end", "failed": "end"}}  # fmt: skip
    assert way(played(document(hook, END)))[1] == "w next"
    assert way(played(document(hook, END), webhooks={"w": "failed"}))[1] == "w failed"
    late = played(document(hook, END), webhooks={"w": "timeout"})
    assert (way(late)[1], late["duration"]) == ("w timeout", 5)


def test_a_users_own_call_to_an_extension() -> None:
    found = played(document(USER, END), number="1002", caller="1001", answers={"1002": "@1s+2s"})
    assert told(found) == [
        "user_outbound(Ann /)", "user_inbound(Bob /)", "user_inbound_answered(Bob /)",
        "user_outbound_answered(Ann /)", "user_inbound_completed(Bob 3/2)",
        "user_outbound_completed(Ann 3/2)",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("@3s", Reaction("answers", 3)),
        ("@2.5+10s", Reaction("answers", 2.5, 10)),
        ("declines@1s", Reaction("declines", 1)),
        ("busy", Reaction("busy")),
    ],
)
def test_reactions(text: str, means: Reaction) -> None:
    assert reaction(text) == means


@pytest.mark.parametrize(
    "asked",
    [
        {"answers": {"1001": "sometimes"}},
        {"answers": {"1001": "@1.2.3"}},
        {"answers": {"9999": "busy"}},
        {"at": "tomorrow"},
        {"number": "999"},
        {"number": "1001"},
        {"hang_up": -1},
        {"hang_up": float("inf")},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_played_is_refused_with_a_mend(asked: dict[str, Any]) -> None:
    with pytest.raises(ScenarioError, match=": "):
        played(document(USER, END), **asked)


def test_the_command_needs_no_secrets_and_prints_the_way(tmp_path: Path) -> None:
    raw = document(USER, {**URL, "id": "end", "kind": "webhook"})
    for user in raw["users"]:
        del user["devices"][0]["password"]
    del raw["flows"][0]["objects"][2]["signing_secret"]
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps(raw), "utf-8")
    line = ["simulate", str(path), "--number", "123", "--answer", "1001=busy"]
    done = CliRunner().invoke(main, line)
    assert done.exit_code == 0, done.output
    assert "u (user) -> busy" in done.output
    found = json.loads(CliRunner().invoke(main, [*line, "--json"]).output)
    assert told(found)[-1] == "webhook_component_event( /)"
    wrong = CliRunner().invoke(main, [*line[:3], "999"])
    assert wrong.exit_code == 2
    assert "999 leads nowhere" in wrong.output


def test_every_kind_of_object_has_a_rule() -> None:
    assert all(callable(kind.walk) for kind in KINDS.values())
