"""The rules of the compiler are missed: without one of them a row of the table is red.

A rule is a place in src/hookswitch/flow that makes a part of a plan (see support/rules.py), and
rules.yaml says which row notices its loss, or that none does yet. Each is lost here once, in a copy
of that row with a compiler of its own; copies of the same rows with a right one stay green.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from support.compare import differences
from support.copies import Copy, copy_of, play_alone, play_copies
from support.noticing import load
from support.player import Outcome
from support.rules import made, rules, watched, without
from support.serving import serving
from support.table import load_rows

from hookswitch.asterisk.engine import Engine
from hookswitch.config.check import parse_text
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from kit.every_setting import everything

pytestmark = pytest.mark.timeout(900)
"""All are played for the first test that asks."""

NOTICING = load()
ROWS = {row.row: row for row in load_rows()}
RIGHT = "as it is"
ENGINES = 3
"""For what is alone, side by side."""
TOGETHER = [(rule, row) for row, some in NOTICING.rows.items() for rule in some]
ALONE = [(rule, row) for row, some in NOTICING.alone.items() for rule in some]
REPAIR = "run: .venv/bin/python tests/engine/sweep.py"


def test_what_notices_each_rule_is_known() -> None:
    document = parse_text(json.dumps(everything()))
    with watched():
        plan = compile_plan(document.flows, site_of(document, None, "/prompts"), 1)
    there = {*rules(), *made(plan)}
    known = Counter(NOTICING.known())
    assert sorted(there - known.keys()) == [], f"new rules of the compiler: {REPAIR}"
    assert sorted(known.keys() - there) == [], f"these are gone or were changed: {REPAIR}"
    assert [rule for rule, times in known.items() if times > 1] == []


def _without(rule: str, row: str, n: int) -> Copy:
    return copy_of(ROWS[row], f"{n}", n, lambda plan: without(plan, rule))


def _right(n: int) -> Sequence[Copy]:
    rows = sorted({row for _, row in (*TOGETHER, *ALONE)})
    return [copy_of(ROWS[row], RIGHT, n + place) for place, row in enumerate(rows)]


@pytest.fixture(scope="module")
async def outcomes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Outcome]:
    """Of each rule's loss by the rule, of right copies by their names."""
    assert engine.version
    with watched():
        together, alone = await asyncio.gather(
            _together(tmp_path_factory), _alone(tmp_path_factory)
        )
    return {**together, **alone}


async def _together(made_by: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    right = _right(len(TOGETHER))
    wrong = [_without(rule, row, n) for n, (rule, row) in enumerate(TOGETHER)]
    async with serving(made_by.mktemp("rules")) as at:
        # what all share is as the first one has it
        outcomes = await play_copies(at, [*right, *wrong])
    named = {copy.name: rule for copy, (rule, _) in zip(wrong, TOGETHER, strict=True)}
    return {named.get(name, name): outcome for name, outcome in outcomes.items()}


async def _alone(made_by: pytest.TempPathFactory) -> Mapping[str, Outcome]:
    """One after another on each of a few engines."""

    async def some(nth: int) -> list[tuple[str, Outcome]]:
        mine = list(enumerate(ALONE))[nth::ENGINES]
        async with serving(made_by.mktemp("alone")) as at:
            return [(rule, await play_alone(at, _without(rule, row, n))) for n, (rule, row) in mine]

    engines = range(min(ENGINES, len(ALONE)))
    return dict(pair for found in await asyncio.gather(*map(some, engines)) for pair in found)


@pytest.mark.parametrize("rule", [rule for rule, _ in (*TOGETHER, *ALONE)])
def test_its_row_misses_it(rule: str, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[rule])


@pytest.mark.parametrize("row", sorted({row for _, row in (*TOGETHER, *ALONE)}))
def test_the_same_rows_are_green_with_all_rules(row: str, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[f"{row} {RIGHT}"]) == []
