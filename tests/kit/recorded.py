"""Journals that the real engine wrote, one call or a few that belong together in each."""

from collections.abc import Sequence
from pathlib import Path

from hookswitch.model.journal import JournalLine
from kit.journal import lines

JOURNALS = Path(__file__).parents[1] / "unit" / "golden" / "journals"
NAMES = sorted(path.stem for path in JOURNALS.glob("*.csv"))


def recorded(name: str) -> Sequence[JournalLine]:
    return lines((JOURNALS / f"{name}.csv").read_bytes())
