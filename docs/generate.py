"""Writes the pages of docs/reference from the program itself: `make reference`.

With --check it writes nothing, names the pages that differ, and exits with 1.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from pages import commands, document, events, routes, settings

REFERENCE = Path(__file__).parent / "reference"
MARK = "<!-- written by `make reference` from the program: do not edit -->\n\n"


def pages() -> Iterator[tuple[Path, str]]:
    """Every page with its text."""
    for name, page in {
        "commands.md": commands.page,
        "document.md": document.page,
        "settings.md": settings.page,
        "events.md": events.page,
        "routes.md": routes.page,
    }.items():
        yield REFERENCE / name, MARK + page().rstrip() + "\n"


def main() -> int:
    """Write what differs, or only tell of it."""
    stale = [
        (file, text) for file, text in pages() if not file.exists() or file.read_text() != text
    ]
    for file, text in stale:
        print(file.relative_to(REFERENCE.parent.parent))
        if "--check" not in sys.argv:
            file.write_text(text, "utf-8")
    return int(bool(stale) and "--check" in sys.argv)


if __name__ == "__main__":
    sys.exit(main())
