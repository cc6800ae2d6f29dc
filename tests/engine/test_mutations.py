"""A compiler that is wrong in one rule turns a row of the table red: each rule, one at a time.

All of them are in one revision on one engine: each row has a compiler of its own, wrong in its own
way. Unchanged copies of the same rows stay green.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from support.compare import differences
from support.joined import joined, own
from support.mutants import MUTANTS, SLOW, Mutant, mutated, slowed
from support.player import PATIENCE, Outcome, apply_rows, play_all
from support.serving import Serving, serving
from support.site import Place, document, place
from support.table import load_rows

from hookswitch.app.configuration import rendering
from hookswitch.asterisk.engine import Engine
from hookswitch.config.check import parse_text
from hookswitch.config.site import site_of
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

FIRST = 400
"""The first index of the copies; those of the table itself are smaller."""
AS_IT_IS = "as it is"
ROWS = {row.row: row for row in load_rows()}
RED_WITHIN = 12.0
"""How long a row is waited for that shall fail; a right one gets its usual time."""
Copies = Sequence[tuple[Place, Callable[[Plan], Plan]]]


def _copy(row: str, name: str, index: int) -> Place:
    return place(replace(ROWS[row], row=f"{row} {name}", index=index, calls=1))


def copies() -> Copies:
    """Each mutant's row, then those rows as they are."""
    wrong = [
        (_copy(m.row, m.name, FIRST + n), lambda plan, m=m: mutated(plan, m))
        for n, m in enumerate(MUTANTS)
    ]
    rows = sorted({mutant.row for mutant in MUTANTS})
    right = [
        (_copy(row, AS_IT_IS, FIRST + len(wrong) + n), lambda plan: plan)
        for n, row in enumerate(rows)
    ]
    return [*wrong, *right]


def compiled(at: Serving, one: Place, prompts: str, revision: int) -> Plan:
    """The row by itself."""
    alone = parse_text(document(at, [one]))
    plan = compile_plan(alone.flows, site_of(alone, None, prompts), revision)
    return slowed(plan) if one.row.row.split()[0] in SLOW else plan


async def play(at: Serving, copies: Copies) -> Mapping[str, Outcome]:
    """Play them all, each as its compiler made it."""

    def wrongly(_flows: Any, site: Any, revision: int) -> Plan:
        plans = [
            own(change(compiled(at, one, site.prompt_dir, revision)), one.prefix)
            for one, change in copies
        ]
        return joined(plans)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "compile_plan", wrongly)
        places = [one for one, _ in copies]
        await apply_rows(at, places)
        half = math.ceil(len(places) / 2)
        return await play_all(at, places, half, _patience)


def _patience(one: Place) -> float:
    return PATIENCE if one.row.row.endswith(AS_IT_IS) else RED_WITHIN


@pytest.fixture(scope="module")
async def outcomes(
    engine: Engine, tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, Outcome]:
    assert engine.version
    async with serving(tmp_path_factory.mktemp("mutants")) as at:
        return await play(at, copies())


@pytest.mark.timeout(900)
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_row_sees_the_wrong_rule(mutant: Mutant, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[f"{mutant.row} {mutant.name}"])


@pytest.mark.timeout(900)
@pytest.mark.parametrize("row", sorted({mutant.row for mutant in MUTANTS}))
def test_the_same_rows_are_green_as_they_are(row: str, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[f"{row} {AS_IT_IS}"]) == []
