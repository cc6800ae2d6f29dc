"""Recorded calls that move, their records in any order that the engine's threads may give them.

Oracle: the order in which they were written.
"""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from hookswitch.model.journal import JournalLine
from kit.line import run, run_in_batches, split, wire
from kit.recorded import NAMES, recorded

FEW = settings(max_examples=60, deadline=None)
CLOSE_MS = 1
"""Records that near to each other may swap, but for those of one channel."""

names = st.sampled_from(NAMES)
borders = st.lists(st.integers(0, 80), max_size=8)


@st.composite
def swapped(draw: st.DrawFn, name: str) -> Sequence[JournalLine]:
    lines = list(recorded(name))
    for place in draw(st.lists(st.integers(0, len(lines) - 2), max_size=30)):
        first, second = lines[place : place + 2]
        near = abs(second.at - first.at) <= CLOSE_MS
        opened = "CHAN_START" in {first.event, second.event}
        if near and not opened and first.uniqueid != second.uniqueid:
            lines[place : place + 2] = second, first
    return lines


@FEW
@given(st.data(), names)
def test_records_of_other_channels_may_swap(data: st.DataObject, name: str) -> None:
    seen = data.draw(swapped(name))
    assert sorted(event.id for event in run(seen)) == sorted(e.id for e in run(recorded(name)))


@FEW
@given(st.data(), names, borders)
def test_a_restart_anywhere_changes_nothing(
    data: st.DataObject, name: str, cuts: list[int]
) -> None:
    seen = data.draw(swapped(name))
    assert wire(run_in_batches(split(seen, cuts))) == wire(run(seen))
