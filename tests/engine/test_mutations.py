"""A compiler that is wrong in one rule turns a row of the table red: each rule, one at a time.

All of them are in one revision on one engine: each changes only what was compiled for a copy of
the row that must see it. Unchanged copies of the same rows stay green.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from msgspec.structs import replace
from support.compare import differences
from support.mutants import MUTANTS, Mutant, mutated
from support.player import Outcome, apply_rows, play_all
from support.serving import serving
from support.site import Place, place
from support.table import load_rows

from hookswitch.app.configuration import apply
from hookswitch.asterisk.engine import Engine
from hookswitch.flow.compile import compile_plan
from hookswitch.model.plan import Plan

FIRST = 400
"""The first index of the copies; those of the table itself are smaller."""
ROWS = {row.row: row for row in load_rows()}


def _copy(row: str, name: str, index: int) -> Place:
    return place(replace(ROWS[row], row=f"{row} {name}", index=index, calls=1))


@pytest.fixture(scope="module")
def copies() -> Sequence[tuple[Mutant, Place]]:
    return [(m, _copy(m.row, m.name, FIRST + n)) for n, m in enumerate(MUTANTS)]


@pytest.fixture(scope="module")
def controls() -> Sequence[Place]:
    rows = sorted({mutant.row for mutant in MUTANTS})
    return [_copy(row, "as it is", FIRST + len(MUTANTS) + n) for n, row in enumerate(rows)]


@pytest.fixture(scope="module")
async def outcomes(
    engine: Engine,
    copies: Sequence[tuple[Mutant, Place]],
    controls: Sequence[Place],
    tmp_path_factory: pytest.TempPathFactory,
) -> Mapping[str, Outcome]:
    assert engine.version

    def wrongly(*args: Any) -> Plan:
        return mutated(compile_plan(*args), copies)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apply, "compile_plan", wrongly)
        async with serving(tmp_path_factory.mktemp("mutants")) as at:
            places = [*controls, *(each for _, each in copies)]
            await apply_rows(at, places)
            return await play_all(at, places, at_once=math.ceil(len(places) / 2))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mutant", MUTANTS, ids=[mutant.name for mutant in MUTANTS])
def test_a_row_sees_the_wrong_rule(mutant: Mutant, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[f"{mutant.row} {mutant.name}"])


@pytest.mark.timeout(300)
@pytest.mark.parametrize("row", sorted({mutant.row for mutant in MUTANTS}))
def test_the_same_rows_are_green_as_they_are(row: str, outcomes: Mapping[str, Outcome]) -> None:
    assert differences(outcomes[f"{row} as it is"]) == []
