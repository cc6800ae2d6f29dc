"""Samples and schema. Oracles: `jsonschema`, the receiver's kit, the contract's table again."""

import json
import os
from pathlib import Path
from typing import Any, Final, Literal, get_args, get_origin

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from hookswitch.app.cli import main
from hookswitch.config.webhook import TRIGGERS
from hookswitch.events import user_inbound, webhook_component
from hookswitch.events.samples import KINDS, sample
from hookswitch.events.schema import VERSION, render, schema, schema_of_all
from hookswitch.events.variables import variables
from hookswitch.model.calls import Leg, Party, User
from hookswitch.model.events import COMPONENT_EVENT
from hookswitch.model.facts import CallInfo, LegAnswered, LegEnded, LegRang, WebhookReached
from hookswitch.model.ids import CallId, LegId
from hookswitch.receiver import parse
from hookswitch.receiver.parsing import FIELDS

GOLDEN: Final = Path(__file__).parents[2] / "docs/events.schema.json"

INBOUND: Final = (
    "caller_id caller_name user_name user_number dest_number call_start_at queue_name"
    " ring_group_name"
)
SUMMARY: Final = (
    "caller_id caller_name user_name user_number dest_number call_start_at connected_at"
    " call_duration conversation_duration"
)
OUTBOUND: Final = "caller_id user_name user_number dest_number call_start_at"
MAIL: Final = "recorded_at emails email_subject email_message"
ENDED: Final = "connected_at call_duration conversation_duration"
ORDER: Final = {
    "user_inbound": INBOUND,
    "user_inbound_answered": f"{INBOUND} connected_at",
    "user_inbound_completed": f"{INBOUND} {ENDED}",
    "queue_call": f"{SUMMARY} queue_name status",
    "ring_group_call": f"{SUMMARY} ring_group_name status",
    "voicemail": f"caller_id caller_name dest_number {MAIL} audio_file",
    "recording_inbound": f"caller_id dest_number {MAIL} call_recording_link",
    "user_outbound": OUTBOUND,
    "user_outbound_answered": f"{OUTBOUND} connected_at",
    "user_outbound_completed": f"{OUTBOUND} {ENDED}",
    "recording_outbound": (
        f"caller_id user_name user_number dest_number {MAIL} call_recording_link"
    ),
    "webhook_component_event": "user_name user_number dest_number call_start_at component_name",
}


def body_of(kind: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(sample(kind))
    return found


def fits(document: dict[str, Any], body: Any) -> bool:
    return bool(Draft202012Validator(document).is_valid(body))


def test_there_are_the_twelve_in_the_contracts_order() -> None:
    assert list(KINDS) == list(ORDER) == [*TRIGGERS, COMPONENT_EVENT]


@pytest.mark.parametrize("kind", ORDER)
def test_a_sample_has_the_contracts_fields_in_its_order(kind: str) -> None:
    assert list(body_of(kind)) == ["type", "unique_call_id", *ORDER[kind].split()]


@pytest.mark.parametrize("kind", ORDER)
def test_a_sample_fits_its_schema_and_the_receivers_kit(kind: str) -> None:
    Draft202012Validator.check_schema(schema(kind))
    Draft202012Validator(schema(kind)).validate(body_of(kind))
    Draft202012Validator(schema_of_all()).validate(body_of(kind))
    assert parse(sample(kind)) == body_of(kind)


@pytest.mark.parametrize("kind", ORDER)
def test_a_schema_refuses_what_is_no_such_event(kind: str) -> None:
    body = body_of(kind)
    for name in body:
        without = {key: value for key, value in body.items() if key != name}
        for broken in (without, {**body, name: {}}, {**body, name: True}):
            assert not fits(schema(kind), broken), name
            assert not fits(schema_of_all(), broken), name
    for other in ORDER:
        assert fits(schema(other), body) is (other == kind)


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("user_inbound", "call_start_at", "2026-10-01T15:31:15Z"),
        ("user_inbound_answered", "connected_at", None),
        ("user_inbound_completed", "call_duration", -1),
        ("user_inbound_completed", "call_duration", 1.5),
        ("user_inbound_completed", "connected_at", "null"),
        ("queue_call", "status", "lost"),
        ("voicemail", "audio_file", "https://pbx.example.com/m/x"),
        ("user_inbound", "unique_call_id", "a b"),
    ],
)
def test_a_schema_refuses_wrong_values(kind: str, name: str, value: object) -> None:
    assert not fits(schema(kind), {**body_of(kind), name: value})


