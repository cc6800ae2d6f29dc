"""The compiler against golden files: what stands in `golden/` was read and found right.

After a change that is meant: HOOKSWITCH_UPDATE_GOLDEN=1 pytest tests/unit/test_flow_compile.py,
then read the difference.
"""

import json
import os
from collections import Counter
from pathlib import Path

import pytest

from hookswitch.asterisk.configuration.base_dialplan import BASE_DIALPLAN
from hookswitch.config.check import parse
from kit.dialplan import Steps, read_config, read_dialplan
from kit.documents import DOCUMENTS, MINIMAL, OUTSIDE, changed, document, files_of, plan_of

GOLDEN = Path(__file__).parent / "golden"
UPDATE = bool(os.environ.get("HOOKSWITCH_UPDATE_GOLDEN"))


def as_one_text(name: str) -> str:
    files = files_of(document(name))
    return "".join(f";;; {file}\n{text}\n" for file, text in sorted(files.items()))


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_compiled_document_is_the_golden_one(name: str) -> None:
    golden = GOLDEN / f"{name}.conf"
    text = as_one_text(name)
    if UPDATE:
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_goto_leads_somewhere(name: str) -> None:
    files = files_of(document(name))
    contexts = read_dialplan(files["entry.conf"]) | read_dialplan(files["revision.conf"])
    targets = {
        arguments.rpartition("?")[2]
        for extensions in contexts.values()
        for steps in extensions.values()
        for app, arguments in steps
        if app in {"Goto", "GotoIf"}
    }
    for target in targets:
        context, match, priority = target.split(",")
        if f"[{context}]" in BASE_DIALPLAN:
            continue
        assert priority == "1" or priority.isidentifier()
        assert match in contexts[context] or "${" in match or is_extension(context, match, contexts)


def is_extension(context: str, match: str, contexts: dict[str, dict[str, Steps]]) -> bool:
    """A context that serves every extension asks another what is known of each."""
    if match.startswith("c") and "_c." in contexts[context]:
        return True
    return "_X!" in contexts[context] and match in contexts["hs-r7-all-users"]


def steps_of(path: str, value: object, context: str, match: str = "s") -> list[tuple[str, str]]:
    plan = plan_of(parse(changed(path, value)))
    (found,) = (c for c in plan.contexts if c.name == f"hs-r7-{context}")
    (extension,) = (e for e in found.extensions if e.match == match)
    return [(step.app, step.args) for step in extension.steps]


ALICE = "flows.0.objects.2"


def test_a_user_rings_all_devices_for_the_objects_time() -> None:
    devices = ("Set", "HS_TO=PJSIP/1001&PJSIP/1001.mobile")
    for ring_time, seconds in ((4, 4), (..., 15)):
        steps = steps_of(f"{ALICE}.ring_time", ring_time, "alice")
        assert devices in steps
        assert ("Dial", f"${{HS_TO}},{seconds},gib(hs-dev^s^1)${{HS_SAYS}}") in steps


def test_a_user_without_devices_is_tried_and_not_dialled() -> None:
    steps = steps_of(f"{ALICE}.ring_time", 4, "bob")
    nothing = ("GotoIf", '$["${HS_TO}" = ""]?hs-r7-bob,NODEVICE,1')
    assert steps.index(("Set", "HS_TO=")) < steps.index(nothing)
    dials = [place for place, (app, _) in enumerate(steps) if app == "Dial"]
    assert all(place > steps.index(nothing) for place in dials)
    (told, _) = steps_of(f"{ALICE}.ring_time", 4, "bob", "NODEVICE")
    assert told[1].startswith("hs.tried,")


@pytest.mark.parametrize(
    ("output", "match", "cause"),
    [("no_answer", "NOANSWER", "19"), ("busy", "BUSY", "17"), ("ended", "ANSWER", "16")],
)
def test_an_output_with_no_edge_ends_the_call_with_a_fitting_cause(
    output: str, match: str, cause: str
) -> None:
    steps = steps_of(f"{ALICE}.outputs", {}, "alice", match)
    assert steps[-1] == ("Hangup", cause)
    steps = steps_of(f"{ALICE}.outputs", {output: "sorry"}, "alice", match)
    assert steps[-1] == ("Goto", "hs-r7-sorry,s,1")


def test_a_number_can_be_dialled_with_and_without_plus_and_nothing_else_from_a_trunk() -> None:
    entry = read_dialplan(files_of(document("full"))["entry.conf"])
    numbers = {"61300000000", "+61300000000", "61300000001", "+61300000001"}
    assert set(entry["hs-from-trunk"]) == numbers
    assert set(entry["hs-from-user"]) >= numbers | {"1001", "1002"}
    assert not [match for match in entry["hs-from-trunk"] if match.startswith("_")]


def test_a_password_reaches_the_engine_as_it_is() -> None:
    text = files_of(document("full"))["pjsip_auth.conf"]
    assert {
        value for block in read_config(text) for key, value in block.options if key == "password"
    } == {"alice-pass-1", ">=alice'[]#,"}


@pytest.mark.parametrize(
    "name", ["outside", "emergency", "blocked", "box", "agents", "ring", "ext"]
)
def test_an_object_of_any_id_has_a_context_of_its_own(name: str) -> None:
    flows = json.loads(json.dumps(MINIMAL["flows"]).replace('"u"', f'"{name}"'))
    plan = plan_of(parse(changed("flows", flows, OUTSIDE)))
    names = Counter(c.name for c in (*plan.contexts, *plan.shared, *plan.entry))
    assert f"hs-r7-{name}" in names
    assert {found for found, times in names.items() if times > 1} == set()
