"""The objects that choose a way: their compiled form against a golden file, and their checks.

After a change that is meant: HOOKSWITCH_UPDATE_GOLDEN=1 pytest tests/unit/test_nodes_objects.py,
then read the difference.
"""

import datetime as dt
import os
from pathlib import Path
from typing import Any

import pytest

from hookswitch.asterisk.configuration.render import render_revision, render_sections
from hookswitch.config.check import parse
from hookswitch.config.secrets import masked, values_of
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan
from kit.objects import OBJECTS, document_of, plan_of, problems_of

GOLDEN = Path(__file__).parent / "golden"
WRONG: list[tuple[str, dict[str, Any], str]] = [
    ("voice_menu", {"dial_extensions": False, "outputs": {"timeout": "end"}}, "no key leads"),
    ("voice_menu", {"outputs": {"digit_10": "end"}}, "has no such output"),
    ("voice_menu", {"timeout": 0}, "at least 1"),
    ("voice_menu", {"greeting": "../x"}, "not a prompt's name"),
    ("time_condition", {"time_zone": "Europe/Berln"}, "such as Europe/Berlin"),
    ("time_condition", {"time_zone": "../../etc/passwd"}, "there is no time zone"),
    ("time_condition", {"groups": []}, "groups"),
    ("time_condition", {"groups": [{}]}, "the group is empty"),
    ("time_condition", {"groups": [{"hours": ["9-17"]}]}, "09:00-17:30"),
    ("time_condition", {"groups": [{"hours": ["22:00-06:00"]}]}, "split it"),
    ("time_condition", {"groups": [{"hours": ["09:00-24:01"]}]}, "not a range"),
    ("time_condition", {"groups": [{"weekdays": ["mo"]}]}, "mon-fri"),
    ("time_condition", {"groups": [{"month_days": ["0", "32"]}]}, "not a day of the month"),
    ("time_condition", {"groups": [{"months": ["jan-"]}]}, "nov-feb"),
    ("time_condition", {"groups": [{"years": ["26"]}]}, "not a year"),
    ("time_condition", {"groups": [{"years": [2026]}]}, 'in quotes: "2026"'),
    ("time_condition", {"holidays": ["2026-02-29"]}, "no such day"),
    ("time_condition", {"holidays": ["25.12."]}, "not a date"),
    ("time_condition", {"holidays": ["2026-12-24/12-26"]}, "one has a year"),
    ("time_condition", {"holidays": ["2026-12-24/2026-12-01"]}, "ends before it begins"),
    ("time_condition", {"override": "1#"}, "1 to 4 digits"),
    ("condition", {"cases": []}, "cases"),
    ("condition", {"cases": [{"output": "otherwise", "match": "caller_name", "how": "empty"}]},
     "is taken"),
    ("condition", {"cases": [{"output": "a", "match": "caller_name"}], "outputs": {}},
     "there are none"),
    ("condition", {"cases": [{"output": "a", "match": "variable", "values": ["x"]}],
                   "outputs": {}}, "it goes with match: variable"),
    ("condition", {"cases": [{"output": "a", "match": "variable", "variable": "SHELL(id)",
                              "values": ["x"]}], "outputs": {}}, "not a variable's name"),
    ("condition", {"cases": [{"output": "a", "match": "caller_number", "values": ["${X}"]}],
                   "outputs": {}}, "is no number"),
    ("condition", {"cases": [{"output": "a", "match": "caller_name", "values": ["x" * 61]}],
                   "outputs": {}}, "use 1 to 60"),
    ("condition", {"outputs": {"nobody": "end"}}, "its outputs are otherwise, vip"),
    ("caller_id", {"set_name": None, "set_number": None, "name_prefix": None,
                   "number_prefix": None, "table": []}, "it changes nothing"),
    ("caller_id", {"table": [{"number": "6140001", "name": "A"},
                             {"number": "+6140001", "name": "B"}]}, "it is there twice"),
    ("caller_id", {"number_prefix": "0&1"}, "no prefix of a number"),
    ("caller_id", {"name_prefix": "a\nb"}, "not visible"),
    ("conference", {"room": "a b"}, "not an id"),
    ("conference", {"pin": "12"}, "not a PIN"),
    ("conference", {"admin_pin": "1234"}, "the same as the pin"),
    ("conference", {"max_members": 1}, "at least 2"),
    ("directory", {"search": "all"}, "search"),
]  # fmt: skip


