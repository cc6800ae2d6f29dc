"""The compiler over any document: stable to the byte, and no text gets out of its place."""

import random
from typing import Any
from urllib.parse import parse_qs, unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from hookswitch.asterisk.configuration.render import render_entry, render_revision, render_sections
from hookswitch.config.check import parse
from hookswitch.model.plan import Context
from kit.dialplan import read_config, read_dialplan
from kit.documents import files_of, plan_of, through_archive
from kit.strategies import documents

FEW = settings(max_examples=40, deadline=None)


def shuffled(value: Any, rng: random.Random) -> Any:
    """The same document, its fields in another order."""
    if isinstance(value, dict):
        keys = list(value)
        rng.shuffle(keys)
        return {key: shuffled(value[key], rng) for key in keys}
    return [shuffled(entry, rng) for entry in value] if isinstance(value, list) else value


@FEW
@given(documents(), st.randoms(use_true_random=False))
def test_the_same_document_gives_the_same_bytes(raw: dict[str, Any], rng: random.Random) -> None:
    files = files_of(parse(raw))
    assert files_of(parse(raw)) == files
    assert files_of(through_archive(parse(raw))) == files
    assert files_of(parse(shuffled(raw, rng))) == files


@FEW
@given(documents())
def test_what_the_engine_reads_is_the_plan(raw: dict[str, Any]) -> None:
    plan = plan_of(parse(raw))
    assert read_dialplan(render_revision(plan)) == as_read(plan.contexts)
    assert read_dialplan(render_entry(plan)) == as_read(plan.entry)
    for name, text in render_sections(plan).items():
        assert [(block.name, tuple(block.options)) for block in read_config(text)] == [
            (section.name, section.options) for section in plan.sections if section.file == name
        ]


def as_read(contexts: tuple[Context, ...]) -> dict[str, dict[str, list[tuple[str, str]]]]:
    return {
        context.name: {
            extension.match: [
                *([("hint", extension.hint)] if extension.hint else []),
                *((step.app, step.args) for step in extension.steps),
            ]
            for extension in context.extensions
        }
        for context in contexts
    }


@FEW
@given(documents())
def test_names_reach_the_journal_as_they_are_and_nothing_else_does(raw: dict[str, Any]) -> None:
    contexts = read_dialplan(files_of(parse(raw))["revision.conf"])
    for node in raw["flows"][0]["objects"]:
        steps = contexts[f"hs-r7-{node['id']}"]["s"]
        records = [a for app, a in steps if app == "CELGenUserEvent"]
        if node["kind"] == "webhook":
            (pairs,) = records
            said = parse_qs(pairs.partition(",")[2], strict_parsing=True, max_num_fields=2)
            assert said == {"node": [node["id"]], "name": [node["name"].strip()]}
        if node["kind"] == "user":
            user = next(u for u in raw["users"] if u["extension"] == node["user"])
            name = records[0].rpartition("&name=")[2]
            assert unquote(name) == user["name"].strip()
            assert not set(name) & set("${}(),;\"'& \n[]\\")


@FEW
@given(
    documents(), st.sampled_from(["${SHELL(id)}", "$[1 + 1]", "${EVAL(${X})}", ")Hangup(", "\\;"])
)
def test_no_text_of_the_document_is_evaluated(raw: dict[str, Any], hostile: str) -> None:
    for named in (*raw["users"], *raw["flows"][0]["objects"]):
        named["name"] = named["name"][:40] + hostile
    files = files_of(parse(raw))
    assert hostile not in files["revision.conf"] + files["entry.conf"]
