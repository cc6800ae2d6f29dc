"""What README and docs show is there: commands, options, the example document, links, settings."""

import re
from pathlib import Path

import click
import pytest

from hookswitch.app.cli import main
from hookswitch.app.settings import Settings
from kit.command import run_here

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(hookswitch [a-z][^`]*)`")
LINK = re.compile(r"\[[^\]]*\]\((?!https?:)([^)#]+)")


def _commands() -> list[str]:
    found: set[str] = set()
    for page in PAGES:
        text = page.read_text()
        found.update(INLINE.findall(text))
        for language, body in BLOCK.findall(text):
            if language == "sh":
                found.update(line for line in body.splitlines() if line.startswith("hookswitch "))
    return sorted(found)


@pytest.mark.parametrize("line", _commands())
def test_every_command_shown_exists_with_its_options(line: str) -> None:
    command: click.Command = main
    context = click.Context(main)
    words = line.split()[1:]
    while words and words[0][0] != "-" and isinstance(command, click.Group):
        found = command.get_command(context, words.pop(0))
        assert found is not None, line
        command = found
    options = {name for parameter in command.params for name in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= options | {"--help"}


def _documents() -> list[tuple[str, str]]:
    """Every whole document that a page shows."""
    return [
        (page.name, body)
        for page in PAGES
        for language, body in BLOCK.findall(page.read_text())
        if language == "yaml" and body.startswith("hookswitch:")
    ]


@pytest.mark.parametrize(("page", "text"), _documents())
def test_a_document_shown_passes_check(page: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "office.yaml"
    file.write_text(text)
    done = run_here("check", file, "--data-dir", tmp_path)
    assert done.code == 0, f"{page}: {done.out}{done.err}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in LINK.findall(page.read_text()):
        assert (page.parent / target).exists(), target


def test_every_setting_is_in_the_reference() -> None:
    reference = (ROOT / "docs/configuration.md").read_text()
    for name in Settings.model_fields:
        assert f"`{name}`" in reference, name


def test_no_page_or_source_names_a_machine_path() -> None:
    files = [*PAGES, *(ROOT / "src").rglob("*.py"), ROOT / "Makefile", ROOT / "pyproject.toml"]
    for file in files:
        assert not re.search(r"/(root|work|home)/", file.read_text()), file
