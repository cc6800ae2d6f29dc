"""Plans by hand -> text, read back by a parser of the engine's rules."""

import pytest

from hookswitch.asterisk.configuration.render import render_entry, render_revision, render_sections
from hookswitch.model.plan import Context, Extension, Plan, Section, Step
from kit.dialplan import read_config, read_dialplan


def plan_of(*steps: Step, match: str = "s", context: str = "c") -> Plan:
    return Plan(revision=1, contexts=(Context(context, (Extension(match, steps),)),))


def section_of(key: str, value: str, name: str = "s") -> Plan:
    return Plan(revision=1, sections=(Section("pjsip.conf", name, ((key, value),)),))


def test_a_plan_is_written_step_by_step() -> None:
    text = render_revision(plan_of(Step("Answer"), Step("Goto", "a,s,1", label="again")))
    assert text == (
        "; written by Hookswitch: do not edit\n"
        "\n[c]\nexten => s,1,Answer()\n same => n(again),Goto(a,s,1)\n"
    )


def test_sections_go_to_their_files_in_their_order() -> None:
    sections = (
        Section("pjsip.conf", "b", (("type", "aor"),)),
        Section("queues.conf", "q", ()),
        Section("pjsip.conf", "a", (("type", "aor"), ("type", "auth"))),
    )
    files = render_sections(Plan(revision=1, sections=sections))
    assert sorted(files) == ["pjsip.conf", "queues.conf"]
    assert [block.name for block in read_config(files["pjsip.conf"])] == ["b", "a"]
    assert read_config(files["pjsip.conf"])[1].options == [("type", "aor"), ("type", "auth")]


def test_the_entry_is_a_file_of_its_own() -> None:
    plan = Plan(revision=1, entry=(Context("in", ()),), contexts=(Context("c", ()),))
    assert "[in]" in render_entry(plan)
    assert "[in]" not in render_revision(plan)


@pytest.mark.parametrize(
    "value",
    ["a;b", r"a\;b", r"a\\;b", ";", ";;", "a;--b--;c", ">x", "=>x", "=x", "a=b", "[x]",
     "#include x",     "a\\", "(", ")", '"', "a b", "\u00e9\U0001f468\u200d\U0001f469", "a\u00a0b"],
)  # fmt: skip
def test_a_value_comes_back_as_it_was(value: str) -> None:
    (block,) = read_config(render_sections(section_of("key", value))["pjsip.conf"])
    assert block.options == [("key", value)]
    steps = read_dialplan(render_revision(plan_of(Step("Set", value))))["c"]["s"]
    assert steps == [("Set", value)]


@pytest.mark.parametrize("sign", ["\n", "\r", "\x00", "\x1b", "\x85", "\u2028", "\u2029"])
def test_a_value_with_a_line_break_is_refused(sign: str) -> None:
    for render in (
        lambda: render_sections(section_of("key", f"a{sign}b")),
        lambda: render_sections(section_of("key", "x", name=f"a{sign}b")),
        lambda: render_revision(plan_of(Step("Set", f"a{sign}b"))),
    ):
        with pytest.raises(ValueError, match="control character"):
            render()


@pytest.mark.parametrize("name", ["a;b", "a]", "[a", "a,1", "a(b", "a)"])
def test_a_name_that_would_end_its_place_is_refused(name: str) -> None:
    for plan in (
        plan_of(Step(name)),
        plan_of(Step("Set"), match=name),
        plan_of(Step("Set"), context=name),
        plan_of(Step("Set", label=name)),
    ):
        with pytest.raises(ValueError, match="not a name"):
            render_revision(plan)
    with pytest.raises(ValueError, match="not a name"):
        render_sections(section_of(name, "x"))


def test_a_refusal_does_not_quote_the_value() -> None:
    with pytest.raises(ValueError, match="control") as refused:
        render_sections(section_of("password", "s3cret\n"))
    assert "s3cret" not in str(refused.value)
