"""Each kind of object has its folder in the console, and the console knows no other."""

import re
from pathlib import Path

from hookswitch.flow.nodes import KINDS

ROOT = Path(__file__).parents[2]
FOLDERS = ROOT / "console/src/nodes"


def test_server_and_console_have_the_same_kinds() -> None:
    drawn = {file.parent.name for file in FOLDERS.glob("*/index.ts")}
    assert drawn == set(KINDS), "a kind is one folder in flow/nodes and one in console/src/nodes"


def test_a_form_speaks_of_settings_that_are_there() -> None:
    """A hint for a setting that was renamed would be lost in silence."""
    for kind in KINDS.values():
        text = (FOLDERS / kind.name / "index.ts").read_text("utf-8")
        _, _, hints = text.partition("  hints: {\n")
        named = set(re.findall(r"^    (\w+): \{", hints, re.MULTILINE))
        assert named <= set(kind.schema.model_fields), kind.name
