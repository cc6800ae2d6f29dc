"""Patterns that stand for many extensions; oracle: how the engine compares, as routes use it."""

import random

import pytest

from hookswitch.flow.exact import exact
from hookswitch.flow.outside import fits


@pytest.mark.parametrize(
    ("numbers", "patterns"),
    [
        ([], ()),
        (["1001"], ("1001",)),
        (["1001", "1002", "1003"], ("100[123]",)),
        (["10", "100", "101"], ("10", "10[01]")),
        ([f"{n}" for n in range(100_000, 110_000)], ("10XXXX",)),
    ],
)
def test_rows_of_numbers_are_few_patterns(numbers: list[str], patterns: tuple[str, ...]) -> None:
    assert exact(numbers) == patterns


def test_they_fit_these_numbers_and_no_other() -> None:
    chance = random.Random(7)
    everything = [f"{n}" for n in range(10, 3000)]
    for share in (0.01, 0.5, 0.97):
        numbers = {number for number in everything if chance.random() < share}
        patterns = exact(numbers)
        assert len(set(patterns)) == len(patterns) <= len(numbers)
        fitting = {n for n in everything if any(fits(p, n) for p in patterns)}
        assert fitting == numbers
