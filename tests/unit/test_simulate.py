"""A call through a draft: the way, the events, what the command and bad scenarios say."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from hookswitch.app.cli import main
from hookswitch.app.configuration.simulation import question, simulated
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


def test_a_blocked_caller_gets_nowhere() -> None:
    blocked = {"numbers": ["+614."], "withheld": True}
    raw = document(USER, END, blocked_callers=blocked)
    for caller in ("61400000001", "+61 400 000 001", "anonymous", ""):
        found = played(raw, caller=caller)
        assert (found["blocked"], found["path"], found["events"]) == (True, [], [])
    for caller in ("614", "4", "1001"):
        found = played(raw, caller=caller)
        assert not found["blocked"]
        assert found["path"]


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


ROUTED = {
    "trunks": [
        {"name": "t", "host": "192.0.2.1", "caller_id": "61300000009"},
        {"name": "u", "host": "192.0.2.2"},
    ],
    "routes": [
        {"name": "few", "patterns": ["05X."], "trunks": ["u"], "users": ["1002"]},
        {"name": "all", "patterns": ["04X.", "09X."], "trunks": ["t", "u"], "ring_time": 8},
    ],
}


@pytest.mark.parametrize(
    ("number", "asked", "events"),
    [
        ("0400000001", {"answers": {"0400000001": "@2s+3s"}},
         ["user_outbound(Ann /)", "user_outbound_answered(Ann /)",
          "user_outbound_completed(Ann 5/3)"]),
        ("0400000001", {"answers": {"0400000001": "busy"}},
         ["user_outbound(Ann /)", "user_outbound_completed(Ann 0/0)"]),
        ("0400000001", {}, ["user_outbound(Ann /)", "user_outbound_completed(Ann 8/0)"]),
        ("0400000001", {"answers": {"0400000001": "@2s+3s"}, "away": ["t"]},
         ["user_outbound(Ann /)", "user_outbound_answered(Ann /)",
          "user_outbound_completed(Ann 5/3)"]),
        ("0400000001", {"answers": {"0400000001": "@2s+3s"}, "away": ["t", "u"]},
         ["user_outbound(Ann /)", "user_outbound_completed(Ann 0/0)"]),
        ("0900000001", {"answers": {"0900000001": "@2s+3s"}},
         ["user_outbound(Ann /)", "user_outbound_completed(Ann 0/0)"]),
        ("0500000001", {"answers": {"0500000001": "@2s+3s"}},
         ["user_outbound(Ann /)", "user_outbound_completed(Ann 0/0)"]),
        ("112", {"answers": {"112": "@1s+1s"}},
         ["user_outbound(Ann /)", "user_outbound_answered(Ann /)",
          "user_outbound_completed(Ann 2/1)"]),
    ],
    ids=["answered", "busy", "rings", "the second trunk", "no trunk", "blocked", "another's route",
         "emergency"],
)  # fmt: skip
def test_a_users_own_call_outside(number: str, asked: dict[str, Any], events: list[str]) -> None:
    found = played(document(USER, END, **ROUTED), number=number, caller="1001", **asked)
    assert told(found) == events
    shown = {event["body"]["caller_id"] for event in found["events"]}
    assert shown == {"61300000009" if number.startswith(("04", "09")) else "1001"}


def test_a_user_who_is_not_to_be_disturbed_is_busy_and_forwards_nothing() -> None:
    raw = document(USER, END, **ROUTED)
    raw["users"][0]["forward"] = {"always": "1002"}
    found = played(raw, answers={"1001": "dnd", "1002": "@1s"})
    assert told(found) == ["user_inbound_completed(Ann 0/0)"]
    assert way(found)[1] == "u busy"


@pytest.mark.parametrize(
    ("forward", "answers", "events"),
    [
        ({"always": "0400000001"}, {"0400000001": "@1s+2s"}, (3, 2)),
        ({"always": "0500000001"}, {"0500000001": "@1s+2s"}, None),
        ({"no_answer": "1002"}, {"1002": "@1s+2s"}, (8, 2)),
        ({"busy": "1002"}, {"1001": "declines@2s", "1002": "@1s+2s"}, (5, 2)),
        ({"no_answer": "1002"}, {"1001": "offline", "1002": "@1s+2s"}, (3, 2)),
    ],
    ids=["always", "where he may not call", "no answer", "busy", "no phone there"],
)
def test_what_a_user_forwards_by_code(
    forward: dict[str, str], answers: dict[str, str], events: tuple[int, int] | None
) -> None:
    """It comes before what his settings say."""
    raw = document(USER, END, **ROUTED)
    raw["users"][0]["forward"] = dict.fromkeys(forward, "0400000002")
    found = played(raw, answers=answers, forwards={"1001": forward})
    if events is None:
        assert told(found) == ["user_inbound_completed(Ann 0/0)"]
        assert way(found)[1] == "u offline"
    else:
        assert told(found)[-1] == f"user_inbound_completed(Ann {events[0]}/{events[1]})"
        assert way(found)[1] == "u ended"


def test_a_ring_group_begins_with_whom_the_caller_of_the_simulator_says() -> None:
    group = {"id": "g", "kind": "ring_group", "members": ["1001", "1002"], "strategy": "random",
             "ring_time": 3}  # fmt: skip
    answers = {"1001": "@1s+2s", "1002": "no_answer"}
    found = played(document(group), answers=answers, orders={"g": ["1002"]})
    assert [each for each in told(found) if "user_inbound(" in each] == [
        "user_inbound(Bob /)", "user_inbound(Ann /)",
    ]  # fmt: skip
    assert len(told(played(document(group), answers=answers))) == 4


def test_somebody_outside_takes_the_call_of_a_ring_group() -> None:
    group = {"id": "g", "kind": "ring_group", "members": ["1001"], "external": ["0400000001"]}
    raw = document(group, **ROUTED)
    found = played(raw, answers={"0400000001": "@2s+3s"})
    assert told(found) == [
        "user_inbound(Ann /)", "user_inbound_completed(Ann 2/0)", "ring_group_call(answered 5/3)",
    ]  # fmt: skip
    assert told(played(raw, answers={"0400000001": "@2s+3s"}, away=["t", "u"]))[-1] == (
        "ring_group_call(timeout 20/0)"
    )


def test_a_queue_passes_over_who_is_not_to_be_disturbed() -> None:
    members = [{"user": "1001"}, {"user": "1002", "penalty": 1}]
    queue = {"id": "q", "kind": "queue", "members": members, "max_wait": 4}
    found = played(document(queue), answers={"1001": "dnd", "1002": "@1s+2s"})
    assert told(found)[-1] == "queue_call(answered 3/2)"
    alone = played(document(queue), answers={"1001": "dnd", "1002": "dnd"})
    assert told(alone) == ["queue_call(timeout 4/0)"], "who is busy is an agent all the same"


def test_a_time_condition_that_a_phone_has_set() -> None:
    always = [{"hours": ["00:00-24:00"]}]
    clock = {"id": "c", "kind": "time_condition", "time_zone": "Asia/Tokyo", "groups": always,
             "override": "1", "outputs": {"matches": "u", "doesnt_match": "end"}}  # fmt: skip
    raw = document(clock, USER, END)
    assert way(played(raw))[1] == "c matches"
    assert way(played(raw, overrides={"c": "doesnt_match"}))[1] == "c doesnt_match"


def test_the_command_takes_what_people_do_and_what_is_away(tmp_path: Path) -> None:
    group = {"id": "g", "kind": "ring_group", "members": ["1001", "1002"], "strategy": "random",
             "outputs": {"no_answer": "u"}, "ring_time": 3}  # fmt: skip
    path = tmp_path / "a.yaml"
    path.write_text(json.dumps(document(group, USER, END, **ROUTED)), "utf-8")

    def run(*options: str) -> dict[str, Any]:
        done = CliRunner().invoke(main, ["simulate", str(path), "--json", *options])
        assert done.exit_code == 0, done.output
        found: dict[str, Any] = json.loads(done.output)
        return found

    found = run("--number=123", "--busy=1001", "--order=g=1002,1001")
    assert told(found)[0] == "user_inbound(Bob /)"
    found = run("--number=123", "--dnd=1001", "--answer=1002=offline")
    assert way(found)[1:3] == ["g no_answer", "u busy"]
    forward = ("--forward=1001=always:0400000001", "--answer=0400000001@1s+2s")
    assert told(run("--number=123", "--dnd=1002", "--busy=1001", *forward))[-1] == (
        "user_inbound_completed(Ann 3/2)"
    )
    found = run("--number=0400000001", "--caller=1001", "--away=t", "--away=u")
    assert told(found)[-1] == "user_outbound_completed(Ann 0/0)"


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"forwards": {"1009": {"busy": "1001"}}}, "there is no user 1009: name one of 1001"),
        ({"forwards": {"1001": {"never": "1002"}}}, "no code forwards 'never': write always"),
        ({"away": ["x"]}, "there is no trunk x: name one of t"),
        ({"overrides": {"u": "matches"}}, "no time condition u has an override: name one of"),
        ({"orders": {"u": ["1001"]}}, "there is no queue or ring group u: name one of"),
    ],
)
def test_who_and_what_is_not_there_is_named(asked: dict[str, Any], says: str) -> None:
    with pytest.raises(ScenarioError) as refused:
        played(document(USER, END), **asked)
    assert says in str(refused.value)


def test_every_kind_of_object_has_a_rule() -> None:
    assert all(callable(kind.walk) for kind in KINDS.values())
