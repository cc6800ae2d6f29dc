"""What is deleted of the journal was committed, whatever the settings."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from hookswitch.app.settings import Settings
from hookswitch.journal.tail import JournalTail
from hookswitch.model.journal import Cursor


def generations(path: Path) -> list[str]:
    return sorted(found.name.removeprefix(f"{path.name}.") for found in path.parent.iterdir())


@pytest.mark.parametrize("keep", [0, 1, 2])
def test_a_file_is_deleted_only_behind_the_commit(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "journal.csv"
    for number in range(5):
        path.with_name(f"journal.csv.{number}").write_text("")
    path.write_text("")
    tail = JournalTail(path, Cursor(0, 0), rotate_at=1, keep=keep)
    tail.advance(Cursor(2, 0))
    left = [str(number) for number in range(2 - keep, 5)]
    assert generations(path) == sorted([*left, "journal.csv"])
    tail.advance(Cursor(2, 1_000_000))
    assert generations(path) == sorted([*left, "journal.csv"]), "what follows was not read yet"


@pytest.mark.parametrize("setting", [{"journal_rotate_mb": 0}, {"journal_keep_files": -1}])
def test_settings_that_would_lose_records_are_refused(setting: dict[str, int]) -> None:
    with pytest.raises(ValidationError):
        Settings(**setting)
