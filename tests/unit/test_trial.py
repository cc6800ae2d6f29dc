"""What a throwaway engine is given to try; `test_engine_throwaway.py` has the engine itself."""

from pathlib import Path

import pytest

from hookswitch.app.configuration.rendering import Rendered, render
from hookswitch.app.configuration.trial import ACCOUNTS, MANY, trials
from hookswitch.asterisk.configuration.render import sections_of, text_of
from hookswitch.config.check import parse
from hookswitch.config.document import Document

PROMPTS = Path("prompts")
NOTHING: dict[str, str | None] = {}


def document(users: int, renamed: int = -1) -> Document:
    return parse(
        {
            "hookswitch": 1,
            "users": [
                {
                    "name": f"User {n}{' anew' if n == renamed else ''}",
                    "extension": str(1000 + n),
                    "devices": [{"username": f"u{n}", "password": f"password-{n}"}],
                }
                for n in range(users)
            ],
        }
    )


@pytest.fixture
def rendered() -> Rendered:
    return render(document(3), 1, PROMPTS)


def test_sections_are_read_as_they_were_written(rendered: Rendered) -> None:
    for name in ACCOUNTS:
        assert text_of(sections_of(rendered.files[name])) == rendered.files[name]
    assert len(sections_of(rendered.files[ACCOUNTS[0]])) == 3


def test_the_first_time_all_is_tried_at_once(rendered: Rendered) -> None:
    (only,) = trials(rendered.files, NOTHING)
    assert only.files == rendered.files
    assert only.endpoints == ["u2"]


def test_of_accounts_only_those_that_are_not_in_force(rendered: Rendered) -> None:
    after = render(document(3, renamed=1), 2, PROMPTS)
    (only,) = trials(after.files, rendered.files)
    assert only.endpoints == ["u1"]
    assert '"User 1 anew"' in only.files["pjsip_endpoint_plan.conf"]
    assert sections_of(only.files["pjsip_auth_plan.conf"]) == []
    others = after.files.keys() - set(ACCOUNTS)
    assert {name: only.files[name] for name in others} == {n: after.files[n] for n in others}


def test_two_engines_try_many() -> None:
    files = {name: text_of(f"[u{n}]\ntype = x\n" for n in range(MANY)) for name in ACCOUNTS}
    files["entry.conf"] = "the rest"
    one, other = trials(files, NOTHING)
    assert "entry.conf" in one.files
    assert "entry.conf" not in other.files
    for name in ACCOUNTS:
        tried = [*sections_of(one.files[name]), *sections_of(other.files[name])]
        assert sorted(tried) == sorted(sections_of(files[name]))
    assert other.endpoints == [f"u{MANY - 1}"]