def as_one_text(plan: Plan) -> str:
    sections = render_sections(plan)
    del sections["pjsip.conf"]  # type: ignore[attr-defined]  # not of these objects
    named = "".join(f";;; {name}\n{text}" for name, text in sorted(sections.items()))
    tried = [context for context in plan.contexts if context.name == "hs-r7-tried"]
    return render_revision(Plan(revision=7, contexts=tuple(tried))) + named


@pytest.mark.parametrize("kind", OBJECTS)
def test_the_compiled_object_is_the_golden_one(kind: str) -> None:
    golden = GOLDEN / f"object_{kind}.conf"
    text = as_one_text(plan_of(kind))
    if os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize(
    ("kind", "changes", "said"), WRONG, ids=lambda value: value if isinstance(value, str) else ""
)
def test_what_cannot_work_is_told(kind: str, changes: dict[str, Any], said: str) -> None:
    found = problems_of(kind, **changes)
    assert [line for line in found if said in line], found


@pytest.mark.parametrize("kind", OBJECTS)
def test_an_output_without_an_edge_ends_the_call(kind: str) -> None:
    changes = {"dial_extensions": True} if kind == "voice_menu" else {}
    plan = plan_of(kind, outputs={}, **changes)
    (context,) = (context for context in plan.contexts if context.name == "hs-r7-tried")
    steps = [step for extension in context.extensions for step in extension.steps]
    assert not [step for step in steps if step.args.startswith("hs-r7-end")]
    assert ("Hangup", "16") in [(step.app, step.args) for step in steps]


def test_an_override_is_dialled_by_phones_only_and_by_one_object() -> None:
    raw = document_of("time_condition")
    objects = raw["flows"][0]["objects"]
    entry = {context.name: context for context in plan_of("time_condition").entry}
    assert "*281" in [extension.match for extension in entry["hs-from-user"].extensions]
    assert "*281" not in [extension.match for extension in entry["hs-from-trunk"].extensions]
    objects.append({**objects[1], "id": "second"})
    with pytest.raises(Exception, match=r"\*281 is already dialled for 'Tried'"):
        parse(raw)


def test_a_boxs_number_that_is_anothers_extension_would_tell_the_wrong_name() -> None:
    raw = document_of("directory")
    raw["mailboxes"] = [{"box": "1002", "name": "Info", "pin": "4321"}]
    with pytest.raises(Exception, match="the directory would tell the wrong name"):
        parse(raw)
    raw["users"] = [raw["users"][0], {**raw["users"][1], "mailbox": "1002"}]
    assert parse(raw)


def test_two_directories_are_written_once() -> None:
    raw = document_of("directory")
    objects = raw["flows"][0]["objects"]
    objects.append({**objects[1], "id": "second"})
    document = parse(raw)
    plan = compile_plan(document.flows, site_of(document), 7)
    assert len([s for s in plan.sections if s.file == "directory.conf"]) == 1


def test_pins_are_secrets() -> None:
    document = parse(document_of("conference"))
    assert "1234" not in str(masked(document))
    assert values_of(document) == {"objects/tried/pin": "1234", "objects/tried/admin_pin": "98765"}


def test_dates_may_stand_without_quotes() -> None:
    """YAML reads them as dates."""
    assert problems_of("time_condition", holidays=[dt.date(2026, 12, 25)]) == []
