"""Which messages of the mailboxes a caller left, as the engine writes it beside the audio."""

from pathlib import Path

import pytest

from hookswitch.app.line.mailbox import Message, _left_by

NUMBER = "61400000012"


@pytest.mark.parametrize(
    "caller",
    [NUMBER, f"+{NUMBER}", f'"Jane Citizen" <{NUMBER}>', f'"<1> Jane" <+{NUMBER}>'],
)
def test_it_is_found_in_every_box_and_folder(tmp_path: Path, caller: str) -> None:
    put(tmp_path / "1001" / "Old", caller)
    assert _left_by(tmp_path, NUMBER) == [Message("1001", "Old", "1-000001")]


@pytest.mark.parametrize(
    "caller", ["Unknown", "", f"1{NUMBER}", f'"{NUMBER}" <61400000099>', f'"<{NUMBER}>" <5>']
)
def test_others_stay(tmp_path: Path, caller: str) -> None:
    put(tmp_path / "1001" / "INBOX", caller)
    assert _left_by(tmp_path, NUMBER) == []


def put(folder: Path, caller: str) -> None:
    folder.mkdir(parents=True)
    (folder / "msg0000.txt").write_text(
        f"[message]\norigmailbox=1001\ncallerid={caller}\nmsg_id=1-000001\n"
    )