def test_a_schema_takes_nulls_and_fields_of_later_versions() -> None:
    body = {**body_of("user_inbound_completed"), "connected_at": None, "queue_name": None}
    assert fits(schema("user_inbound_completed"), {**body, "added_later": 1})


def _in_words(hint: Any) -> str:
    """A type of the receiver's kit as the list of variables names it."""
    if hint in {str, int}:
        return {str: "string", int: "integer"}[hint]
    if get_origin(hint) is Literal:
        return "string"
    if get_origin(hint) is list:
        return f"list of {_in_words(get_args(hint)[0])}s"
    return f"{_in_words(get_args(hint)[0])} or null"


@pytest.mark.parametrize("kind", ORDER)
def test_the_receivers_kit_has_the_same_types_as_the_bodies(kind: str) -> None:
    ours = {one.name: one.type.replace("timestamp", "string") for one in variables(kind)}
    assert ours == {name: _in_words(hint) for name, hint in FIELDS[kind].items()}


@pytest.mark.parametrize("kind", ORDER)
def test_every_variable_has_a_meaning(kind: str) -> None:
    assert all(one.meaning.endswith(".") for one in variables(kind))


def test_the_schema_is_the_published_one() -> None:
    """A change here is a change of the contract: raise VERSION and say so in CHANGELOG.md."""
    assert render(schema_of_all()) == render(schema_of_all())
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        GOLDEN.write_text(render(schema_of_all()))
    assert GOLDEN.read_text() == render(schema_of_all())


def test_what_the_builders_make_fits() -> None:
    call = CallInfo(
        id=CallId("n1b1-1.2"),
        started_at=1_790_868_675_000,
        caller=Party("", "Zoë \u2028"),
        dest_number="+61300000000",
        revision=1,
    )
    leg = Leg(
        id=LegId("n1b1-1.3"),
        user=User("Alice", "1001"),
        tried_at=1_790_868_676_000,
        rang_at=1_790_868_676_100,
    )
    at = 1_790_868_680_000
    built = [
        *user_inbound.rang(LegRang(call, leg, at)),
        *user_inbound.answered(LegAnswered(call, leg, at)),
        *user_inbound.completed(LegEnded(call, leg, at)),
        *webhook_component.reached(WebhookReached(call, "missed", "Missed call", 1, at)),
    ]
    assert len(built) == 4
    for event in built:
        Draft202012Validator(schema(event.type)).validate(json.loads(event.body))


def run(*args: str) -> str:
    result = CliRunner().invoke(main, ["events", *args])
    assert result.exit_code == 0, result.output
    return result.output


def test_samples_shows_all_twelve() -> None:
    shown = run("samples")
    for kind, entry in KINDS.items():
        assert f"{kind}: {entry.title}\n" in shown
    assert "timestamp or null  When the user answered; null if never." in shown


def test_samples_of_one() -> None:
    shown = run("samples", "queue_call")
    assert '"queue_name": "Support"' in shown
    assert "status" in shown
    assert "voicemail" not in shown


def test_samples_for_scripts() -> None:
    one = json.loads(run("samples", "voicemail", "--json"))
    assert one["sample"] == body_of("voicemail")
    assert [set(field) for field in one["variables"]] == [{"name", "type", "meaning"}] * 10
    assert [each["type"] for each in json.loads(run("samples", "--json"))] == list(ORDER)


def test_schema_prints_what_is_published() -> None:
    assert run("schema") == render(schema_of_all())
    one = json.loads(run("schema", "voicemail"))
    assert one["$id"] == f"urn:hookswitch:event:voicemail:{VERSION}"
    assert one["x-hookswitch-version"] == VERSION


@pytest.mark.parametrize("command", ["samples", "schema", "send"])
def test_an_unknown_type_names_those_there_are(command: str) -> None:
    result = CliRunner().invoke(main, ["events", command, "fax"])
    assert result.exit_code == 2
    assert "webhook_component_event" in result.output


@pytest.mark.parametrize("command", ["samples", "schema", "send"])
def test_help_has_examples(command: str) -> None:
    assert f"\n    hookswitch events {command}" in run(command, "--help")
