"""The rules of direction, and the purity of the pure middle."""

import ast
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

import hookswitch

SOURCE = Path(hookswitch.__file__).parent
ROOT = SOURCE.parent.parent
CONTRACTS = ROOT / "pyproject.toml"
PURE = (
    "model",
    "calls",
    "events",
    "outbox",
    "flow",
    "asterisk/configuration/render.py",
    "journal/parse.py",
)
CLOCKS = {"now", "utcnow", "today", "time", "time_ns", "monotonic", "perf_counter"}
CHANCE = {"random", "randint", "choice", "urandom", "uuid4", "uuid1", "token_hex", "token_bytes"}


def test_every_contract_is_kept() -> None:
    assert lint_imports(config_filename=str(CONTRACTS), no_cache=True) == EXIT_STATUS_SUCCESS


def test_there_are_contracts_for_every_stage() -> None:
    text = CONTRACTS.read_text("utf-8")
    for stage in ("journal", "calls", "events", "outbox", "delivery", "flow", "model"):
        assert f'"hookswitch.{stage}"' in text


@pytest.mark.parametrize(
    ("source", "forbidden"),
    [("hookswitch.app", "hookswitch.calls"), ("hookswitch.calls", "hookswitch.model")],
)
def test_a_contract_that_is_broken_is_told(tmp_path: Path, source: str, forbidden: str) -> None:
    """So that a typo in the contracts could not make them pass for nothing."""
    config = tmp_path / "contracts.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "hookswitch"\n'
        '[[tool.importlinter.contracts]]\nname = "x"\ntype = "forbidden"\n'
        f'source_modules = ["{source}"]\nforbidden_modules = ["{forbidden}"]\n'
    )
    assert lint_imports(config_filename=str(config), no_cache=True) == EXIT_STATUS_ERROR


def pure_files() -> list[Path]:
    places = [SOURCE / place for place in PURE]
    return sorted(
        file for place in places for file in ([place] if place.is_file() else place.rglob("*.py"))
    )


@pytest.mark.parametrize("path", pure_files(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_pure_file_asks_no_clock_no_chance_and_opens_nothing(path: Path) -> None:
    called = set(calls(ast.parse(path.read_text("utf-8"))))
    assert not called & {"open", "print", "input", "exec", "eval"} - {"re.compile"}
    assert not {name for name in called if name.rpartition(".")[2] in CLOCKS | CHANCE}


def calls(tree: ast.AST) -> list[str]:
    """Dotted names of what is called, as written."""
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_the_search_for_clocks_finds_one() -> None:
    assert calls(ast.parse("from datetime import datetime\ndatetime.now()")) == ["datetime.now"]
    assert "now" in CLOCKS


def test_every_module_says_what_it_is() -> None:
    silent = [
        path
        for path in SOURCE.rglob("*.py")
        if not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []
