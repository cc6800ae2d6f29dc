"""Each row of docs/errors.md has a test of its name."""

import re
from pathlib import Path

from errors_page import rows

TESTS = "".join(path.read_text() for path in Path(__file__).parent.glob("test_errors_*.py"))


def test_every_row_is_tested_and_every_test_has_its_row() -> None:
    named = set(re.findall(r"^(?:async )?def test_([a-z_]+)__", TESTS, re.MULTILINE))
    assert {name.replace("_", "-") for name in named} == set(rows())


def test_every_row_says_what_to_do() -> None:
    for row in rows().values():
        assert not row.line or len(row.line) > 5, row
