"""The rows of docs/errors.md, and whether a command did what its row says."""

import re
from pathlib import Path

from msgspec import Struct

from kit.command import Ended

PAGE = Path(__file__).parents[2] / "docs/errors.md"
VALUES = re.compile(r"\b(DIR|FILE|NAME|NUMBERS?|PORT|URL|VERSION|WHERE|WHY)\b")


class Row(Struct, frozen=True):
    """A row as the page has it; `line` is empty where the page says none."""

    id: str
    line: str
    code: int | None

    @property
    def pattern(self) -> re.Pattern[str]:
        parts = VALUES.split(self.line)
        return re.compile("".join(".+" if n % 2 else re.escape(p) for n, p in enumerate(parts)))


def rows() -> dict[str, Row]:
    found = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 5 and re.fullmatch(r"[a-z]+(-[a-z]+)+", cells[0]):
            code = None if cells[3] == "none" else int(cells[3])
            shown = "" if cells[2] == "none" else cells[2].strip("`")
            found[cells[0]] = Row(cells[0], shown, code)
    return found


def as_the_page_says(row: str, ended: Ended) -> None:
    """One line as the row has it, its exit code, and no traceback."""
    wanted = rows()[row]
    lines = [line.strip() for line in ended.err.splitlines()]
    said = [line for line in lines if wanted.pattern.fullmatch(line)]
    assert len(said) == 1, (wanted.pattern.pattern, ended.err)
    assert ended.code == wanted.code
    assert "Traceback" not in ended.err
    assert "Unclosed" not in ended.err
